"""What belongs to a row beside its features? Its unit, its place in time and its weight."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.errors import DatasetError
from mlci_action.evaluation.reading.columns import Kind, find_column, read_values


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


def row_weights(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """(n,) how many rows each row stands for, 0 for none.

    DatasetError when there is no such column, or when it holds anything but finite numbers of at
    least 0, or nothing but zeros.
    """
    values = read_values(find_column(frame, column, asked_by="data.sample_weight"))
    if values.kind is not Kind.NUMBERS:
        raise DatasetError(
            f"data.sample_weight: {column!r} holds {values.kind}, not numbers",
            hint="a weight says how many rows a row stands for",
        )
    weights = values.array.astype(np.float64)
    usable = values.present & np.isfinite(weights) & (weights >= 0)
    if not usable.all():
        raise DatasetError(
            f"data.sample_weight: {column!r} is missing, negative or infinite in "
            f"{int((~usable).sum()):,} of {len(weights):,} rows",
            hint="a weight says how many rows a row stands for: write 0 for none",
        )
    if not weights.sum() > 0:
        raise DatasetError(
            f"data.sample_weight: {column!r} is 0 in every row", hint="some row must count"
        )
    return weights
