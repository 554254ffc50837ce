"""How is a Parquet file read? Pages as they are needed, not whole row groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlci_action.adapters.tables.failures import reading
from mlci_action.adapters.tables.stored_columns import (
    BROKEN_METADATA,
    as_read,
    batches_as_read,
    stored_columns,
)

# A row group is a million rows by default, and may be the whole file.
_BUFFERS = 64 << 20
_MIN_BUFFER, _MAX_BUFFER = 1 << 14, 1 << 20
_BYTES_A_PLACE = 2.5


class ParquetTable:
    """A Parquet file; its columns have the types it stores."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        with reading(path, also=BROKEN_METADATA), pq.ParquetFile(path) as file:
            self._columns = stored_columns(path, file.schema_arrow)
            self._rows: int = file.metadata.num_rows
            self._few_words = _few_words(file)
        self.names = tuple(column.name for column in self._columns)

    def frame(self) -> pd.DataFrame:
        """The table as pandas reads it."""
        with reading(self._path, also=BROKEN_METADATA):
            return as_read(pd.read_parquet(self._path), self._columns)

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of `columns`, as they are stored."""
        chosen = [self._columns[self.names.index(name)] for name in columns]
        fields = [column.field for column in chosen if column.field is not None]
        words = [name for name in fields if name in self._few_words]
        size = max(_MIN_BUFFER, min(_MAX_BUFFER, _BUFFERS // max(1, len(fields))))
        with (
            reading(self._path),
            pq.ParquetFile(
                self._path, pre_buffer=False, buffer_size=size, read_dictionary=words
            ) as file,
        ):
            # Counting numbers are in no field, and take their length from one that is.
            stored = file.iter_batches(rows, columns=fields or [file.schema_arrow.names[0]])
            yield from batches_as_read(stored, chosen, rows)

    def written(self, column: str) -> Iterator[pa.Array]:  # noqa: ARG002 - what all are asked
        """Words stay words."""
        return iter(())

    def count(self) -> int:
        """How many rows there are."""
        return self._rows

    def lines(self, rows: Sequence[int]) -> list[int | None]:
        """Parquet has no lines."""
        return [None] * len(rows)


def _few_words(file: pq.ParquetFile) -> frozenset[str]:
    """Columns of text that are stored by their places in a short list, which is as good to read.

    A long list takes more room than such places do; reading one for many rows would fill memory.
    """
    found = set()
    for number, name in enumerate(file.schema_arrow.names):
        kind = file.schema_arrow.field(number).type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            continue
        groups = (file.metadata.row_group(i) for i in range(file.metadata.num_row_groups))
        columns = [column for group in groups if (column := _column(group, name)) is not None]
        if all(one.total_uncompressed_size <= _BYTES_A_PLACE * one.num_values for one in columns):
            found.add(name)
    return frozenset(found)


def _column(group: pq.RowGroupMetaData, name: str) -> pq.ColumnChunkMetaData | None:
    columns = (group.column(number) for number in range(group.num_columns))
    return next((column for column in columns if column.path_in_schema == name), None)
