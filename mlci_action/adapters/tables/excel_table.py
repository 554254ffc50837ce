"""How is a sheet of an Excel file read? Whole: a sheet has a million rows at most."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pandas as pd
import pyarrow as pa

from mlci_action.adapters.tables.failures import no_table, reading
from mlci_action.adapters.tables.header import has_header
from mlci_action.adapters.tables.options import ReadOptions
from mlci_action.errors import DatasetError

_MAX_UNPACKED_BYTES = 2 << 30
# What openpyxl lets through of an archive that is not the one it promises to be.
_BROKEN = (KeyError, IndexError, TypeError, AttributeError, NotImplementedError, ParseError)


class ExcelTable:
    """One sheet of an .xlsx file; what is missing is what pandas takes for missing."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self._path = path
        self._refuse_a_bomb()
        self._sheet = self._find_sheet(options.sheet)
        first = self._read(header=None, nrows=1, dtype=object, na_filter=False)
        if first.empty:
            raise DatasetError(
                f"the sheet {self._sheet!r} of {path.name!r} is empty",
                hint="name another one in `data.sheet`",
            )
        self._header = 0 if has_header(path.name, _texts(first.iloc[0]), options.columns) else None
        self.names = options.columns or _texts(self._read(header=0, nrows=0).columns)

    def frame(self) -> pd.DataFrame:
        """The sheet as pandas reads it."""
        return self._read(header=self._header).set_axis(list(self.names), axis="columns")

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
        """The cells of `columns`; of several kinds, as text."""
        frame = self.frame()
        arrays = [_array(frame[name]) for name in columns]
        whole = pa.RecordBatch.from_arrays(arrays, list(columns))
        for start in range(0, whole.num_rows, rows):
            yield whole.slice(start, rows)

    def written(self, column: str) -> Iterator[pa.Array]:
        """The cells of `column` as they are written."""
        frame = self._read(header=self._header, dtype=object, na_filter=False)
        cells = frame.iloc[:, self.names.index(column)]
        yield pa.array(_texts(cells), type=pa.string())

    def count(self) -> int:
        """How many rows there are."""
        return len(self.frame())

    def lines(self, rows: Sequence[int]) -> list[int | None]:
        """A sheet has no lines of text."""
        return [None] * len(rows)

    def _read(self, **asked: Any) -> pd.DataFrame:  # noqa: ANN401 - what read_excel takes
        with self._quietly():
            return pd.read_excel(
                self._path, sheet_name=self._sheet, engine="openpyxl", index_col=None, **asked
            )

    def _find_sheet(self, asked: str | None) -> str:
        with self._quietly(), pd.ExcelFile(self._path, engine="openpyxl") as book:
            names = [str(name) for name in book.sheet_names]
        if not names:
            raise no_table(self._path, "there is no sheet in it")
        if asked is not None and asked not in names:
            raise DatasetError(
                f"{self._path.name!r} has no sheet {asked!r}", hint=f"it has {names[:10]}"
            )
        return names[0] if asked is None else asked

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Without the warnings of openpyxl, which are of what a sheet has beside its cells."""
        with reading(self._path, also=_BROKEN), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            try:
                yield
            except ImportError as error:
                raise DatasetError(
                    f"{self._path.name!r} is an Excel file, and openpyxl is not installed",
                    hint='pip install "mlci-action[excel]"; or save it as CSV',
                ) from error

    def _refuse_a_bomb(self) -> None:
        with reading(self._path), zipfile.ZipFile(self._path) as archive:
            size = sum(one.file_size for one in archive.infolist())
        if size > _MAX_UNPACKED_BYTES:
            raise DatasetError(
                f"{self._path.name!r} unpacks to {size >> 20:,} MiB", hint="write it as Parquet"
            )


def _texts(cells: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(cell) for cell in cells)


def _array(cells: pd.Series[Any]) -> pa.Array:
    try:
        return pa.array(cells, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        texts = [
            None if missing else str(cell)
            for cell, missing in zip(cells, cells.isna(), strict=True)
        ]
        return pa.array(texts, type=pa.string())
