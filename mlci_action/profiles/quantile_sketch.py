"""Which numbers lie at which share of a column, without keeping the column?

Sorted chunks are thinned to every second item and merged, so that each level of the sketch stands
for twice as many numbers (Manku, Rajagopalan and Lindsay 1998; Karnin, Lang and Liberty 2016). It
draws nothing at random. Up to one chunk of numbers nothing is thinned, and all answers are exact;
beyond that a rank is off by less than 0.0005 of the rows for any table that fits a disk.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.profile import QUANTILES
from mlci_action.profiles.cells import Numbers

EXACT_ROWS = 131_072
_BLOCK = 16_384


class QuantileSketch:
    """Sorted chunks in, ranks out."""

    def __init__(self) -> None:
        self.count = 0
        self._low, self._high = np.inf, -np.inf
        self._waiting: list[Numbers] = []
        self._n_waiting = 0
        self._blocks: dict[int, Numbers] = {}
        self._odd = False

    def add(self, ordered: Numbers) -> None:
        """Take in finite numbers in ascending order."""
        if not len(ordered):
            return
        self.count += len(ordered)
        self._low, self._high = min(self._low, ordered[0]), max(self._high, ordered[-1])
        self._waiting.append(ordered)
        self._n_waiting += len(ordered)
        if self._n_waiting > EXACT_ROWS:
            self._thin_waiting()

    def points(self, most: int = QUANTILES) -> tuple[Numbers, NDArray[np.int64], NDArray[np.int64]]:
        """At most `most` distinct numbers at even shares, and the counts below and up to each."""
        if not self.count:
            nothing = np.array([], dtype=np.int64)
            return np.array([]), nothing, nothing
        values, weights = self._items()
        return points_of(values, weights, self.count, (self._low, self._high), most)

    def _items(self) -> tuple[Numbers, NDArray[np.int64]]:
        parts = [*((array, 1) for array in self._waiting)]
        parts += [(block, 2**level) for level, block in self._blocks.items()]
        values = np.concatenate([array for array, _ in parts])
        weights = np.concatenate([np.full(len(a), w, dtype=np.int64) for a, w in parts])
        order = np.argsort(values, kind="stable")
        return values[order], weights[order]

    def _thin_waiting(self) -> None:
        # Whole chunks are in order already; only what came in small pieces is put together.
        blocks = [one for one in self._waiting if len(one) > _BLOCK]
        pieces = [one for one in self._waiting if len(one) <= _BLOCK]
        if pieces:
            blocks.append(np.sort(np.concatenate(pieces)))
        self._waiting, self._n_waiting = [], 0
        for block in blocks:
            thinned, level = block, 0
            while len(thinned) > _BLOCK:
                thinned, level = self._every_second(thinned), level + 1
            self._push(thinned, level)

    def _push(self, block: Numbers, level: int) -> None:
        while level in self._blocks:
            merged = np.sort(np.concatenate([self._blocks.pop(level), block]))
            block, level = self._every_second(merged), level + 1
        self._blocks[level] = block

    def _every_second(self, ordered: Numbers) -> Numbers:
        # Taking the odd and the even items in turn lets the errors of ranks cancel out.
        self._odd = not self._odd
        return ordered[int(self._odd) :: 2]


def points_of(
    values: Numbers,
    weights: NDArray[np.int64],
    count: int,
    ends: tuple[float, float],
    most: int = QUANTILES,
) -> tuple[Numbers, NDArray[np.int64], NDArray[np.int64]]:
    """The same from ascending numbers that stand for `weights` each, `count` in all."""
    reached = np.cumsum(weights)
    # Thinning loses a few items at most: shares are of what is left.
    ranks = np.linspace(0, 1, most) * reached[-1]
    places = np.minimum(np.searchsorted(reached, ranks, side="left"), len(values) - 1)
    points = np.unique(np.concatenate([ends[:1], values[places], ends[1:]]))
    before = np.concatenate([[0], reached])
    scale = count / reached[-1]
    below = before[np.searchsorted(values, points, side="left")] * scale
    up_to = before[np.searchsorted(values, points, side="right")] * scale
    below[0], up_to[-1] = 0, count
    return points, np.rint(below).astype(np.int64), np.rint(up_to).astype(np.int64)
