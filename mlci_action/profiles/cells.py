"""What does each cell of a column hold: a number, a text, a moment, or nothing?

The answer does not depend on how a file stores a column: text that reads as a number is one, so
that a CSV, a table of text and a typed Parquet file of the same rows are summed up alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int32]

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?\s*$"
_NO_TEXT = -1
_DAY = 86_400.0
_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
_FIRST_CELLS = 32
_EXACT = 2**53  # whole numbers from here on are not all doubles


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Cells:
    """One column of one chunk of `rows` rows, of which `missing` cells hold nothing.

    `numbers` (rows,) is NaN where a cell is no number, and None when no cell is one. `codes`
    (rows,) is the place of a cell's text in `words`, -1 where it is none, and None when there is no
    text. `times` (rows,) are days since 1970, NaN elsewhere, or None. `opaque` marks words that
    stand for lists, bytes and the like: good for telling rows apart, and for nothing else.
    `exact` are whole numbers that no double can hold, to tell rows apart by.
    """

    name: str
    dtype: str
    rows: int
    missing: int
    numbers: Numbers | None = None
    codes: Codes | None = None
    words: list[str] = field(default_factory=list)
    times: Numbers | None = None
    opaque: bool = False
    exact: NDArray[np.int64] | None = None


def cells_of(name: str, column: pa.Array) -> Cells:  # noqa: PLR0911 - one answer per kind
    """The cells of one column of a record batch."""
    kind = column.type
    if pa.types.is_dictionary(kind) and not _is_text(kind.value_type):
        column = column.dictionary_decode()
        kind = column.type
    rows, missing = len(column), column.null_count
    if missing == rows:
        return Cells(name=name, dtype=str(kind), rows=rows, missing=rows)
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return _numbers(name, column)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return Cells(name=name, dtype=str(kind), rows=rows, missing=missing, times=_days(column))
    if pa.types.is_duration(kind):
        return _numbers(name, pc.cast(column, pa.int64()), dtype=str(kind))
    if pa.types.is_boolean(kind):
        codes = pc.fill_null(pc.cast(column, pa.int8()), _NO_TEXT).to_numpy(zero_copy_only=False)
        return Cells(
            name=name, dtype="bool", rows=rows, missing=missing,
            codes=codes.astype(np.int32), words=["False", "True"],
        )  # fmt: skip
    if _is_text(kind) or pa.types.is_dictionary(kind):
        return _texts(name, column)
    return _opaque(name, column)


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _numbers(name: str, column: pa.Array, dtype: str = "") -> Cells:
    exact = None
    if pa.types.is_integer(column.type):
        exact = _beyond_doubles(column)
    values = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    # Infinity is no measurement: it counts as text, as a reader of the file would see a word.
    finite = np.isfinite(values)
    n_finite = int(np.count_nonzero(finite))
    infinite = np.isinf(values) if n_finite < len(values) else None
    codes, words = None, []
    if infinite is not None and infinite.any():
        codes = np.where(infinite, np.where(values > 0, 0, 1), _NO_TEXT).astype(np.int32)
        words = ["inf", "-inf"]
        values = np.where(infinite, np.nan, values)
    n_infinite = 0 if codes is None else int(np.count_nonzero(codes != _NO_TEXT))
    return Cells(
        name=name,
        dtype=dtype or str(column.type),
        rows=len(column),
        missing=len(column) - n_finite - n_infinite,
        numbers=values if n_finite else None,
        codes=codes,
        words=words,
        exact=exact,
    )


def _beyond_doubles(column: pa.Array) -> NDArray[np.int64] | None:
    ends = pc.min_max(column).as_py()
    if ends["min"] is None or max(abs(ends["min"]), abs(ends["max"])) < _EXACT:
        return None
    whole = pc.fill_null(pc.cast(column, pa.int64(), safe=False), 0)
    found: NDArray[np.int64] = whole.to_numpy(zero_copy_only=False)
    return found


def _days(column: pa.Array) -> Numbers:
    kind = column.type
    if pa.types.is_date(kind):
        column = pc.cast(column, pa.timestamp("s"))
        kind = column.type
    counts = pc.cast(column.cast(pa.timestamp(kind.unit)), pa.int64())
    values: Numbers = pc.cast(counts, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return values / (_PER_SECOND[kind.unit] * _DAY)


def _texts(name: str, column: pa.Array) -> Cells:
    if pa.types.is_string_view(column.type):
        column = pc.cast(column, pa.large_string())
    rows, missing = len(column), column.null_count
    dtype = "category" if pa.types.is_dictionary(column.type) else "text"
    if not pa.types.is_dictionary(column.type):
        plain = _all_numbers(column)
        if plain is not None:
            return Cells(name=name, dtype=dtype, rows=rows, missing=missing, numbers=plain)
        column = column.dictionary_encode()
    codes = pc.fill_null(column.indices, _NO_TEXT).to_numpy(zero_copy_only=False)
    return _told_apart(name, dtype, codes.astype(np.int32), column.dictionary, missing)


def _all_numbers(column: pa.Array) -> Numbers | None:
    """The column as numbers, when nothing in it is anything else."""
    try:
        # A look at the first cells: parsing a whole column of words in vain is slow.
        pc.cast(column.drop_null().slice(0, _FIRST_CELLS), pa.float64())
        values = pc.cast(column, pa.float64())
    except pa.ArrowInvalid:
        return None
    numbers: Numbers = values.to_numpy(zero_copy_only=False)
    # "nan" and "inf" are words to a reader of the file, and numbers to the parser.
    as_read = int(np.count_nonzero(np.isfinite(numbers)))
    return numbers if as_read == len(column) - column.null_count else None


def _told_apart(name: str, dtype: str, codes: Codes, dictionary: pa.Array, missing: int) -> Cells:
    """Text that reads as a number becomes one; the rest keeps its code."""
    reads = pc.fill_null(pc.match_substring_regex(dictionary, _NUMBER), fill_value=False)
    numeric = reads.to_numpy(zero_copy_only=False)
    rows = len(codes)
    words = dictionary.to_pylist()
    numbers = None
    if numeric.any():
        texts = pc.utf8_trim_whitespace(dictionary.filter(reads))
        of_word = np.full(len(words) + 1, np.nan)  # the last is the place of "no text"
        of_word[:-1][numeric] = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
        of_word[~np.isfinite(of_word)] = np.nan
        numeric = np.isfinite(of_word[:-1])
        numbers = of_word[codes]
        codes = np.where(np.append(numeric, False)[codes], _NO_TEXT, codes).astype(np.int32)
    kept = None if numeric.all() else codes
    return Cells(
        name=name,
        dtype=dtype,
        rows=rows,
        missing=missing,
        numbers=numbers if numeric.any() else None,
        codes=kept,
        words=words if kept is not None else [],
    )


def _opaque(name: str, column: pa.Array) -> Cells:
    texts: list[Any] = [None if cell is None else repr(cell) for cell in column.to_pylist()]
    encoded = pa.array(texts, pa.large_string()).dictionary_encode()
    codes = pc.fill_null(encoded.indices, _NO_TEXT).to_numpy(zero_copy_only=False)
    return Cells(
        name=name,
        dtype=str(column.type),
        rows=len(column),
        missing=column.null_count,
        codes=codes.astype(np.int32),
        words=encoded.dictionary.to_pylist(),
        opaque=True,
    )
