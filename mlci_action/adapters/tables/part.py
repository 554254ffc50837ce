"""What can be asked of one file of a table, whatever its format? And which reader answers?"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pandas as pd
import pyarrow as pa

from mlci_action.adapters.tables.arrow_table import ArrowTable
from mlci_action.adapters.tables.csv_table import CsvTable
from mlci_action.adapters.tables.excel_table import ExcelTable
from mlci_action.adapters.tables.failures import reading
from mlci_action.adapters.tables.json_lines import JsonLinesTable
from mlci_action.adapters.tables.kinds import Found, Kind, find_kind
from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.adapters.tables.parquet_table import ParquetTable
from mlci_action.adapters.tables.scratch import Scratch
from mlci_action.adapters.tables.unpacking import unpacked_copy
from mlci_action.errors import DatasetError

_TEXT = frozenset({Kind.CSV, Kind.JSON_LINES})
_WITHOUT_NAMES = frozenset({Kind.CSV, Kind.EXCEL})


class Part(Protocol):
    """One file of a table."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of its columns."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noticed."""

    def frame(self) -> pd.DataFrame:
        """The whole, as pandas reads it."""

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of `columns`, at most `rows` at once."""

    def written(self, column: str) -> Iterator[pa.Array]:
        """The cells of `column` as written, where words may be read as missing; else nothing."""

    def count(self) -> int:
        """How many rows there are."""

    def lines(self, rows: Sequence[int]) -> list[int | None]:
        """The line of each of `rows`, None where a format has none."""


def open_part(path: Path, options: ReadOptions) -> Part:
    """The file at `path`, read by the reader of its kind."""
    found = find_kind(path)
    if not found.packed or found.kind in _TEXT:
        return _part(path, found, options)
    # These readers jump about in a file.
    scratch = Scratch()
    try:
        with reading(path):
            copy = unpacked_copy(path, scratch.path)
        part = _part(copy, found, options)
    except BaseException:
        scratch.remove()
        raise
    weakref.finalize(part, scratch.remove)
    return part


def _part(path: Path, found: Found, options: ReadOptions) -> Part:
    if options.columns is not None and found.kind not in _WITHOUT_NAMES:
        raise DatasetError(
            f"{path.name!r} is {found.kind.value}, which names its columns itself",
            hint="leave data.columns out",
        )
    match found.kind:
        case Kind.CSV:
            return CsvTable(path, found.head, options)
        case Kind.EXCEL:
            return ExcelTable(path, options)
        case Kind.PARQUET:
            return ParquetTable(path)
        case Kind.JSON_LINES:
            return JsonLinesTable(path, found.head, options)
        case Kind.ARROW_FILE | Kind.ARROW_STREAM:
            return ArrowTable(path, is_stream=found.kind is Kind.ARROW_STREAM)
