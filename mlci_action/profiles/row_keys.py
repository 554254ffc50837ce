"""Which rows are equal in some columns? One hash for each, and whether it has all the values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.evaluation.reading.columns import find_column
from mlci_action.profiles.cell_hashes import MISSING_HASH, column_hashes
from mlci_action.profiles.cells import cells_of
from mlci_action.profiles.distinct import Hashes, scattered
from mlci_action.profiles.frames import chunks_of


def named_columns(frame: pd.DataFrame, names: Sequence[str], *, asked_by: str) -> pd.DataFrame:
    """The columns of that name alone, under a plain index; DatasetError when one is not there."""
    return pd.DataFrame(
        {name: find_column(frame, name, asked_by=asked_by).array for name in names},
        index=pd.RangeIndex(len(frame)),
    )


def row_keys(columns: pd.DataFrame) -> tuple[Hashes, NDArray[np.bool_]]:
    """(n,) each: the same hash for equal rows, and False where a cell is missing."""
    keys, known = [], []
    for chunk in chunks_of(columns):
        key = np.zeros(chunk.num_rows, dtype=np.uint64)
        complete = np.ones(chunk.num_rows, dtype=bool)
        for name, array in zip(chunk.schema.names, chunk.columns, strict=True):
            hashes = column_hashes(cells_of(name, array))
            key = scattered(key + hashes)
            complete &= hashes != MISSING_HASH
        keys.append(key)
        known.append(complete)
    return np.concatenate(keys), np.concatenate(known)
