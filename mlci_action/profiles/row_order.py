"""How do the values of a column follow each other? Runs of equal ones, and steps up and down."""

from __future__ import annotations

import numpy as np

from mlci_action.domain.profile import RowOrder
from mlci_action.profiles.cells import Numbers
from mlci_action.profiles.distinct import Hashes


class OrderAccumulator:
    """Chunks of a column in the order of its rows in, its longest run and its steps out."""

    def __init__(self) -> None:
        self._rows = 0
        self._longest = self._start = 0
        self._current = self._current_start = 0
        self._last: np.uint64 | None = None
        self._rising = self._falling = 0
        self._number: np.float64 | None = None

    def add(self, numbers: Numbers, hashes: Hashes, missing: np.uint64) -> None:
        """Take in a chunk: its numbers, the hashes of all cells, and that of a missing one."""
        if len(numbers):
            joint = numbers if self._number is None else np.append(self._number, numbers)
            self._number = numbers[-1]
            self._rising += int(np.count_nonzero(joint[1:] > joint[:-1]))
            self._falling += int(np.count_nonzero(joint[1:] < joint[:-1]))
        if len(hashes):
            self._add_runs(hashes, missing)
        self._rows += len(hashes)

    def order(self, rank_correlation: float | None) -> RowOrder:
        """What was seen; the correlation with the row number is measured elsewhere."""
        return RowOrder(
            longest_run=self._longest,
            run_start=self._start,
            rising=self._rising,
            falling=self._falling,
            rank_correlation=rank_correlation,
        )

    def _add_runs(self, hashes: Hashes, missing: np.uint64) -> None:
        changes = hashes[1:] != hashes[:-1]
        if self._longest and bool(changes.all()) and not bool(hashes[0] == self._last):
            # No run is longer than one cell: most columns of numbers are so.
            self._current, self._last = 1, hashes[-1]
            self._current_start = self._rows + len(hashes) - 1
            return
        starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
        lengths = np.diff(np.append(starts, len(hashes)))
        goes_on = self._last is not None and bool(hashes[0] == self._last)
        if goes_on:
            lengths[0] += self._current
        counted, longest = lengths, int(np.argmax(lengths))
        if hashes[starts[longest]] == missing:
            # A run of missing cells is for the check of missing values.
            counted = np.where(hashes[starts] == missing, 0, lengths)
            longest = int(np.argmax(counted))
        first_start = self._current_start if goes_on else self._rows
        if counted[longest] > self._longest:
            self._longest = int(counted[longest])
            self._start = first_start if longest == 0 else self._rows + int(starts[longest])
        self._current, self._last = int(lengths[-1]), hashes[-1]
        self._current_start = first_start if len(lengths) == 1 else self._rows + int(starts[-1])
