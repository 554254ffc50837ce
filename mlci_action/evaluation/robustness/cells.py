"""Which cells of a column can be changed, and which of them are? The tools of all perturbations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.names import did_you_mean

Places = NDArray[np.int64]
_Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Changing:
    """One column of the evaluation data, and the rows of it that are asked.

    column: all N cells. rows: (m,) positions. random: drawn from for this column alone.
    """

    column: pd.Series[Any]
    rows: Places
    random: np.random.Generator

    @property
    def cells(self) -> pd.Series[Any]:
        """The m cells, numbered from 0."""
        return self.column.iloc[self.rows].reset_index(drop=True)

    def some(self, share: float, among: _Mask) -> _Mask:
        """(m,) that share of the cells `among`, one at least where there is one."""
        places = np.flatnonzero(among)
        count = min(max(round(share * len(places)), 1), len(places))
        chosen = np.zeros(len(among), bool)
        chosen[self.random.choice(places, count, replace=False)] = True
        return chosen


def drawn_from(seed: int, *names: str) -> np.random.Generator:
    """What is drawn for these names, whatever else is drawn beside it."""
    key = tuple(crc32(name.encode()) for name in names)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def features(frame: pd.DataFrame, others: Sequence[str]) -> dict[str, pd.Series[Any]]:
    """The columns that may be changed, by name; not `others`, nor two of one name."""
    names = [str(name) for name in frame.columns]
    return {
        name: frame.iloc[:, place]
        for place, name in enumerate(names)
        if name not in others and names.count(name) == 1 and isinstance(frame.columns[place], str)
    }


def why_no_feature(frame: pd.DataFrame, name: str, others: Sequence[str]) -> str:
    """Why the column of that name is none of them."""
    names = [str(column) for column in frame.columns]
    if name not in names:
        return f"the data has no column {name!r}; {did_you_mean(name, names)}"
    if name in others:
        return f"{name!r} is the target, an id, a time, a unit or a weight, and is never changed"
    return f"the data has several columns {name!r}"


def is_number(column: pd.Series[Any]) -> bool:
    """Whether it holds numbers, true and false not among them."""
    dtype = column.dtype
    if isinstance(dtype, (pd.ArrowDtype, pd.CategoricalDtype)):
        return False
    return dtype.kind in "iuf"


def is_text(column: pd.Series[Any]) -> bool:
    """Whether it holds text alone, in whichever type."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return bool(len(dtype.categories)) and is_text(pd.Series(dtype.categories))
    if isinstance(dtype, pd.StringDtype):
        return bool(column.notna().any())
    return dtype.kind == "O" and pd.api.types.infer_dtype(column, skipna=True) == "string"


def as_floats(column: pd.Series[Any]) -> NDArray[np.float64]:
    """The numbers of a column, NaN where there is none."""
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def plain_type(column: pd.Series[Any]) -> np.dtype[Any]:
    """The type of its numbers, without what a nullable type adds."""
    dtype = column.dtype
    return dtype if isinstance(dtype, np.dtype) else np.dtype(str(dtype).lower())


def numbered(values: pd.Series[Any]) -> tuple[Places, Places, Places]:
    """(n,) code of each cell's value, -1 where missing; by code where it comes first, how often.

    Codes follow the first appearance. TypeError where cells hold lists or the like.
    """
    codes, _ = pd.factorize(values, use_na_sentinel=True)
    places = np.flatnonzero(codes >= 0)
    _, first, counts = np.unique(codes[places], return_index=True, return_counts=True)
    return codes.astype(np.int64), places[first].astype(np.int64), counts.astype(np.int64)
