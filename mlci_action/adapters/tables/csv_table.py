"""How is a CSV file read? As pandas reads it, whole or a block of rows at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pandas as pd
import pyarrow as pa

from mlci_action.adapters.tables.csv_arrow import Unsure, arrow_batches
from mlci_action.adapters.tables.csv_lines import records
from mlci_action.adapters.tables.csv_pandas import pandas_batches, pandas_frame
from mlci_action.adapters.tables.dialect import dialect_of
from mlci_action.adapters.tables.encodings import codec_of, open_text
from mlci_action.adapters.tables.failures import reading
from mlci_action.adapters.tables.options import WHITESPACE, ReadOptions

_ROWS_AT_ONCE = 1 << 20


class CsvTable:
    """A CSV file, packed or not; its cells are text until someone takes them for something."""

    def __init__(self, path: Path, head: bytes, options: ReadOptions) -> None:
        self._path = path
        self._dialect = dialect_of(path, codec_of(head, options.encoding), options)
        self.names = self._dialect.names
        self.notes = self._dialect.notes
        self._rows: int | None = None

    def frame(self) -> pd.DataFrame:
        """The table as pandas reads it."""
        with self._open() as stream:
            frame = pandas_frame(stream, self._dialect.for_pandas)
        return frame.set_axis(list(self.names), axis="columns")

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """The cells of `columns` as text, null where pandas reads missing."""
        return self._batches(columns, rows, raw=False)

    def written(self, column: str) -> Iterator[pa.Array]:
        """The cells of `column` as they are written."""
        return (batch.column(0) for batch in self._batches([column], _ROWS_AT_ONCE, raw=True))

    def count(self) -> int:
        """How many rows there are."""
        if self._rows is None:
            self._rows = sum(
                batch.num_rows for batch in self.batches(self.names[:1], _ROWS_AT_ONCE)
            )
        return self._rows

    def lines(self, rows: Sequence[int]) -> list[int | None]:
        """The line that each of `rows` starts on."""
        last = max(rows, default=-1)
        header = 1 if self._dialect.header_lines else 0
        with self._open() as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
            starts = (line for line, _ in records(text, self._dialect.separator))
            found = dict(enumerate(islice(starts, header, header + last + 1)))
        return [found.get(row) for row in rows]

    def _batches(self, columns: Sequence[str], rows: int, *, raw: bool) -> Iterator[pa.RecordBatch]:
        numbers = [self.names.index(name) for name in columns]
        given = 0
        if self._arrow_reads_it():
            try:
                for batch in self._arrow_batches(numbers, raw=raw):
                    yield from _cut(pa.RecordBatch.from_arrays(batch.columns, columns), rows)
                    given += batch.num_rows
            except Unsure:
                pass
            else:
                return
        for batch in _without(self._pandas_batches(numbers, raw=raw), given):
            yield from _cut(pa.RecordBatch.from_arrays(batch.columns, columns), rows)

    @contextmanager
    def _open(self) -> Iterator[io.BufferedReader]:
        with (
            reading(self._path, self._dialect.codec),
            open_text(self._path, self._dialect.codec) as stream,
        ):
            yield stream

    def _arrow_reads_it(self) -> bool:
        """A line of blanks is a row to pyarrow, and shows as none only beside other columns."""
        dialect = self._dialect
        separated = dialect.separator != WHITESPACE and dialect.separator.isascii()
        return separated and len(self.names) > 1 and not dialect.ends_in_returns

    def _arrow_batches(self, columns: Sequence[int], *, raw: bool) -> Iterator[pa.RecordBatch]:
        dialect = self._dialect
        with self._open() as stream:
            for _ in range(dialect.header_lines):
                stream.readline()
            yield from arrow_batches(stream, dialect.separator, len(self.names), columns, raw=raw)

    def _pandas_batches(self, columns: Sequence[int], *, raw: bool) -> Iterator[pa.RecordBatch]:
        spelling, width = self._dialect.for_pandas, len(self.names)
        with self._open() as stream:
            yield from pandas_batches(stream, self._path, spelling, columns, width=width, raw=raw)


def _cut(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def _without(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """`batches` but for the first `rows` rows."""
    for batch in batches:
        if batch.num_rows > rows:
            yield batch.slice(rows)
        rows = max(0, rows - batch.num_rows)
