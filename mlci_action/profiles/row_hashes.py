"""Which rows are equal, and which nearly so? Every row as a few hashes, of all rows or a sample.

Large tables are sampled by the hash of a row's features: rows with equal features are all in the
sample or none is, and the sample of another table holds the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.profile import SKETCHED_ROWS, LabelConflicts, RowRepeats
from mlci_action.profiles.cell_hashes import (
    MISSING_HASH,
    column_hashes,
    roughened,
)
from mlci_action.profiles.cells import Cells
from mlci_action.profiles.distinct import Hashes, different, scattered, word_hashes

Counts: TypeAlias = NDArray[np.int64]

SAMPLE_CAP = 250_000
_MOST_ROW_NUMBERS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RowHashes:
    """(n,) arrays about the rows of a sample, in their order.

    `whole` is the hash of all columns but the id, `features` that of all but id and target, `rough`
    the same with numbers rounded and text folded, `labels` that of the target; `at` is the row
    number. A row stands for `weights` equal ones, of which it is the first. `rows` counts all rows
    of the table: those whose features have a hash in the lowest `1 / 2**halvings` are kept.
    """

    features: Hashes
    rough: Hashes
    labels: Hashes
    whole: Hashes
    at: Counts
    weights: Counts
    rows: int
    halvings: int
    feature_names: tuple[str, ...]
    target: str | None = None
    id: str | None = None

    @property
    def sampled(self) -> int:
        """The rows that the sample stands for."""
        return int(self.weights.sum())

    @property
    def sampled_share(self) -> float:
        """The part of all rows that was looked at, 0 to 1."""
        return self.sampled / self.rows if self.rows else 1.0

    def thinned(self, halvings: int) -> RowHashes:
        """The sample that more halvings would have left."""
        if halvings <= self.halvings:
            return self
        kept = _taken(self, self.features <= _threshold(halvings))
        return replace(kept, halvings=halvings)


class RowHasher:
    """Chunks in, the hashes of their rows out. Memory is bounded by `cap` rows unless `exact`."""

    def __init__(
        self,
        target: str | None = None,
        id: str | None = None,  # noqa: A002 - its name in mlci.yml
        *,
        exact: bool = False,
        cap: int = SAMPLE_CAP,
    ) -> None:
        self._target, self._id = target, id
        self._cap = None if exact else cap
        self._rows = self._halvings = self._n_kept = 0
        self._names: list[str] = []
        self._parts: list[RowHashes] = []

    def add(self, columns: Sequence[Cells], hashes: Sequence[Hashes] | None = None) -> None:
        """Take in all columns of one chunk; `hashes` are those of their cells, if at hand."""
        new = self._hashed(columns, hashes or [column_hashes(cells) for cells in columns])
        self._rows += new.rows
        if self._halvings:
            new = _taken(new, new.features <= _threshold(self._halvings))
        self._parts.append(new)
        self._n_kept += len(new.at)
        if self._cap is not None and self._n_kept > self._cap:
            self._shrink(self._cap)

    def result(self) -> RowHashes:
        """What is kept of all chunks."""
        if not self._parts:
            self._parts = [self._hashed([], [])]
        # The rows are counted here: parts do not know how many they left out.
        return replace(_joined(self._parts), rows=self._rows, halvings=self._halvings)

    def _hashed(self, columns: Sequence[Cells], hashes: Sequence[Hashes]) -> RowHashes:
        rows = columns[0].rows if columns else 0
        features, rough = np.zeros(rows, dtype=np.uint64), np.zeros(rows, dtype=np.uint64)
        labels = np.full(rows, MISSING_HASH)
        used = [pair for pair in zip(columns, hashes, strict=True) if pair[0].name != self._id]
        names = [cells.name for cells, _ in used if cells.name != self._target]
        self._names = names or self._names
        factors = _factors([cells.name for cells, _ in used])
        # A sum, so that another order of the columns makes no other rows.
        whole = np.zeros(rows, dtype=np.uint64)
        for (cells, exact), factor in zip(used, factors, strict=True):
            if cells.name == self._target:
                labels, whole = exact, exact * factor
                continue
            features += exact * factor
            rounded = roughened(cells)
            rough += (exact if rounded is cells else column_hashes(rounded)) * factor
        whole += features
        return RowHashes(
            features=scattered(features),
            rough=scattered(rough),
            labels=labels,
            whole=scattered(whole),
            at=np.arange(self._rows, self._rows + rows),
            weights=np.ones(rows, dtype=np.int64),
            rows=rows,
            halvings=0,
            feature_names=tuple(self._names),
            target=self._target if any(c.name == self._target for c in columns) else None,
            id=self._id if any(c.name == self._id for c in columns) else None,
        )

    def _shrink(self, cap: int) -> None:
        """Equal rows become one, then the sample is halved until there is room for more."""
        kept, room = _told_once(_joined(self._parts)), cap - cap // 4
        while len(kept.at) > room:
            fewer = _taken(kept, kept.features <= _threshold(self._halvings + 1))
            if not len(fewer.at):
                # All have the same features: no hash could part them.
                kept = _taken(kept, slice(room))
                break
            kept, self._halvings = fewer, self._halvings + 1
        self._parts, self._n_kept = [kept], len(kept.at)


def repeats(hashes: RowHashes) -> RowRepeats:
    """How many rows of the sample equal an earlier one in every column but the id."""
    # Rows that hold nothing but an id are told apart by nothing.
    compared = bool(hashes.feature_names) or hashes.target is not None
    return RowRepeats(
        rows=hashes.sampled,
        repeated=hashes.sampled - len(different(hashes.whole)) if compared else 0,
        exact=hashes.sampled == hashes.rows,
        ignoring=() if hashes.id is None else (hashes.id,),
    )


def row_sketch(hashes: RowHashes) -> tuple[int, ...]:
    """The smallest hashes of different rows, halved so that any reader of JSON can hold them."""
    return tuple((different(hashes.whole)[:SKETCHED_ROWS] >> np.uint64(1)).tolist())


def repeated_rows(hashes: RowHashes, most: int = _MOST_ROW_NUMBERS) -> tuple[int, ...]:
    """The numbers of the first rows that equal an earlier one."""
    order = np.argsort(hashes.whole, kind="stable")
    ordered = hashes.whole[order]
    later = order[1:][ordered[1:] == ordered[:-1]]
    return tuple(np.sort(hashes.at[later])[:most].tolist())


def conflicts(hashes: RowHashes) -> LabelConflicts | None:
    """How many rows have another label than most with equal features; None without a target."""
    if hashes.target is None or not hashes.feature_names:
        return None
    labelled = _taken(hashes, hashes.labels != MISSING_HASH)
    # Where no two rows are equal, as in most tables, there is nothing to put in order.
    groups_alone = len(different(labelled.features))
    if groups_alone == labelled.sampled:
        return LabelConflicts(
            rows=labelled.sampled,
            conflicting=0,
            groups=groups_alone,
            exact=hashes.sampled == hashes.rows,
        )
    order = np.lexsort((labelled.labels, labelled.features))
    features, labels = labelled.features[order], labelled.labels[order]
    new_group = np.append(True, features[1:] != features[:-1])[: len(order)]
    new_label = new_group | np.append(True, labels[1:] != labels[:-1])[: len(order)]
    conflicting = 0
    if len(order):
        of_label = np.add.reduceat(labelled.weights[order], np.flatnonzero(new_label))
        groups = np.flatnonzero(new_group[new_label])
        conflicting = int((np.add.reduceat(of_label, groups)).sum())
        conflicting -= int(np.maximum.reduceat(of_label, groups).sum())
    return LabelConflicts(
        rows=labelled.sampled,
        conflicting=conflicting,
        groups=int(np.count_nonzero(new_group)),
        exact=hashes.sampled == hashes.rows,
    )


def _threshold(halvings: int) -> np.uint64:
    return np.uint64((1 << (64 - halvings)) - 1)


def _factors(names: Sequence[str]) -> Hashes:
    """An odd number for each column; of several columns with one name, each has its own."""
    told_apart = [f"{name}\n{names[:place].count(name)}" for place, name in enumerate(names)]
    return word_hashes(told_apart) | np.uint64(1)


_ARRAYS = ("features", "rough", "labels", "whole", "at", "weights")


def _taken(hashes: RowHashes, places: Any) -> RowHashes:  # noqa: ANN401 - whatever numpy takes
    return replace(hashes, **{name: getattr(hashes, name)[places] for name in _ARRAYS})


def _joined(parts: Sequence[RowHashes]) -> RowHashes:
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS
    }
    return replace(parts[-1], **arrays)


def _told_once(hashes: RowHashes) -> RowHashes:
    """Equal rows as one, with the number of the first and the weight of all."""
    order = np.argsort(hashes.whole, kind="stable")
    ordered = hashes.whole[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    weights = np.add.reduceat(hashes.weights[order], starts)
    firsts = order[starts]
    in_order = np.argsort(firsts)
    return replace(_taken(hashes, firsts[in_order]), weights=weights[in_order])
