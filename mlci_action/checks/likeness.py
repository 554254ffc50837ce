"""Do two columns hold the same kind of values, spread in the same way?

Asked of columns with different names: does one stand for the other?
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.profile import ColumnProfile, NumberSummary, TextSummary, TimeSummary

Numbers: TypeAlias = NDArray[np.float64]
ENOUGH = 30  # values a side
APART = 0.1  # share of rows that may lie otherwise, beside what chance explains
_CHANCE = 1.95  # Kolmogorov's 0.1 % point
_SAME_KIND = 0.1


def alike(one: ColumnProfile, other: ColumnProfile) -> bool:
    """Whether one could be the other under a new name."""
    n, m = one.filled, other.filled
    if min(n, m) < ENOUGH:
        return False
    apart = [abs(a / n - b / m) for a, b in zip(_kinds(one), _kinds(other), strict=True)]
    if max(apart) > _SAME_KIND:
        return False
    allowed = min(APART + _CHANCE * math.sqrt(1 / n + 1 / m), 2 * APART)
    match max(_summaries(one), key=_count), max(_summaries(other), key=_count):
        case (NumberSummary() as a, NumberSummary() as b):
            return _between_numbers(a, b) <= allowed
        case (TextSummary() as a, TextSummary() as b):
            return _between_texts(a, b) <= allowed
        case (TimeSummary() as a, TimeSummary() as b):
            return a.first <= b.last and b.first <= a.last
        case _:
            return False


def _kinds(column: ColumnProfile) -> tuple[int, int, int]:
    return _count(column.numbers), _count(column.text), _count(column.times)


def _count(summary: NumberSummary | TextSummary | TimeSummary | None) -> int:
    return 0 if summary is None else summary.count


def _summaries(column: ColumnProfile) -> list[NumberSummary | TextSummary | TimeSummary | None]:
    return [column.numbers, column.text, column.times]


def _between_numbers(one: NumberSummary, other: NumberSummary) -> float:
    """The largest distance of the two distribution functions, at the points of either."""
    at = np.union1d(one.points, other.points)
    return float(np.abs(_share_up_to(one, at) - _share_up_to(other, at)).max())


def _share_up_to(summary: NumberSummary, at: Numbers) -> Numbers:
    if summary.complete:
        values, counts = np.array(sorted(summary.values)).T
        reached = np.concatenate([[0.0], np.cumsum(counts)])
        return reached[np.searchsorted(values, at, side="right")] / summary.count
    reached = np.interp(at, summary.points, summary.up_to, left=0.0)
    return reached / summary.count


def _between_texts(one: TextSummary, other: TextSummary) -> float:
    """The share of cells with another value, or with another shape where values hardly repeat."""
    listed = one.complete and other.complete
    by_value = listed and max(one.distinct / one.count, other.distinct / other.count) <= 1 / ENOUGH
    if by_value:
        return _variation(one.values, one.count, other.values, other.count)
    return _variation(one.shapes, one.count, other.shapes, other.count)


def _variation(
    one: Iterable[tuple[str, int]], n: int, other: Iterable[tuple[str, int]], m: int
) -> float:
    before, now = dict(one), dict(other)
    shares = (before.get(key, 0) / n - now.get(key, 0) / m for key in before.keys() | now.keys())
    # What neither list shows counts as different.
    unlisted = abs(1 - sum(before.values()) / n) + abs(1 - sum(now.values()) / m)
    return (sum(map(abs, shares)) + unlisted) / 2
