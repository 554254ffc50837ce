"""What are the numbers of a column like? One sort of each chunk answers nearly all of it."""

from __future__ import annotations

import math

import numpy as np

from mlci_action.domain.profile import (
    EXTREMES,
    MOST_VALUES,
    TOP_VALUES,
    AtReference,
    NumberSummary,
)
from mlci_action.profiles.cells import Numbers
from mlci_action.profiles.quantile_sketch import QuantileSketch, points_of
from mlci_action.profiles.value_counts import NumberCounts


class NumberAccumulator:
    """Chunks of finite numbers in, their summary out.

    With a `reference`, what lies below its points is counted as well.
    """

    def __init__(self, reference: NumberSummary | None = None) -> None:
        self._sketch = QuantileSketch()
        self._values = NumberCounts()
        self._smallest: Numbers = np.array([])
        self._largest: Numbers = np.array([])
        self._whole = self._negative = 0
        self._mean = self._squares = 0.0
        self._scale = None if reference is None else _Scale(reference)

    def add(self, values: Numbers) -> None:
        """Take in the numbers of one chunk, in the order of the rows."""
        if not len(values):
            return
        ordered = np.sort(values)
        self._add_moments(values)
        self._whole += int(np.count_nonzero(values == np.rint(values)))
        self._negative += int(np.searchsorted(ordered, 0.0, side="left"))
        self._smallest = np.sort(np.concatenate([self._smallest, ordered[:EXTREMES]]))[:EXTREMES]
        self._largest = np.sort(np.concatenate([self._largest, ordered[-EXTREMES:]]))[-EXTREMES:]
        self._values.add(ordered)
        self._sketch.add(ordered)
        if self._scale is not None:
            self._scale.add(ordered)

    def summary(self) -> NumberSummary | None:
        """What was seen; None when there was no number."""
        count = self._sketch.count
        if not count:
            return None
        values = self._values
        if values.complete:
            ends = (float(values.values[0]), float(values.values[-1]))
            points, below, up_to = points_of(values.values, values.counts, count, ends)
        else:
            points, below, up_to = self._sketch.points()
        return NumberSummary(
            count=count,
            whole=self._whole,
            negative=self._negative,
            mean=self._mean,
            sd=math.sqrt(max(self._squares, 0.0) / count),
            points=tuple(points.tolist()),
            below=tuple(below.tolist()),
            up_to=tuple(up_to.tolist()),
            smallest=tuple(self._smallest.tolist()),
            largest=tuple(self._largest.tolist()),
            values=values.most_frequent(MOST_VALUES if values.complete else TOP_VALUES),
            complete=values.complete,
            distinct=values.distinct(count),
            unique=not values.repeats,
            at_reference=None if self._scale is None else self._scale.counts(),
        )

    def _add_moments(self, values: Numbers) -> None:
        """Mean and sum of squares about it, joined as Chan, Golub and LeVeque (1983) do."""
        before, new = self._sketch.count, len(values)
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(values.mean())
            squares = float(np.square(values - mean).sum())
            apart = mean - self._mean
            self._squares += squares + apart * apart * before * new / (before + new)
            self._mean += apart * new / (before + new)
        if not (math.isfinite(self._mean) and math.isfinite(self._squares)):
            # Numbers near the largest double: their spread cannot be written down as one.
            self._mean, self._squares = 0.0, 0.0


class _Scale:
    """How many numbers lie below and up to each point of a reference, and beyond its ends."""

    def __init__(self, reference: NumberSummary) -> None:
        self._points = np.array(reference.points)
        self._below = np.zeros(len(self._points), dtype=np.int64)
        self._up_to = np.zeros(len(self._points), dtype=np.int64)
        self._count = 0

    def add(self, ordered: Numbers) -> None:
        self._below += np.searchsorted(ordered, self._points, side="left")
        self._up_to += np.searchsorted(ordered, self._points, side="right")
        self._count += len(ordered)

    def counts(self) -> AtReference:
        has_points = bool(len(self._points))
        return AtReference(
            below=tuple(self._below.tolist()),
            up_to=tuple(self._up_to.tolist()),
            under=int(self._below[0]) if has_points else 0,
            over=self._count - int(self._up_to[-1]) if has_points else 0,
        )
