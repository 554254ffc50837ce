"""How do the rows travel to the user's interpreter? One plain file a column, and a description.

The user's pandas may be years older than ours and have no pyarrow; `worker/rows.py` rebuilds from
these files what its own pandas would have read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlci_action.errors import DatasetError
from mlci_action.worker.rows import DESCRIPTION_FILE

_NUMBER_KINDS = "biuf"
_PLAIN_KINDS = _NUMBER_KINDS + "mM"
_NULLABLE = frozenset(
    {"boolean", "Float32", "Float64"}
    | {f"{sign}{bits}" for sign in ("Int", "UInt") for bits in (8, 16, 32, 64)}
)


def write_rows(frame: pd.DataFrame, folder: Path) -> None:
    """Write every column of `frame` into `folder`; the index does not travel.

    A column of a type that does not travel is described as such: only a model that needs it minds.
    """
    names = pd.Index([str(name) for name in frame.columns])
    if not names.is_unique:
        twice = names[names.duplicated()][0]
        raise DatasetError(f"the data has two columns named {twice!r}", hint="rename one")
    columns = [
        {"name": name, **_write_column(frame.iloc[:, number], folder, str(number))}
        for number, name in enumerate(names)
    ]
    description = {"rows": len(frame), "columns": columns}
    (folder / DESCRIPTION_FILE).write_text(json.dumps(description), encoding="utf-8")


def _write_column(column: pd.Series[Any], folder: Path, stem: str) -> dict[str, Any]:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _write_category(column, dtype, folder, stem)
    if isinstance(dtype, pd.DatetimeTZDtype):
        moments = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        return {"kind": "instants", "file": _save(folder, stem, moments), "zone": str(dtype.tz)}
    if isinstance(dtype, pd.StringDtype) or dtype.kind == "O":
        return _write_cells(column, folder, stem)
    if isinstance(dtype, np.dtype) and dtype.kind in _PLAIN_KINDS:
        kind = "numbers" if dtype.kind in _NUMBER_KINDS else "times"
        return {"kind": kind, "file": _save(folder, stem, column.to_numpy())}
    if str(dtype) in _NULLABLE:
        return _write_masked(column, folder, stem)
    return {"kind": "unsupported", "type": str(dtype)}


def _write_category(
    column: pd.Series[Any], dtype: pd.CategoricalDtype, folder: Path, stem: str
) -> dict[str, Any]:
    categories = pd.Series(dtype.categories)
    return {
        "kind": "category",
        "file": _save(folder, stem, column.cat.codes.to_numpy()),
        "ordered": bool(dtype.ordered),
        "categories": _write_column(categories, folder, f"{stem}-categories"),
    }


def _write_cells(column: pd.Series[Any], folder: Path, stem: str) -> dict[str, Any]:
    """Text, or a column of objects that JSON can hold."""
    cells = [
        None if missing else cell.item() if isinstance(cell, np.generic) else cell
        for cell, missing in zip(
            column.to_numpy(dtype=object), column.isna().to_numpy(), strict=True
        )
    ]
    kinds = {type(cell) for cell in cells} - {type(None)}
    strange = sorted(kind.__name__ for kind in kinds - {str, bool, int, float})
    if strange:
        return {"kind": "unsupported", "type": strange[0]}
    file = f"{stem}.json"
    (folder / file).write_text(json.dumps(cells), encoding="utf-8")
    if kinds == {str} or isinstance(column.dtype, pd.StringDtype):
        return {"kind": "text", "file": file, "dtype": _text_dtype(column)}
    return {"kind": "mixed", "file": file}


def _text_dtype(column: pd.Series[Any]) -> str:
    """`string` for the nullable type, which must be asked for; `default` for what readers give."""
    nullable = isinstance(column.dtype, pd.StringDtype) and column.dtype.na_value is pd.NA
    return "string" if nullable else "default"


def _write_masked(column: pd.Series[Any], folder: Path, stem: str) -> dict[str, Any]:
    """A nullable type of pandas: the values, and which of them are missing."""
    mask = column.isna().to_numpy()
    plain = np.dtype(str(column.dtype).lower().replace("boolean", "bool"))
    values = column.fillna(plain.type(0)).to_numpy(dtype=plain)
    return {
        "kind": "masked",
        "file": _save(folder, stem, values),
        "mask": _save(folder, f"{stem}-mask", mask),
        "dtype": str(column.dtype),
    }


def _save(folder: Path, stem: str, values: np.ndarray[Any, Any]) -> str:
    np.save(folder / f"{stem}.npy", values, allow_pickle=False)
    return f"{stem}.npy"
