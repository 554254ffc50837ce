"""What if the rows are in one file and their labels in another? They are put side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlci_action.adapters.tables.header import NoHeader
from mlci_action.adapters.tables.options import AS_FOUND, ReadOptions
from mlci_action.adapters.tables.source import ROWS_AT_ONCE, Place, TableSource, open_table, reread
from mlci_action.errors import DatasetError

# What pandas calls the column of a series without a name.
_UNNAMED = "0"
_CHANGED = "a file has changed while it was read; run again"


@dataclass(frozen=True, kw_only=True, eq=False)
class JoinedSource:
    """A table whose `target` is a column of another one; it answers what a TableSource answers.

    order: the row of `labels` that belongs to each of `rows`; None where they stand in one order.
    """

    rows: TableSource
    labels: TableSource
    target: str
    order: pa.ChunkedArray | None = None

    @property
    def path(self) -> str:
        """The patterns as they are written."""
        return f"{self.rows.path} + {self.labels.path}"

    @property
    def files(self) -> tuple[Path, ...]:
        """Those of the rows, then those of the labels."""
        return (*self.rows.files, *self.labels.files)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noticed of both."""
        return (*self.rows.notes, *self.labels.notes)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the rows, and the target."""
        return (*self.rows.names, self.target)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of both digests."""
        both = f"{self.rows.digest}\n{self.labels.digest}\n"
        return f"sha256:{hashlib.sha256(both.encode()).hexdigest()}"

    def frame(self) -> pd.DataFrame:
        """All rows and their labels, as pandas reads them."""
        labels = self.labels.frame()[str(self.labels.target)].rename(self.target)
        if self.order is not None:
            labels = labels.iloc[self.order.to_numpy()]
        columns = [self.rows.frame(), labels.reset_index(drop=True)]
        return pd.concat(columns, axis="columns")

    def chunks(
        self, columns: Sequence[str] | None = None, *, rows: int = ROWS_AT_ONCE
    ) -> Iterator[pa.RecordBatch]:
        """All rows of `columns`, at most `rows` at once, in the order of `frame()`."""
        chosen = self.names if columns is None else tuple(columns)
        others = tuple(name for name in chosen if name != self.target)
        if len(others) == len(chosen):
            yield from self.rows.chunks(chosen, rows=rows)
            return
        # Where the target alone is asked for, some column still says which rows there are.
        left = self.rows.chunks(others or self.rows.names[:1], rows=rows)
        for batch, labels in _side_by_side(left, self._label_blocks(rows)):
            arrays = {self.target: labels} | dict(
                zip(batch.schema.names, batch.columns, strict=True)
            )
            yield pa.RecordBatch.from_arrays([arrays[name] for name in chosen], list(chosen))

    def count(self) -> int:
        """How many rows there are."""
        return self.rows.count()

    def lines(self, rows: Sequence[int]) -> list[Place]:
        """Where each of `rows` stands, without its label."""
        return self.rows.lines(rows)

    def _label_blocks(self, rows: int) -> Iterator[pa.Array]:
        blocks = self.labels.chunks([str(self.labels.target)], rows=rows)
        if self.order is None:
            yield from (block.column(0) for block in blocks)
            return
        whole = pa.chunked_array([block.column(0) for block in blocks])
        for start in range(0, len(self.order), rows):
            yield whole.take(self.order.slice(start, rows)).combine_chunks()


def open_labels(
    pattern: str, folder: Path, options: ReadOptions = AS_FOUND, *, target: str
) -> TableSource:
    """The table with the labels; a lone column may have any name, or no header line."""
    try:
        table = open_table(pattern, folder, options)
    except NoHeader as error:
        if error.width != 1:
            raise
        table = open_table(pattern, folder, replace(options, columns=(target,)))
    if target not in table.names and len(table.names) > 1:
        raise DatasetError(
            f"{pattern!r} has no column {target!r}",
            hint="a file of labels has one column, or the target among its columns",
        )
    return table


