"""How much of a table is new or gone? Its rows as a multiset of hashes, beside those of another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mlci_action.profiles.cell_hashes import column_hashes
from mlci_action.profiles.cells import cells_of
from mlci_action.profiles.distinct import Hashes, scattered, word_hashes


@dataclass(frozen=True, kw_only=True, slots=True)
class RowChanges:
    """How many rows both tables share, how many only the later one has, and only the earlier."""

    same: int
    new: int
    gone: int

    @property
    def share(self) -> float:
        """The part of all rows of both, those they share counted once, that is new or gone."""
        changed = self.new + self.gone
        return changed / (self.same + changed) if changed else 0.0


def whole_rows(chunks: Iterable[pa.RecordBatch]) -> Hashes:
    """(rows,) a hash of all columns by name, in whatever order they and the rows stand."""
    found = []
    for chunk in chunks:
        rows = np.zeros(chunk.num_rows, dtype=np.uint64)
        factors = word_hashes(list(chunk.schema.names)) | np.uint64(1)
        for name, array, factor in zip(chunk.schema.names, chunk.columns, factors, strict=True):
            rows += scattered(column_hashes(cells_of(name, array)) ^ factor) * factor
        found.append(scattered(rows))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)


def row_changes(before: Hashes, now: Hashes) -> RowChanges:
    """Equal rows are one each: of three that were two, one is new."""
    (known, of_known), (found, of_found) = _counted(before), _counted(now)
    _, at_known, at_found = np.intersect1d(known, found, assume_unique=True, return_indices=True)
    same = int(np.minimum(of_known[at_known], of_found[at_found]).sum())
    return RowChanges(same=same, new=len(now) - same, gone=len(before) - same)


def _counted(hashes: Hashes) -> tuple[Hashes, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    values, counts = np.unique(hashes, return_counts=True)
    return values, counts
