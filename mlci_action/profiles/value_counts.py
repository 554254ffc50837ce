"""How often does each value of a column come? All of them while they are few, else the top ones.

A value that makes up more than a thousandth of a chunk is always among those that are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.profile import MOST_VALUES
from mlci_action.profiles.cells import Numbers
from mlci_action.profiles.distinct import DistinctSketch, marks, word_hashes

_KEPT = 1_000
Counts = NDArray[np.int64]


class NumberCounts:
    """Counts of numbers; `complete` until there are more than 5,000 different ones.

    `repeats` says whether any value came twice.
    """

    def __init__(self) -> None:
        self.values: Numbers = np.array([])
        self.counts: Counts = np.array([], dtype=np.int64)
        self.complete = True
        self.repeats = False
        self._sketch = DistinctSketch()

    def add(self, ordered: Numbers) -> None:
        """Take in numbers in ascending order."""
        starts = np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])
        values, counts = ordered[starts], np.diff(np.append(starts, len(ordered)))
        self.repeats |= len(values) < len(ordered)
        if self.complete and len(self.values) + len(values) > MOST_VALUES:
            # What was counted exactly so far goes on as a sketch.
            few = len(values) <= MOST_VALUES
            self.complete = few and len(np.union1d(self.values, values)) <= MOST_VALUES
            if not self.complete:
                self._sketch.add(marks(self.values))
        if not self.complete:
            self._sketch.add(marks(values))
            values, counts = _top(values, counts, least=2)
        self._merge(values, counts)
        if not self.complete:
            self.repeats |= self._sketch.repeats
            self.values, self.counts = _top(self.values, self.counts)

    def distinct(self, count: int) -> int:
        """How many different numbers there are among `count`."""
        return len(self.values) if self.complete else self._sketch.estimate(count)

    def most_frequent(self, most: int) -> tuple[tuple[float, int], ...]:
        """The values that come most often with their counts, the smaller value first in a tie."""
        order = np.lexsort((self.values, -self.counts))[:most]
        return tuple((float(self.values[i]), int(self.counts[i])) for i in order)

    def _merge(self, values: Numbers, counts: Counts) -> None:
        n_before = len(self.values) + len(values)
        both = np.concatenate([self.values, values])
        self.values, place = np.unique(both, return_inverse=True)
        self.repeats |= len(self.values) < n_before
        weights = np.concatenate([self.counts, counts])
        summed = np.bincount(place, weights=weights, minlength=len(self.values))
        self.counts = summed.astype(np.int64)


class WordCounts:
    """Counts of texts; `complete` until there are more than 5,000 different ones."""

    def __init__(self, most: int = MOST_VALUES) -> None:
        self.counts: dict[str, int] = {}
        self.complete = True
        self.repeats = False
        self._most = most
        self._sketch = DistinctSketch()

    def add(self, words: Sequence[str], counts: Counts) -> None:
        """Take in different `words`, each of which comes as often as `counts` says."""
        self.repeats |= bool((counts > 1).any())
        if self.complete and len(self.counts) + len(words) > self._most:
            self.complete = len(self.counts.keys() | words) <= self._most
            if not self.complete and self.counts:
                self._sketch.add(word_hashes(list(self.counts)))
        if not self.complete:
            self._sketch.add(word_hashes(words))
            self.repeats |= self._sketch.repeats
            places = _top_places(counts, least=2)
            words, counts = [words[i] for i in places], counts[places]
        known = self.counts
        for word, count in zip(words, counts.tolist(), strict=True):
            before = known.get(word, 0)
            self.repeats |= before > 0
            known[word] = before + count
        if not self.complete and len(known) > _KEPT:
            self.counts = dict(self.most_frequent(_KEPT))

    def distinct(self, count: int) -> int:
        """How many different texts there are among `count` cells."""
        return len(self.counts) if self.complete else self._sketch.estimate(count)

    def most_frequent(self, most: int | None = None) -> tuple[tuple[str, int], ...]:
        """The texts that come most often with their counts, in alphabetic order in a tie."""
        ranked = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(ranked if most is None else ranked[:most])


def _top(values: NDArray[Any], counts: Counts, least: int = 1) -> tuple[NDArray[Any], Counts]:
    places = _top_places(counts, least)
    return values[places], counts[places]


def _top_places(counts: Counts, least: int) -> NDArray[np.intp]:
    """Where the largest counts are, in their order, of those that are at least `least`."""
    places = np.flatnonzero(counts >= least)
    if len(places) <= _KEPT:
        return places
    largest = np.argpartition(counts[places], -_KEPT)[-_KEPT:]
    return np.sort(places[largest])
