"""Which rows depend on each other? Units and time order, as codes of the scored rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.errors import DatasetError
from mlci_action.evaluation.columns import find_column


def unit_codes(frame: pd.DataFrame, column: str) -> NDArray[np.int64]:
    """(n,) codes 0..G-1 of the units in `column`; rows without a unit are units of their own.

    DatasetError when there is no such column.
    """
    codes, names = pd.factorize(find_column(frame, column, asked_by="evidence.unit"))
    alone = codes < 0
    codes = codes.astype(np.int64)
    codes[alone] = len(names) + np.arange(int(alone.sum()))
    return codes


def time_order(frame: pd.DataFrame, column: str) -> NDArray[np.int64]:
    """(n,) position of each row in time, equal times in the order of the file.

    `column` holds dates as text or numbers. DatasetError when it is missing, or when a value is
    missing or is neither.
    """
    times = find_column(frame, column, asked_by="evidence.time")
    if not pd.api.types.is_numeric_dtype(times):
        times = pd.to_datetime(times, errors="coerce", format="mixed", utc=True)
    unplaced = int(times.isna().sum())
    if unplaced:
        raise DatasetError(
            f"evidence.time: {unplaced:,} values of {column!r} are missing or are no time",
            hint="every scored row needs its place in time",
        )
    order = np.argsort(times.to_numpy(), kind="stable")
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    return position
