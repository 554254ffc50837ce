"""Does an id name every row once? Counted exactly, at 8 bytes a row.

Ids that count up by one, as most do, cost nothing: their first and last say it all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlci_action.profiles.cell_hashes import MISSING_HASH, column_hashes
from mlci_action.profiles.cells import Cells
from mlci_action.profiles.distinct import Hashes, number_hashes


@dataclass(frozen=True, kw_only=True, slots=True)
class IdCounts:
    """Of `rows` rows, `missing` have no id and `repeated` have that of an earlier row."""

    rows: int
    missing: int
    repeated: int


class IdCounter:
    """Chunks of the id column in, counts out."""

    def __init__(self) -> None:
        self._rows = self._missing = 0
        self._counted_up: tuple[float, float] | None = None
        self._hashes: list[Hashes] = []

    def add(self, cells: Cells, hashes: Hashes | None = None) -> None:
        """Take in one chunk; `hashes` are those of its cells, if at hand."""
        self._rows += cells.rows
        self._missing += cells.missing
        if self._goes_on_counting(cells) or not cells.rows:
            return
        self._forget_counting()
        found = column_hashes(cells) if hashes is None else hashes
        self._hashes.append(found[found != MISSING_HASH] if cells.missing else found)

    def counts(self) -> IdCounts:
        """What was seen; ids that only counted up are all different."""
        repeated = 0
        if self._hashes:
            seen = np.concatenate(self._hashes)
            seen.sort()
            repeated = int(np.count_nonzero(seen[1:] == seen[:-1]))
        return IdCounts(rows=self._rows, missing=self._missing, repeated=repeated)

    def _goes_on_counting(self, cells: Cells) -> bool:
        values = cells.numbers
        if self._hashes or values is None or cells.missing or cells.exact is not None:
            return False
        if cells.codes is not None or values[0] != np.rint(values[0]):
            return False
        if self._counted_up is not None and values[0] != self._counted_up[1] + 1:
            return False
        if not bool((np.diff(values) == 1).all()):
            return False
        first = float(values[0]) if self._counted_up is None else self._counted_up[0]
        self._counted_up = first, float(values[-1])
        return True

    def _forget_counting(self) -> None:
        """Others follow that may repeat what was counted up: from now on it is known one by one."""
        if self._counted_up is not None:
            first, last = self._counted_up
            self._hashes.append(number_hashes(np.arange(first, last + 1)))
            self._counted_up = None
