"""How are categories changed? By a word that nobody saw, or for another of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.robustness import PerturbationLimits
from mlci_action.evaluation.robustness.cells import Changing, is_number, is_text, numbered

_UNSEEN = "unseen"
_FLAG = 2


def with_unseen(asked: Changing, limits: PerturbationLimits) -> pd.Series | str:
    """The m cells, some with a text that is in no row; or why that cannot be."""
    column, cells = asked.column, asked.cells
    if not is_text(column):
        return "holds no text"
    if limits.columns is None and not _repeats(column):
        return "holds texts of which hardly one comes twice"
    known = set(column.dropna().unique())
    if isinstance(column.dtype, pd.CategoricalDtype):
        known |= set(column.dtype.categories)
    names = (f"{_UNSEEN}_{number}" for number in range(2, len(known) + 3))
    word = next(name for name in (_UNSEEN, *names) if name not in known)
    where = asked.some(limits.share, cells.notna().to_numpy(dtype=bool))
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.cat.add_categories([word])
    cells.iloc[np.flatnonzero(where)] = word
    return cells


def swapped(asked: Changing, limits: PerturbationLimits) -> pd.Series | str:
    """The m cells, some with another value of the column, as often as it has them; or why not.

    Flags are categories as well, whether they are true and false or two numbers.
    """
    column = asked.column
    if limits.columns is None and is_number(column) and asked.cells.nunique() > _FLAG:
        return "holds no categories"
    try:
        codes, first, counts = numbered(column)
    except TypeError:
        return "holds lists or the like"
    if limits.columns is None and not _is_category(column, len(counts)):
        return "holds no categories"
    if len(counts) < _FLAG:
        return "holds one value only"
    codes = codes[asked.rows]
    where = np.flatnonzero(asked.some(limits.share, codes >= 0))
    donors = asked.rows.copy()
    donors[where] = first[_others(codes[where], counts, asked.random)]
    return column.iloc[donors].reset_index(drop=True)


def emptied(asked: Changing, limits: PerturbationLimits) -> pd.Series | str:
    """The m cells, some of them missing, in the type that a reader of CSV gives; or why not."""
    cells = asked.cells
    present = cells.notna().to_numpy(dtype=bool)
    if not present.any():
        return "holds no value"
    where = asked.some(limits.share, present)
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind in "iu":
        cells = cells.astype("float64")
    return cells.mask(where)


def _is_category(column: pd.Series[Any], distinct: int) -> bool:
    if isinstance(column.dtype, pd.CategoricalDtype) or pd.api.types.is_bool_dtype(column):
        return True
    if is_number(column):
        return distinct <= _FLAG
    return is_text(column) and _repeats(column)


def _repeats(column: pd.Series[Any]) -> bool:
    """Whether most values come twice at least, as those of categories do."""
    return 2 * column.nunique() <= column.notna().sum()


def _others(
    codes: NDArray[np.int64], counts: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.int64]:
    """For each code another one, each as likely as it is frequent."""
    new = np.empty(len(codes), np.int64)
    for code in np.unique(codes):
        places = np.flatnonzero(codes == code)
        weights = counts.astype(np.float64)
        weights[code] = 0
        new[places] = random.choice(len(counts), len(places), p=weights / weights.sum())
    return new
