"""Where may a column be cut, and how is a part of it said as a condition?

A column becomes whole numbers, its codes, of which every range is a condition in the words of
`slices.where`. Numbers and times keep their order; categories are put in the order of a target, of
which the best two groups are then neighbours (Breiman et al. 1984).
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.evaluation.reading.columns import Kind, Values, read_values
from mlci_action.evaluation.reading.repeated_ids import says_id

_Float: TypeAlias = NDArray[np.float64]
_Codes: TypeAlias = NDArray[np.int64]
_Category: TypeAlias = str | bool | None

_MOST_CATEGORIES = 20
_LONGEST_CATEGORY = 60
_MOST_CUTS = 99
_INT64 = 1 << 63


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Splits:
    """A column as (n,) codes; `condition(low, high)` holds for the rows of codes low..high."""

    codes: _Codes
    condition: Callable[[int, int], str]


def splits_of(column: pd.Series[Any], target: _Float) -> Splits | None:
    """The codes of one column, or None when no part of it would mean anything to a reader.

    Left out are ids, free text, columns of many categories, of one value, and of several kinds.
    `target`, (n,), orders the categories.
    """
    name = str(column.name)
    if not name or "`" in name:
        return None
    data = read_values(column)
    spelled = _spelled(name)
    if data.kind is Kind.TEXT or data.kind is Kind.BOOLEANS:
        return _categories(spelled, data, target)
    if data.kind is Kind.TIMES or (data.kind is Kind.NUMBERS and not says_id(name)):
        return _ordered(spelled, data)
    return None


def _spelled(name: str) -> str:
    """The name as a condition writes it."""
    plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
    return name if plain and name != "null" else f"`{name}`"


def _categories(name: str, data: Values, target: _Float) -> Splits | None:
    codes, distinct = pd.factorize(pd.Series(data.array, dtype=object).where(data.present))
    plain = bool if data.kind is Kind.BOOLEANS else str
    texts = [*(plain(value) for value in distinct), None]
    longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
    if not (len(distinct) <= _MOST_CATEGORIES and longest <= _LONGEST_CATEGORY):
        return None
    # The last one is found by the code -1, which stands for a missing value.
    codes = codes.astype(np.int64) % len(texts)
    rows = np.bincount(codes, minlength=len(texts))
    means = np.bincount(codes, target, len(texts)) / np.maximum(rows, 1)
    order = [code for code in np.argsort(means, kind="stable").tolist() if rows[code]]
    if len(order) < 2:  # noqa: PLR2004 - one value cannot be cut
        return None
    place = np.zeros(len(texts), dtype=np.int64)
    place[order] = np.arange(len(order))
    inside = [texts[code] for code in order]

    def condition(low: int, high: int) -> str:
        return _one_of(name, inside[low : high + 1], inside[:low] + inside[high + 1 :])

    return Splits(codes=place[codes], condition=condition)


def _one_of(name: str, among: Sequence[_Category], others: Sequence[_Category]) -> str:
    """The shorter of what the column is and what it is not; None stands for a missing value."""
    values = [value for value in among if value is not None]
    rest = [value for value in others if value is not None]
    if not values:
        return f"{name} is null"
    if not rest:
        return f"{name} is not null"
    if len(values) <= len(rest):
        text = f"{name} == {values[0]!r}" if len(values) == 1 else f"{name} in {values!r}"
    else:
        text = f"{name} != {rest[0]!r}" if len(rest) == 1 else f"{name} not in {rest!r}"
    return _or_null(text, name) if None in among else text


def _or_null(text: str, name: str) -> str:
    return f"({text} or {name} is null)"


def _ordered(name: str, data: Values) -> Splits | None:
    """Codes from 0 up between the cuts, -1 for a missing value."""
    values = np.sort(data.array[data.present])
    starts = values[1:][values[1:] != values[:-1]]
    if not len(starts) or (len(starts) + 1 == len(values) and values.dtype.kind in "iu"):
        return None  # a number for each row is a row's name
    if len(starts) > _MOST_CUTS:
        at = np.arange(1, _MOST_CUTS + 1) * len(values) // (_MOST_CUTS + 1)
        starts = np.unique(values[at][values[at] > values[0]])
    ends = values[np.searchsorted(values, starts) - 1]
    between = _time_between if data.kind is Kind.TIMES else _number_between
    written = [between(end, start) for end, start in zip(ends, starts, strict=True)]
    starts = starts[[text is not None for text in written]]
    cuts = [text for text in written if text is not None]
    if not cuts:
        return None
    codes = np.searchsorted(starts, data.array, side="right").astype(np.int64)

    def condition(low: int, high: int) -> str:
        lower = cuts[low - 1] if low > 0 else None
        upper = cuts[high] if high < len(cuts) else None
        return _range(name, lower, upper, missing=low < 0, present=high >= 0)

    return Splits(codes=np.where(data.present, codes, -1), condition=condition)


def _range(name: str, lower: str | None, upper: str | None, *, missing: bool, present: bool) -> str:
    if not present:
        return f"{name} is null"
    if lower is not None and upper is not None:
        return f"{lower} <= {name} < {upper}"
    if lower is not None:
        return f"{name} >= {lower}"
    if upper is None:
        return f"{name} is not null"
    return _or_null(f"{name} < {upper}", name) if missing else f"{name} < {upper}"


def _number_between(end: Any, start: Any) -> str | None:  # noqa: ANN401 - a number of any type
    """The shortest number above `end` and not above `start`."""
    kind = int if np.issubdtype(type(start), np.integer) else float
    if kind is int and not start < _INT64:
        return None  # conditions know no larger whole number
    for digits in range(1, 18):
        # Halves, because they may overflow where the middle does not.
        for near in (end / 2 + start / 2, start):
            number = float(f"{near:.{digits}g}")
            if np.isfinite(number) and end < kind(number) <= start:
                return repr(kind(number)).removesuffix(".0")
    return repr(int(start)) if kind is int else None


_UNITS = (("Y", "D"), ("M", "D"), ("D", "D"), ("h", "s"), ("m", "s"), ("s", "s"), ("us", "us"))


def _time_between(end: Any, start: Any) -> str | None:  # noqa: ANN401 - a time of any unit
    """The roundest time after `end` and not after `start`; None when they are too near."""
    for unit, shown in _UNITS:
        time = start.astype(f"datetime64[{unit}]")
        if end < time:
            return repr(str(time.astype(f"datetime64[{shown}]")))
    return None
