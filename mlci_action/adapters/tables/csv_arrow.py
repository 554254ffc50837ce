"""How are cells of a CSV file read fast, a block at a time? By pyarrow, where it reads as pandas.

What it cannot read, or would read otherwise, is `Unsure`: nothing of that block has been given yet.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.csv as pa_csv

from mlci_action.adapters.tables.blanks import MISSING

_BLOCK = 4 << 20
# pyarrow takes a quote that is never closed for a cell; a last row that must come back whole tells.
_LAST = "\x1fmlci-action: the last row\x1f"


class Unsure(Exception):
    """pyarrow cannot read on, or not as pandas would."""


def arrow_batches(
    rows: io.BufferedReader, separator: str, width: int, columns: Sequence[int], *, raw: bool
) -> Iterator[pa.RecordBatch]:
    """The cells of `columns` as text, from a stream past its header line.

    raw: words like NA stay words. The rows are named by number: names may be anything.
    """
    try:
        reader = pa_csv.open_csv(
            pa.PythonFile(_Blocks(rows, separator, width), mode="r"),
            read_options=pa_csv.ReadOptions(
                column_names=[str(number) for number in range(width)], block_size=_BLOCK
            ),
            parse_options=pa_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=_as_written(width, columns, raw=raw),
        )
    except pa.ArrowInvalid as error:
        raise Unsure from error
    with contextlib.closing(reader):
        yield from _without_last_row(reader)


def _as_written(width: int, columns: Sequence[int], *, raw: bool) -> pa_csv.ConvertOptions:
    return pa_csv.ConvertOptions(
        column_types={str(number): pa.string() for number in range(width)},
        include_columns=[str(number) for number in columns],
        null_values=list(MISSING),
        strings_can_be_null=not raw,
        quoted_strings_can_be_null=True,
    )


def _without_last_row(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """A block is held back until the next one has come: the last row is known at the end only."""
    held: pa.RecordBatch | None = None
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            break
        except pa.ArrowInvalid as error:
            if held is not None:
                yield held
            raise Unsure from error
        if batch.num_rows:
            if held is not None:
                yield held
            held = batch
    if held is None:
        raise Unsure
    rows = held.num_rows - 1
    if any(column[rows].as_py() != _LAST for column in held.columns):
        raise Unsure
    if rows:
        yield held.slice(0, rows)


class _Blocks:
    """What pyarrow reads: the stream, and the last row after it."""

    closed = False

    def __init__(self, stream: io.BufferedReader, separator: str, width: int) -> None:
        self._stream = stream
        self._tail = f"\n{separator.join([_LAST] * width)}\n".encode()

    def read(self, size: int) -> bytes:
        """A block. No block begins with a line feed: pyarrow drops it after a carriage return."""
        data = self._stream.read(size // 2)
        while data.endswith(b"\r") and len(data) < size and (more := self._stream.read(1)):
            data += more
        if not data:
            data, self._tail = self._tail, b""
        return data

    def readable(self) -> bool:
        """As files say it."""
        return True

    def close(self) -> None:
        """The stream is closed by whoever opened it."""
        self.closed = True
