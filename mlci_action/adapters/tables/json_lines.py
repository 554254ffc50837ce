"""How are JSON lines read? An object a line; what is nested in it is JSON text."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from mlci_action.adapters.tables.encodings import codec_of, open_text
from mlci_action.adapters.tables.failures import reading
from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.errors import DatasetError

_CHARS_AT_ONCE = 8 << 20
_MAX_LINE_CHARS = 64 << 20


class JsonLinesTable:
    """A file with a JSON object a line. Its columns are all keys, in the order they appear."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, head: bytes, options: ReadOptions) -> None:
        self._path = path
        self._codec = codec_of(head, options.encoding)
        names: dict[str, None] = {}
        self._rows = 0
        # Every line is asked: a key that is rare is a column too.
        for _, row in self._objects():
            names.update(dict.fromkeys(row))
            self._rows += 1
        self.names = tuple(names)

    def frame(self) -> pd.DataFrame:
        """The table as pandas reads it; names stay as they are written."""
        with self._open() as text:
            return pd.read_json(text, lines=True, convert_axes=False)

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of `columns`; one that holds values of several kinds is JSON text."""
        for block in self._blocks(rows):
            with reading(self._path):
                arrays = [_array([row.get(name) for row in block]) for name in columns]
            yield pa.RecordBatch.from_arrays(arrays, list(columns))

    def written(self, column: str) -> Iterator[pa.Array]:  # noqa: ARG002 - what all are asked
        """Words stay words."""
        return iter(())

    def count(self) -> int:
        """How many rows there are."""
        return self._rows

    def lines(self, rows: Sequence[int]) -> list[int | None]:
        """The line of each of `rows`."""
        last = max(rows, default=-1)
        with self._open() as text:
            numbers = (number for number, _ in _lines(self._path, text))
            found = dict(enumerate(islice(numbers, last + 1)))
        return [found.get(row) for row in rows]

    def _blocks(self, rows: int) -> Iterator[list[dict[str, Any]]]:
        block: list[dict[str, Any]] = []
        chars = 0
        for length, row in self._objects():
            block.append(row)
            chars += length
            if len(block) >= rows or chars >= _CHARS_AT_ONCE:
                yield block
                block, chars = [], 0
        if block:
            yield block

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every object, and how long its line is."""
        with self._open() as text:
            for number, line in _lines(self._path, text):
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError):
                    row = None
                if not isinstance(row, dict):
                    raise DatasetError(
                        f"{self._path.name!r} is not JSON lines: "
                        f"line {number:,} is not an object for itself",
                        hint="write a JSON object a line, as by "
                        'frame.to_json(path, orient="records", lines=True); or Parquet',
                    )
                yield len(line), row

    @contextmanager
    def _open(self) -> Iterator[io.TextIOWrapper]:
        with (
            reading(self._path, self._codec),
            open_text(self._path, self._codec) as stream,
            io.TextIOWrapper(stream, encoding="utf-8") as text,
        ):
            yield text


def _lines(path: Path, text: io.TextIOWrapper) -> Iterator[tuple[int, str]]:
    """Every line that is not blank, and its number."""
    number = 0
    while line := text.readline(_MAX_LINE_CHARS):
        number += 1
        if len(line) >= _MAX_LINE_CHARS:
            raise DatasetError(
                f"{path.name!r}: line {number:,} is longer than {_MAX_LINE_CHARS >> 20} MiB",
                hint="JSON lines have an object a line",
            )
        if line.strip():
            yield number, line


def _array(values: list[Any]) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        kinds = {float}
    if kinds <= {str} or (len(kinds) == 1 and kinds <= {bool, int, float}):
        try:
            return pa.array(values, type=pa.float64() if kinds == {float} else None)
        except (pa.ArrowInvalid, OverflowError):
            # A whole number that 64 bits do not hold.
            pass
    return pa.array([_json_text(value) for value in values], type=pa.string())


def _json_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
