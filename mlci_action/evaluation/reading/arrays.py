"""Do the arrays of one call fit each other? Checked, and cut to the rows that have a label."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mlci_action.domain.limits import SliceLimits
from mlci_action.errors import SettingsError
from mlci_action.evaluation.reading.predictions import SliceRows, Target
from mlci_action.evaluation.reading.row_keys import unit_codes
from mlci_action.evaluation.reading.slices import slice_rows

_TWO_DIMENSIONS = 2


def one_a_row(y_true: ArrayLike) -> NDArray[Any]:
    """(N,); a single column is one as well."""
    array = np.asarray(y_true)
    if array.ndim == _TWO_DIMENSIONS and array.shape[1] == 1:
        return array.reshape(-1)
    if array.ndim != 1:
        raise SettingsError(f"y_true has the shape {array.shape}", hint="one target: (n,) values")
    return array


def table_of(slices: pd.DataFrame | pd.Series[Any], target: Target) -> pd.DataFrame:
    """The N rows of a table or of one column."""
    if isinstance(slices, pd.Series):
        slices = slices.to_frame("slice" if slices.name is None else slices.name)
    if not isinstance(slices, pd.DataFrame):
        raise SettingsError(
            f"slices is a {type(slices).__name__}", hint="a pandas DataFrame, or a named Series"
        )
    _must_match(len(slices), target, "slices")
    return slices.reset_index(drop=True)


def slices_of(table: pd.DataFrame, target: Target) -> tuple[SliceRows, ...]:
    """Each value of each column."""
    names = tuple((str(column),) for column in table.columns)
    return slice_rows(table[target.rows], SliceLimits(by=names, min_rows=1))


def units_in(unit: ArrayLike, target: Target) -> NDArray[np.int64]:
    """(n,) codes of the units."""
    units = np.asarray(unit)
    _must_match(len(units), target, "unit")
    return unit_codes(pd.DataFrame({"unit": units[target.rows]}), "unit")


def weights_in(weights: ArrayLike, target: Target) -> NDArray[np.float64]:
    """(n,) finite weights of at least 0."""
    checked = np.asarray(weights, dtype=np.float64)
    _must_match(len(checked), target, "sample_weight")
    if not (np.isfinite(checked).all() and (checked >= 0).all() and checked.sum() > 0):
        raise SettingsError(
            "sample_weight holds a negative, missing or infinite value, or only zeros",
            hint="a weight says how many rows a row stands for",
        )
    return checked[target.rows]


def _must_match(n_rows: int, target: Target, name: str) -> None:
    if n_rows != len(target.rows):
        raise SettingsError(
            f"{name} has {n_rows} rows, y_true has {len(target.rows)}",
            hint="give one value for each row",
        )
