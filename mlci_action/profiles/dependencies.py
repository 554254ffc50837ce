"""Do equal left sides have equal right sides? Those that differ from most are counted as wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mlci_action.domain.integrity import Dependency
from mlci_action.profiles.distinct import Hashes
from mlci_action.profiles.row_hashes import Counts
from mlci_action.profiles.row_keys import named_columns, row_keys
from mlci_action.profiles.rule_counts import ASKED_BY, MOST_ROW_NUMBERS, RuleCount

_WAITING = 1_000_000  # rows until equal ones are made one


class DependencyCounter:
    """Chunks in; kept is each pair of a left and a right side, once. Rows lacking either are left.

    Memory grows with the number of different pairs, 32 bytes each.
    """

    def __init__(self, rule: Dependency, *, text: str) -> None:
        self._rule = rule
        self._asked_by = f"{ASKED_BY} {text!r}"
        self._pairs = _Pairs()
        self._waiting: list[_Pairs] = []
        self._n_waiting = 0

    def add(self, frame: pd.DataFrame, start: int) -> None:
        """Take in a chunk of rows, the first of which has the number `start`."""
        left, right = (
            row_keys(named_columns(frame, names, asked_by=self._asked_by))
            for names in (self._rule.left, self._rule.right)
        )
        known = np.flatnonzero(left[1] & right[1])
        self._waiting.append(_Pairs(left[0][known], right[0][known], start + known))
        self._n_waiting += len(known)
        if self._n_waiting > max(_WAITING, len(self._pairs.left)):
            self._tell_once()

    def count(self) -> RuleCount:
        """The rows that differ from most with the same left side; of a tie, the first is right."""
        self._tell_once()
        pairs = self._pairs
        if not len(pairs.left):
            return RuleCount(rows=0, asked=0)
        # In each group of one left side: the most frequent right side first, then the earliest.
        order = np.lexsort((pairs.first, -pairs.counts, pairs.left))
        left = pairs.left[order]
        wrong = order[1:][left[1:] == left[:-1]]
        return RuleCount(
            rows=int(pairs.counts[wrong].sum()),
            asked=int(pairs.counts.sum()),
            at=np.sort(pairs.first[wrong])[:MOST_ROW_NUMBERS].tolist(),
        )

    def _tell_once(self) -> None:
        self._pairs = _told_once([self._pairs, *self._waiting])
        self._waiting, self._n_waiting = [], 0


class _Pairs:
    """(n,) arrays: both sides as hashes, the number of the first such row, and how many rows."""

    def __init__(
        self,
        left: Hashes | None = None,
        right: Hashes | None = None,
        first: Counts | None = None,
        counts: Counts | None = None,
    ) -> None:
        nothing = np.zeros(0, dtype=np.int64)
        self.left: Hashes = nothing.astype(np.uint64) if left is None else left
        self.right: Hashes = nothing.astype(np.uint64) if right is None else right
        self.first: Counts = nothing if first is None else first
        self.counts: Counts = np.ones_like(self.first) if counts is None else counts


def _told_once(parts: Sequence[_Pairs]) -> _Pairs:
    """Equal pairs as one; parts come in the order of their rows."""
    left = np.concatenate([part.left for part in parts])
    if not len(left):
        return _Pairs()
    right = np.concatenate([part.right for part in parts])
    first = np.concatenate([part.first for part in parts])
    counts = np.concatenate([part.counts for part in parts])
    order = np.lexsort((first, right, left))
    left, right = left[order], right[order]
    new = np.append(True, (left[1:] != left[:-1]) | (right[1:] != right[:-1]))
    starts = np.flatnonzero(new)
    return _Pairs(
        left[starts], right[starts], first[order][starts], np.add.reduceat(counts[order], starts)
    )
