"""What forms do texts have? Shapes, dates and broken encodings, over many words at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mlci_action.domain.shapes import MAX_SHAPE

Whole: TypeAlias = NDArray[np.int64]

NO_FAMILY = -1
FAMILIES = ("iso", "slash", "dot", "dash", "named")
_NUMERIC_DATES = (
    re.compile(r"\s*9{4}[-/.]99?[-/.]99?([A ].*)?\s*"),
    re.compile(r"\s*99?/99?/(99|9999)( .*)?\s*"),
    re.compile(r"\s*99?\.99?\.(99|9999)( .*)?\s*"),
    re.compile(r"\s*99?-99?-9999( .*)?\s*"),
)
_MAYBE_NAMED = re.compile(r"\s*(99?[ .-]+[aA]{3,9}[ .,-]+9{4}|[aA]{3,9}[ .]+99?,? +9{4})( .*)?\s*")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_THREE = r"^\s*(?P<a>\d{1,4})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{1,4})"
_DAY_MONTH_YEAR = r"^\s*(?P<d>\d{1,2})[ .-]+(?P<b>[A-Za-z]{3,9})[ .,-]+(?P<y>\d{4})"
_MONTH_DAY_YEAR = r"^\s*(?P<b>[A-Za-z]{3,9})[ .]+(?P<d>\d{1,2}),? +(?P<y>\d{4})"
_CENTURY_TURNS = 69  # as POSIX reads two-digit years

_UPPER, _LOWER, _DIGIT = b"A", b"a", b"9"
_BYTES = np.arange(256, dtype=np.uint8)
_BYTES[ord("a") : ord("z") + 1] = ord(_LOWER)
_BYTES[ord("A") : ord("Z") + 1] = ord(_UPPER)
_BYTES[ord("0") : ord("9") + 1] = ord(_DIGIT)
_BYTES[0x80:] = ord(_LOWER)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Shapes:
    """The different `shapes` of some words, and which (n,) of them each word has."""

    shapes: list[str]
    codes: NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Dates:
    """Which words are dates: `family` (n,) is a place in FAMILIES or -1.

    `days` (n,) are days since 1970, NaN where a word names no day though it has a date's form; of
    d/m/y and m/d/y the first that names one.
    """

    family: NDArray[np.int8]
    days: NDArray[np.float64]


def shapes_of(words: Sequence[str]) -> Shapes:
    """The shapes of `words`, as `domain.shapes.shape_of` makes them, byte by byte."""
    text = pa.array(words, pa.large_string())
    offsets = np.frombuffer(text.buffers()[1], dtype=np.int64)[: len(words) + 1]
    content = text.buffers()[2]
    raw = np.frombuffer(content, dtype=np.uint8)[: offsets[-1]] if content else _BYTES[:0]
    shaped = _BYTES[raw]
    # Of a letter beyond ASCII only the first byte counts.
    leads = (raw & 0xC0) != 0x80  # noqa: PLR2004 - how UTF-8 marks the bytes that go on
    if not leads.all():
        shaped = shaped[leads]
        offsets = np.concatenate([[0], np.cumsum(leads)])[offsets]
    buffers = [None, pa.py_buffer(offsets.astype(np.int64)), pa.py_buffer(shaped)]
    array = pa.LargeStringArray.from_buffers(len(words), buffers[1], buffers[2])
    encoded = pc.utf8_slice_codeunits(array, 0, MAX_SHAPE).dictionary_encode()
    return Shapes(
        shapes=encoded.dictionary.to_pylist(),
        codes=encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32),
    )


def dates_of(words: Sequence[str], shapes: Shapes) -> Dates | None:
    """Which of the words are dates; None when none has the form of one."""
    of_shape = np.array([_family(shape) for shape in shapes.shapes], dtype=np.int8)
    if (of_shape == NO_FAMILY).all():
        return None
    family = of_shape[shapes.codes]
    days = np.full(len(words), np.nan)
    places = np.flatnonzero(family != NO_FAMILY)
    named = family[places] == FAMILIES.index("named")
    if named.any():
        these = places[named]
        year, month, day = _named_parts([words[i] for i in these])
        # A word in the place of a month that is none makes no date.
        family[these[month == 0]] = NO_FAMILY
        days[these] = _days(year, month, day)
    if not named.all():
        numeric = places[~named]
        days[numeric] = _days(*_numeric_parts([words[i] for i in numeric]))
    return Dates(family=family, days=days)


def damaged(words: Sequence[str]) -> NDArray[np.bool_]:
    """(n,) whether a word holds U+FFFD, or is UTF-8 that was read as Latin-1 or Windows-1252."""
    return np.fromiter((not word.isascii() and _is_damaged(word) for word in words), dtype=bool)


def _is_damaged(word: str) -> bool:
    if "\ufffd" in word:
        return True
    for encoding in ("cp1252", "latin-1"):
        try:
            return word.encode(encoding).decode("utf-8") != word
        except UnicodeError:
            continue
    return False


def _family(shape: str) -> int:
    for place, pattern in enumerate(_NUMERIC_DATES):
        if pattern.fullmatch(shape):
            return place
    return FAMILIES.index("named") if _MAYBE_NAMED.fullmatch(shape) else NO_FAMILY


def _named_parts(words: Sequence[str]) -> tuple[Whole, Whole, Whole]:
    """Year, month (0: none of that name) and day of dates with a month's name."""
    texts = pa.array(words, pa.large_string())
    found = []
    for pattern in (_DAY_MONTH_YEAR, _MONTH_DAY_YEAR):
        parts = pc.extract_regex(texts, pattern)
        names = pc.utf8_lower(pc.utf8_slice_codeunits(pc.struct_field(parts, "b"), 0, 3))
        months = pc.add(pc.index_in(names, pa.array(_MONTHS, pa.large_string())), 1)
        found.append((_whole(parts, "y"), _filled(months), _whole(parts, "d")))
    (y1, m1, d1), (y2, m2, d2) = found
    first = m1 > 0
    return np.where(first, y1, y2), np.where(first, m1, m2), np.where(first, d1, d2)


def _numeric_parts(words: Sequence[str]) -> tuple[Whole, Whole, Whole]:
    """Year, month and day of dates in digits; day and month in the order that makes a day."""
    parts = pc.extract_regex(pa.array(words, pa.large_string()), _THREE)
    a, b, c = (_whole(parts, name) for name in "abc")
    wide = pc.greater(pc.utf8_length(pc.struct_field(parts, "a")), 2)
    year_first = wide.to_numpy(zero_copy_only=False)
    year = np.where(year_first, a, c)
    year = np.where(year < 100, year + np.where(year < _CENTURY_TURNS, 2000, 1900), year)  # noqa: PLR2004
    month, day = b, np.where(year_first, c, a)
    swapped = ~year_first & np.isnan(_days(year, month, day))
    return year, np.where(swapped, day, month), np.where(swapped, month, day)


def _whole(parts: pa.Array, name: str) -> Whole:
    return _filled(pc.cast(pc.struct_field(parts, name), pa.int64()))


def _filled(numbers: pa.Array) -> Whole:
    found: Whole = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def _days(year: Whole, month: Whole, day: Whole) -> NDArray[np.float64]:
    """Days since 1970, NaN where there is no such day."""
    in_year = (month >= 1) & (month <= 12)  # noqa: PLR2004
    months = (year - 1970) * 12 + np.where(in_year, month, 1) - 1
    start = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    ends = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    exists = in_year & (day >= 1) & (day <= ends - start)
    return np.where(exists, start + day - 1.0, np.nan)