def join_labels(
    frame_source: TableSource,
    label_source: TableSource,
    target: str,
    id: str | None = None,  # noqa: A002 - the word of mlci.yml
) -> JoinedSource:
    """`frame_source` with the labels of `label_source` as its column `target`.

    Joined by `id`, one to one, when both have that column; else by position, when there are as many
    labels as rows and no column is in both. DatasetError otherwise.
    """
    rows, labels = frame_source, label_source
    if target in rows.names:
        raise DatasetError(
            f"the target {target!r} is a column of {rows.path!r} already",
            hint=f"leave {labels.path!r} out, or rename the column",
        )
    if id is not None and id in rows.names and id in labels.names:
        return JoinedSource(
            rows=rows,
            labels=_labelled(labels, target),
            target=target,
            order=_order(rows, labels, id),
        )
    shared = [name for name in labels.names if name in rows.names]
    if shared:
        raise DatasetError(
            f"{rows.path!r} and {labels.path!r} both have a column {shared[0]!r}",
            hint="set `data.id` to the column that names a row in both, or leave the target alone "
            "in the file of labels",
        )
    labels = _of_length(rows.count(), labels, rows.path, target)
    return JoinedSource(rows=rows, labels=_labelled(labels, target), target=target)


def _labelled(labels: TableSource, target: str) -> TableSource:
    """`labels` that know which of their columns is the target: its words are asked about."""
    return replace(labels, target=target if target in labels.names else labels.names[0])


def _of_length(count: int, labels: TableSource, path: str, target: str) -> TableSource:
    """`labels`, read so that there are `count`: whether a word is a name or a label, that tells."""
    found = labels.count()
    if found == count:
        return labels
    other = _read_otherwise(labels, target, count - found)
    if other is not None and other.count() == count:
        return other
    raise DatasetError(
        f"{path!r} has {count:,} rows, and {labels.path!r} has {found:,} labels",
        hint="they are joined by position, one label a row; set `data.id` to join by a column "
        "that names a row in both",
    )


def _read_otherwise(labels: TableSource, target: str, lacking: int) -> TableSource | None:
    """With the first line as a label where it is one, or as a name where pandas gives that name."""
    if len(labels.names) != 1:
        return None
    blocks = labels.chunks()
    if lacking == 1 and any(_holds(block.column(0), labels.names[0]) for block in blocks):
        columns, note = (target,), "its first line is a label, as there are as many rows"
    elif lacking == -1 and str(next(blocks).column(0)[0]) == _UNNAMED:
        columns, note = (_UNNAMED,), "its first line is the name that pandas gives, and no label"
    else:
        return None
    try:
        other = reread(labels, replace(labels.options, columns=columns))
    except DatasetError:
        # Of a format that names its columns itself.
        return None
    return replace(other, notes=(*labels.notes, f"{labels.path}: {note}"))


def _holds(cells: pa.Array, word: str) -> bool:
    return bool(pc.any(pc.equal(_texts(cells), word)).as_py())


def _order(rows: TableSource, labels: TableSource, name: str) -> pa.ChunkedArray:
    """The row of `labels` that has the id of each row; every id is once in both."""
    ours, theirs = _ids(rows, name), _ids(labels, name)
    order = pc.index_in(ours, value_set=theirs)
    lost = order.null_count
    if lost or len(ours) != len(theirs):
        raise DatasetError(
            f"{lost:,} of {len(ours):,} rows of {rows.path!r} have no label in {labels.path!r}, "
            f"which has {len(theirs):,}",
            hint=f"{name!r} must name the same rows in both",
        )
    return order


def _ids(table: TableSource, name: str) -> pa.ChunkedArray:
    blocks = (_texts(batch.column(0)) for batch in table.chunks([name]))
    ids = pa.chunked_array(blocks, type=pa.large_string())
    distinct = pc.count_distinct(ids, mode="all").as_py()
    if ids.null_count or distinct < len(ids):
        raise DatasetError(
            f"{name!r} does not name the rows of {table.path!r}: "
            f"{ids.null_count:,} of {len(ids):,} are missing, {distinct:,} are distinct",
            hint="labels are joined by a column that names every row once",
        )
    return ids


def _texts(cells: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    return cells.cast(pa.large_string())


def _side_by_side(
    batches: Iterator[pa.RecordBatch], arrays: Iterator[pa.Array]
) -> Iterator[tuple[pa.RecordBatch, pa.Array]]:
    """Pieces of equal length of both, as long as the shorter piece at hand."""
    array: pa.Array = pa.array([])
    for whole in batches:
        batch = whole
        while batch.num_rows:
            if not len(array):
                array = next(arrays, array)
            if not len(array):
                raise DatasetError("there are more rows than labels", hint=_CHANGED)
            size = min(batch.num_rows, len(array))
            yield batch.slice(0, size), array.slice(0, size)
            batch, array = batch.slice(size), array.slice(size)
    # What is wrong with the labels as a whole is said at their end.
    if len(array) or next(arrays, None) is not None:
        raise DatasetError("there are more labels than rows", hint=_CHANGED)
