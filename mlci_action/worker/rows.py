"""How do plain files become the table that the model was fitted on, in this interpreter's pandas?

The rows come as one file a column and a description (`rows.json`): neither CSV, which loses types,
nor parquet, which needs pyarrow, is safe between two pandas versions. `adapters/row_files.py`
writes them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Array, Pandas, Table

DESCRIPTION_FILE = "rows.json"


class Rows:
    """Rows of the evaluation data; columns are read when they are asked for."""

    def __init__(self, folder: Path) -> None:
        description = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
        self.count: int = description["rows"]
        self._columns: Dict[str, _Stored] = {
            column["name"]: _Stored(folder, column, None) for column in description["columns"]
        }

    def at(self, positions: Array) -> "Rows":
        """Those of the rows, in this order; each column is read once only."""
        columns = {name: column.at(positions) for name, column in self._columns.items()}
        return self._of(columns, len(positions))

    def with_changed(self, changed: "Rows") -> "Rows":
        """The rows with some of their columns replaced; as many rows in the same order."""
        new = changed._columns  # noqa: SLF001  of the same class
        known = {name: column for name, column in new.items() if name in self._columns}
        return self._of({**self._columns, **known}, self.count)

    @classmethod
    def _of(cls, columns: "Dict[str, _Stored]", count: int) -> "Rows":
        rows = cls.__new__(cls)
        rows._columns, rows.count = columns, count  # noqa: SLF001
        return rows

    @property
    def names(self) -> List[str]:
        """The columns' names, in the order of the data."""
        return list(self._columns)

    @property
    def names_that_travel(self) -> List[str]:
        """Those of the columns whose values are of a type that could be written."""
        return [n for n, column in self._columns.items() if column.kind != "unsupported"]

    @property
    def texts(self) -> List[str]:
        """The names of the columns of text."""
        return [name for name, column in self._columns.items() if column.kind == "text"]

    def table(self, names: List[str]) -> Table:
        """A DataFrame of these columns; without pandas an array, if they are all numbers."""
        try:
            import pandas as pd
        except ImportError as error:
            return self._array_without_pandas(names, error)
        data = {name: self._columns[name].values(pd) for name in names}
        return pd.DataFrame(data, index=pd.RangeIndex(self.count), columns=names)

    def _array_without_pandas(self, names: List[str], error: ImportError) -> Array:
        import numpy as np

        others = [name for name in names if self._columns[name].kind != "numbers"]
        if others:
            raise WorkerFailure(
                "no_pandas",
                f"needs pandas, because columns such as {others[0]!r} are not numbers",
                "install pandas in that environment",
            ) from error
        arrays = [self._columns[name].numbers() for name in names]
        return np.column_stack(arrays) if arrays else np.empty((self.count, 0))


class _Stored:
    """A column in its folder, or the values that it has at some positions."""

    def __init__(self, folder: Path, column: Dict[str, Any], positions: Optional[Array]) -> None:
        self._folder = folder
        self._column = column
        self._positions = positions
        self._taken: Table = None
        self.kind: str = column["kind"]

    def at(self, positions: Array) -> "_Stored":
        return _Stored(self._folder, self._column, positions)

    def values(self, pd: Pandas) -> Table:
        if self._positions is None:
            return self._whole(pd)
        if self._taken is None:
            whole = pd.Series(self._whole(pd))
            self._taken = whole.iloc[self._positions].reset_index(drop=True)
        return self._taken.copy()

    def _whole(self, pd: Pandas) -> Table:
        try:
            return _column(self._folder, self._column, pd)
        except FileNotFoundError as error:
            raise WorkerFailure(
                "rows", "removed rows that it was to be asked", "a model must not delete files"
            ) from error

    def numbers(self) -> Array:
        import numpy as np

        whole = np.load(self._folder / self._column["file"], allow_pickle=False)
        return whole if self._positions is None else whole[self._positions]


def _column(folder: Path, column: Dict[str, Any], pd: Pandas) -> Table:
    import numpy as np

    kind = column["kind"]
    if kind == "unsupported":
        raise WorkerFailure(
            "unsupported_column",
            f"needs the column {column['name']!r}, whose values are of type {column['type']}",
            "save that column as numbers, text, dates or categories",
        )
    if kind == "text":
        return _text(folder, column, pd)
    if kind == "mixed":
        return pd.Series(_cells(folder, column), dtype=object)
    values = np.load(folder / column["file"], allow_pickle=False)
    if kind == "category":
        categories = pd.Index(_column(folder, column["categories"], pd))
        return pd.Categorical.from_codes(values, categories, ordered=column["ordered"])
    if kind == "masked":
        mask = np.load(folder / column["mask"], allow_pickle=False)
        whole = pd.Series(values).astype(column["dtype"])
        return whole.mask(pd.Series(mask))
    if kind == "instants":
        return pd.Series(values).dt.tz_localize("UTC").dt.tz_convert(column["zone"])
    return pd.Series(values)


def _text(folder: Path, column: Dict[str, Any], pd: Pandas) -> Table:
    """Text in this pandas' own default type (object before pandas 3, str since)."""
    if column["dtype"] == "string":
        return pd.Series(_cells(folder, column), dtype="string")
    return pd.Series(_cells(folder, column), dtype=pd.Series(["text"]).dtype)


def _cells(folder: Path, column: Dict[str, Any]) -> List[Any]:
    cells = json.loads((folder / column["file"]).read_text(encoding="utf-8"))
    return [float("nan") if cell is None else cell for cell in cells]
