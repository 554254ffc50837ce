"""How is an Arrow file or stream (Feather) read? A record batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa

from mlci_action.adapters.tables.failures import reading
from mlci_action.adapters.tables.stored_columns import (
    BROKEN_METADATA,
    as_read,
    batches_as_read,
    stored_columns,
)


class ArrowTable:
    """An Arrow file, or a stream of record batches; its columns have the types it stores."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, *, is_stream: bool) -> None:
        self._path, self._is_stream = path, is_stream
        with reading(path, also=BROKEN_METADATA), self._open() as (schema, _):
            self._columns = stored_columns(path, schema)
        self.names = tuple(column.name for column in self._columns)

    def frame(self) -> pd.DataFrame:
        """The table as pandas reads it."""
        with reading(self._path, also=BROKEN_METADATA), self._open() as (schema, batches):
            frame = pa.Table.from_batches(batches, schema).to_pandas()
            return as_read(frame, self._columns)

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of `columns`, as they are stored."""
        chosen = [self._columns[self.names.index(name)] for name in columns]
        with reading(self._path), self._open() as (_, batches):
            yield from batches_as_read(batches, chosen, rows)

    def written(self, column: str) -> Iterator[pa.Array]:  # noqa: ARG002 - what all are asked
        """Words stay words."""
        return iter(())

    def count(self) -> int:
        """How many rows there are."""
        with reading(self._path), self._open() as (_, batches):
            return sum(batch.num_rows for batch in batches)

    def lines(self, rows: Sequence[int]) -> list[int | None]:
        """Arrow has no lines."""
        return [None] * len(rows)

    @contextmanager
    def _open(self) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        # Mapped, since writers exist that put all rows into one batch.
        with pa.memory_map(str(self._path)) as source:
            if self._is_stream:
                with pa.ipc.open_stream(source) as reader:
                    yield reader.schema, map(_checked, reader)
            else:
                with pa.ipc.open_file(source) as reader:
                    numbers = range(reader.num_record_batches)
                    yield reader.schema, map(_checked, map(reader.get_batch, numbers))


def _checked(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Offsets that point outside of a broken file are read by nobody: they end the process."""
    batch.validate(full=True)
    return batch
