"""Tables as their rows' hashes, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict, Unpack

import numpy as np
import pandas as pd
import pyarrow as pa

from mlci_action.profiles.cells import Cells, cells_of
from mlci_action.profiles.frames import chunks_of
from mlci_action.profiles.row_hashes import RowHasher, RowHashes


class Options(TypedDict, total=False):
    """What a RowHasher is told."""

    target: str | None
    id: str | None
    exact: bool
    cap: int


def cells(values: Iterable[object], kind: pa.DataType | None = None) -> Cells:
    """One column of one chunk."""
    return cells_of("x", pa.array(values, kind))


def columns_of(frame: pd.DataFrame, rows: int = 131_072) -> list[list[Cells]]:
    """The columns of each chunk."""
    return [
        [cells_of(n, array) for n, array in zip(chunk.schema.names, chunk.columns, strict=True)]
        for chunk in chunks_of(frame, rows=rows)
    ]


def hashed(frame: pd.DataFrame, *, rows: int = 131_072, **options: Unpack[Options]) -> RowHashes:
    """A table's rows, taken in chunks of `rows`."""
    hasher = RowHasher(**options)
    for columns in columns_of(frame, rows):
        hasher.add(columns)
    return hasher.result()


def people(rows: int = 1_000, seed: int = 0) -> pd.DataFrame:
    """Rows with an id, a number, a category and a label; no row repeats."""
    drawn = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "x": drawn.normal(size=rows),
            "city": drawn.choice(["a", "b", "c"], rows),
            "y": drawn.choice(["no", "yes"], rows),
        }
    )
