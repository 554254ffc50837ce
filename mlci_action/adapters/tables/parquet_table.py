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


class ParquetTable:
    """A Parquet file; its columns have the types it stores."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        with reading(path, also=BROKEN_METADATA), pq.ParquetFile(path) as file:
            self._schema = file.schema_arrow
            self._columns = stored_columns(path, self._schema)
            self._rows: int = file.metadata.num_rows
        self.names = tuple(column.name for column in self._columns)

    def frame(self) -> pd.DataFrame:
        """The table as pandas reads it."""
        with reading(self._path, also=BROKEN_METADATA):
            return as_read(pd.read_parquet(self._path), self._columns)

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of `columns`, as they are stored."""
        chosen = [self._columns[self.names.index(name)] for name in columns]
        fields = [column.field for column in chosen if column.field is not None]
        # Text that the file stores as a dictionary needs no other one.
        words = [name for name in fields if _is_words(self._schema.field(name).type)]
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


def _is_words(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
