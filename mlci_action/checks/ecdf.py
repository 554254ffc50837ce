"""How many numbers of a column lie below a value? From its summary: exact where that knows.

The summary knows it at its quantiles, among its 50 smallest and largest numbers, and everywhere
when all values are kept. Between two places that it knows, F is taken to rise evenly.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mlci_action.checks.findings import ColumnPair
from mlci_action.domain.profile import NumberSummary

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ecdf:
    """The numbers below each of `knots` (ascending), and up to it; `count` in all."""

    knots: Floats
    below: Floats
    up_to: Floats
    count: int

    def at(self, places: Floats) -> tuple[Floats, Floats]:
        """The numbers below each place, and up to it."""
        if not self.knots.size:
            return np.zeros(len(places)), np.zeros(len(places))
        right = np.searchsorted(self.knots, places)
        inside = np.minimum(right, len(self.knots) - 1)
        between = self._between(places, right)
        known = self.knots[inside] == places
        return (
            np.where(known, self.below[inside], between),
            np.where(known, self.up_to[inside], between),
        )

    def above(self, place: float) -> int:
        """The numbers that are known to lie above one place: those from the next knot on."""
        first = int(np.searchsorted(self.knots, place, "right"))
        return self.count - round(float(self.below[first])) if first < len(self.knots) else 0

    def under(self, place: float) -> int:
        """The numbers that are known to lie below one place: those up to the last knot before."""
        last = int(np.searchsorted(self.knots, place)) - 1
        return round(float(self.up_to[last])) if last >= 0 else 0

    @property
    def median(self) -> float:
        """The smallest known number that half of all reach up to."""
        first = int(np.searchsorted(self.up_to, self.count / 2))
        return float(self.knots[min(first, len(self.knots) - 1)]) if self.knots.size else 0.0

    def _between(self, places: Floats, right: NDArray[np.intp]) -> Floats:
        low_x = np.concatenate([self.knots[:1], self.knots])[right]
        high_x = np.concatenate([self.knots, self.knots[-1:]])[right]
        low = np.concatenate([[0.0], self.up_to])[right]
        high = np.concatenate([self.below, [float(self.count)]])[right]
        # Halved, so that the distance between two ends of the scale is still a number.
        width = high_x / 2 - low_x / 2
        way = np.divide(places / 2 - low_x / 2, width, out=np.zeros_like(low), where=width > 0)
        return np.asarray(low + (high - low) * np.clip(way, 0.0, 1.0))


def ecdf(numbers: NumberSummary) -> Ecdf:
    """All that a summary knows about the order of its numbers."""
    if numbers.complete and sum(count for _, count in numbers.values) == numbers.count:
        values, counts = np.array(sorted(numbers.values), dtype=float).reshape(-1, 2).T
        up_to = counts.cumsum()
        return Ecdf(knots=values, below=up_to - counts, up_to=up_to, count=numbers.count)
    known = _known(numbers)
    knots, surest = np.unique(known[:, 0], return_index=True)
    below, up_to = known[surest, 1:].T
    # A quantile of a long column may be a row or so off: F never falls all the same.
    return Ecdf(
        knots=knots,
        below=np.maximum.accumulate(below),
        up_to=np.maximum.accumulate(up_to),
        count=numbers.count,
    )


def at_reference(pair: ColumnPair) -> tuple[Floats, Floats]:
    """The shares of the reference and of the batch below each of the reference's points and up to.

    Both have twice as many entries as there are points. Columns without numbers have none.
    """
    before, now = pair.reference.numbers, pair.batch.numbers
    if before is None or now is None or not (before.count and now.count):
        return np.zeros(0), np.zeros(0)
    reference = np.array([before.below, before.up_to], dtype=float) / before.count
    counted = now.at_reference
    if counted is not None and len(counted.below) == len(before.points):
        batch = np.array([counted.below, counted.up_to], dtype=float)
    else:
        batch = np.array(ecdf(now).at(np.array(before.points, dtype=float)))
    return reference.ravel(), batch.ravel() / now.count


def beyond_ends(pair: ColumnPair) -> tuple[int, int]:
    """The batch's numbers below the reference's smallest and above its largest."""
    before, now = pair.reference.numbers, pair.batch.numbers
    if before is None or now is None or not (before.smallest and before.largest):
        return 0, 0
    if now.at_reference is not None:
        return now.at_reference.under, now.at_reference.over
    known = ecdf(now)
    return known.under(before.smallest[0]), known.above(before.largest[-1])


def _known(numbers: NumberSummary) -> Floats:
    """Rows of a number, how many lie below it, and up to it; the surest first."""
    lowest, highest = np.array(numbers.smallest), np.array(numbers.largest)
    inner = numbers.count - len(highest)  # numbers that are not among the largest
    low, high = lowest, highest
    # Of the innermost extreme, equal ones may have been left out.
    if inner > 0:
        low, high = low[low < low.max(initial=-np.inf)], high[high > high.min(initial=np.inf)]
    parts = (
        (low, np.searchsorted(lowest, low), np.searchsorted(lowest, low, "right")),
        (
            high,
            inner + np.searchsorted(highest, high),
            inner + np.searchsorted(highest, high, "right"),
        ),
        tuple(np.array(list(_innermost(numbers)), dtype=float).reshape(-1, 3).T),
        (numbers.points, numbers.below, numbers.up_to),
    )
    return np.concatenate([np.array(part, dtype=float).T for part in parts])


def _innermost(numbers: NumberSummary) -> Iterator[tuple[float, int, int]]:
    """The innermost of the extremes, where its count is kept: what lies below it, and up to it."""
    counts = dict(numbers.values)
    for value in numbers.smallest[-1:]:
        if value in counts:
            below = bisect_left(numbers.smallest, value)
            yield value, below, below + counts[value]
    for value in numbers.largest[:1]:
        if value in counts:
            up_to = numbers.count - len(numbers.largest) + bisect_right(numbers.largest, value)
            yield value, up_to - counts[value], up_to
