"""What is a table like? One pass over its chunks: all columns, and what holds between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from mlci_action.domain.integrity import IntegrityRule
from mlci_action.domain.profile import ColumnProfile, Leak, TableProfile
from mlci_action.errors import DatasetError
from mlci_action.profiles.cell_hashes import column_hashes
from mlci_action.profiles.cells import Cells, cells_of
from mlci_action.profiles.columns import ColumnAccumulator
from mlci_action.profiles.correlations import correlations
from mlci_action.profiles.distinct import Hashes
from mlci_action.profiles.frames import frame_of
from mlci_action.profiles.id_counts import IdCounter, IdCounts
from mlci_action.profiles.integrity import BrokenRule, IntegrityCounter
from mlci_action.profiles.leaks import find_leaks
from mlci_action.profiles.row_hashes import RowHasher, RowHashes, conflicts, repeats, row_sketch
from mlci_action.profiles.row_sample import SampleAccumulator


@dataclass(frozen=True, kw_only=True, slots=True)
class Aims:
    """What is to be found out about a table beside its columns.

    `target`, `id` and `set_aside` name columns that are no features; those that a table lacks are
    overlooked. `every_row` keeps the hashes of each row, where a sample would do by default.
    `rows` and `relations` say whether rows are to be told apart, and columns looked at together.
    `rules` are asked of every row.
    """

    target: str | None = None
    id: str | None = None
    set_aside: tuple[str, ...] = ()
    every_row: bool = False
    rows: bool = True
    relations: bool = True
    rules: tuple[IntegrityRule, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Summed:
    """A table summed up: its `profile`, and what is too large or too particular to be stored."""

    profile: TableProfile
    sample: pd.DataFrame
    hashes: RowHashes | None = None
    ids: IdCounts | None = None
    integrity: tuple[BrokenRule, ...] = ()


def sum_up(
    chunks: Iterable[pa.RecordBatch],
    *,
    aims: Aims = Aims(),
    reference: TableProfile | None = None,
    origin: str = "",
    digest: str = "",
    workers: Executor | None = None,
) -> Summed:
    """The summary of a table that comes in `chunks`; with a `reference`, also on its scale.

    `workers` look at several columns at once. DatasetError when two columns have one name.
    """
    table = _Table(aims, reference, workers)
    for chunk in chunks:
        table.add(chunk)
    return table.summed(origin, digest)


class _Table:
    def __init__(
        self, aims: Aims, reference: TableProfile | None, workers: Executor | None
    ) -> None:
        self._aims = aims
        self._known: Mapping[str, ColumnProfile] = {} if reference is None else reference.by_name
        self._workers = workers
        self._rows = 0
        self._columns: list[ColumnAccumulator] = []
        self._sample = SampleAccumulator()
        self._hasher = RowHasher(target=aims.target, id=aims.id, exact=aims.every_row)
        self._ids = IdCounter()
        self._rules = IntegrityCounter(aims.rules)

    def add(self, chunk: pa.RecordBatch) -> None:
        """Take in a chunk; all chunks have the columns of the first."""
        names = list(chunk.schema.names)
        if not self._columns:
            _must_differ(names)
            self._columns = [ColumnAccumulator(name, self._known.get(name)) for name in names]
        each = map if self._workers is None else self._workers.map
        looked_at = list(each(self._add_column, enumerate(chunk.columns)))
        cells = [one for one, _ in looked_at]
        if self._aims.rules:
            self._rules.add(frame_of(self._asked_about(cells)), self._rows)
        self._rows += chunk.num_rows
        self._sample.add(cells)
        if self._aims.rows:
            self._hasher.add(cells, [hashes for _, hashes in looked_at if hashes is not None])
        if self._aims.id is not None:
            for one, hashes in looked_at:
                if one.name == self._aims.id:
                    self._ids.add(one, hashes)

    def summed(self, origin: str, digest: str) -> Summed:
        """The summary of all chunks."""
        aims, sample = self._aims, self._sample.frame()
        columns = tuple(column.profile(sample) for column in self._columns)
        hashes = self._hasher.result() if aims.rows else None
        scales = {column.name: self._known.get(column.name, column) for column in columns}
        apart = {aims.target, aims.id, *aims.set_aside} - {None}
        features = sample.drop(columns=[name for name in sample.columns if name in apart])
        has_target = aims.target is not None and aims.target in sample.columns
        return Summed(
            profile=TableProfile(
                rows=self._rows,
                columns=columns,
                repeats=None if hashes is None else repeats(hashes),
                conflicts=None if hashes is None else conflicts(hashes),
                correlations=correlations(features, scales) if aims.relations else (),
                target=aims.target if has_target else None,
                leaks=self._leaks(sample) if has_target else (),
                row_sketch=() if hashes is None else row_sketch(hashes),
                origin=origin,
                digest=digest,
            ),
            sample=sample,
            hashes=hashes,
            ids=self._ids.counts() if aims.id is not None else None,
            integrity=self._rules.result(),
        )

    def _leaks(self, sample: pd.DataFrame) -> tuple[Leak, ...]:
        aims = self._aims
        if not aims.relations or aims.target is None:
            return ()
        # An id or a moment that gives the target away is a leak like any other.
        keys = {aims.id, *aims.set_aside} - {None, aims.target}
        return find_leaks(sample, aims.target, keys=[key for key in keys if key is not None])

    def _asked_about(self, cells: Sequence[Cells]) -> Sequence[Cells]:
        """The columns that rules name; all of them when one is not there, to say what is."""
        asked = {name for rule in self._aims.rules for name in rule.asks.columns}
        named = [one for one in cells if one.name in asked]
        return named if len(named) == len(asked) else cells

    def _add_column(self, numbered: tuple[int, pa.Array]) -> tuple[Cells, Hashes | None]:
        place, array = numbered
        column = self._columns[place]
        cells = cells_of(column.name, array)
        hashed = self._aims.rows or column.name == self._aims.id
        hashes = column_hashes(cells) if hashed else None
        column.add(cells, hashes)
        return cells, hashes


def _must_differ(names: Sequence[str]) -> None:
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise DatasetError(f"the data has two columns named {twice[0]!r}", hint="rename one")
