"""How are cells of a CSV file read as pandas reads them? By pandas, whole or a block at a time."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from mlci_action.errors import DatasetError

# What is held at once of rows that only pandas can read; no row is so long.
_MAX_BYTES_AT_ONCE = 256 << 20
# pandas makes an object of every cell.
_CELLS_AT_ONCE = 1_000_000
_MIN_ROWS = 1_000


def pandas_frame(stream: io.BufferedReader, spelling: dict[str, Any]) -> pd.DataFrame:
    """The table in `stream`, with the types that pandas finds."""
    with _refusing_long_rows():
        frame: pd.DataFrame = pd.read_csv(stream, low_memory=False, **spelling)
    return frame


def pandas_batches(
    stream: io.BufferedReader,
    path: Path,
    spelling: dict[str, Any],
    columns: Sequence[int],
    *,
    width: int,
    raw: bool,
) -> Iterator[pa.RecordBatch]:
    """The cells of `columns` as text, from a stream of `width` columns; raw: NA stays a word."""
    bounded = _Bounded(stream, path)
    rows = max(_MIN_ROWS, _CELLS_AT_ONCE // width)
    # Columns are chosen afterwards: with `usecols`, pandas takes rows that are too long.
    with pd.read_csv(
        io.BufferedReader(bounded), dtype=object, chunksize=rows, keep_default_na=not raw,
        **spelling,
    ) as reader:  # fmt: skip
        while (frame := _next(reader)) is not None:
            bounded.begin_anew()
            yield pa.RecordBatch.from_arrays(
                [_text(frame.iloc[:, number]) for number in columns], list(map(str, columns))
            )


def _next(reader: Iterator[pd.DataFrame]) -> pd.DataFrame | None:
    with _refusing_long_rows():
        return next(reader, None)


@contextmanager
def _refusing_long_rows() -> Iterator[None]:
    with warnings.catch_warnings():
        # A column of mixed types is for the checks to judge; pandas warns of its reading in pieces.
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        # Rows with more values than the header has names would lose them without a word.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        yield


def _text(cells: pd.Series[Any]) -> pa.Array:
    return pa.array(cells.to_numpy(dtype=object), type=pa.string(), from_pandas=True)


class _Bounded(io.RawIOBase):
    """A stream that is not read on without end before a block of rows is full."""

    def __init__(self, stream: io.BufferedReader, path: Path) -> None:
        self._stream, self._path = stream, path
        self.begin_anew()

    def begin_anew(self) -> None:
        """The next block of rows begins."""
        self._left = _MAX_BYTES_AT_ONCE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        count = self._stream.readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise DatasetError(
                f"{self._path.name!r} has rows that are too long to be read: is a quote left open?",
                hint="close every quote, or write Parquet",
            )
        return count
