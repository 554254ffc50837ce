"""How many different values are there? Estimated from the smallest hashes (Bar-Yossef et al. 2002).

A value always has the same hash, so all its cells are in the sample or none is: one that comes
twice is seen twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.profiles.cells import Numbers

Hashes: TypeAlias = NDArray[np.uint64]

_MOST = 8_192


def scattered(bits: Hashes) -> Hashes:
    """(n,) whole numbers as hashes: the finalizer of splitmix64 (Steele, Lea and Flood 2014)."""
    mixed = bits ^ (bits >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def marks(values: Numbers) -> Hashes:
    """(n,) numbers spread over all whole numbers at a third of a hash's cost: good for sampling."""
    bits: Hashes = (values + 0.0).view(np.uint64)
    spread: Hashes = (bits ^ (bits >> np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)
    return spread


def number_hashes(values: Numbers) -> Hashes:
    """(n,) hashes of numbers; -0.0 has that of 0.0."""
    return scattered((values + 0.0).view(np.uint64))


def word_hashes(words: Sequence[str]) -> Hashes:
    """(n,) hashes of texts, the same in every process."""
    hashes: Hashes = pd.util.hash_array(np.array(words, dtype=object), categorize=False)
    return hashes


def different(hashes: Hashes) -> Hashes:
    """The different ones in ascending order: a sort of whole numbers beats numpy's hash table."""
    ordered: Hashes = np.sort(hashes)
    first = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return np.compress(first, ordered)


class DistinctSketch:
    """Hashes of cells in, the number of different ones out."""

    def __init__(self) -> None:
        self._kept: Hashes = np.array([], dtype=np.uint64)
        self._halvings = 0
        self.repeats = False

    def add(self, hashes: Hashes) -> None:
        """Take in the different hashes of one chunk."""
        below = hashes[hashes <= self._threshold()]
        while len(below) > 2 * _MOST:
            self._halvings += 1
            below = below[below <= self._threshold()]
        before = self._kept[self._kept <= self._threshold()]
        kept = different(np.concatenate([before, below]))
        self.repeats |= len(kept) < len(before) + len(below)
        while len(kept) > _MOST:
            self._halvings += 1
            kept = kept[kept <= self._threshold()]
        self._kept = kept

    def estimate(self, count: int) -> int:
        """How many different cells there are among `count`, within about 1 %."""
        return min(count, len(self._kept) << self._halvings)

    def _threshold(self) -> np.uint64:
        return np.uint64((1 << (64 - self._halvings)) - 1)
