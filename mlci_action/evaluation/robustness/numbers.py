"""How are numbers changed? By noise of the column's own size, or as if in another unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.robustness import PerturbationLimits
from mlci_action.evaluation.robustness.cells import Changing, as_floats, is_number, plain_type

_Float = NDArray[np.float64]
_FLAG = 2  # that many different numbers are a flag
_LARGEST_WHOLE, _LARGEST = float(1 << 53), 1e150  # above, they lose digits or their squares
# From the quartiles of a normal distribution to its standard deviation.
_QUARTILES_APART = 1.349
_TAILS = (0.01, 0.99)
# An end of the range that so many cells share, of a column of many numbers, is a word for none or
# for too many: no income, age unknown. No measurement errs around it.
_MANY_NUMBERS = 20
_SHARED = 0.05


def noisy(asked: Changing, limits: PerturbationLimits) -> pd.Series | str:
    """The m cells with normal noise of `amount` standard deviations; or why they cannot have it.

    Numbers stay in the range of the column, reflected at its ends: what has no negative value, no
    zero or nothing above 1 keeps it so, and the model is asked of rows that could be. Whole numbers
    stay whole, so of small ones few change. Flags are no measurements.
    """
    if not is_number(asked.column):
        return "holds no numbers"
    everything = as_floats(asked.column)
    known = everything[np.isfinite(everything)]
    distinct, counts = np.unique(known, return_counts=True)
    if len(distinct) <= _FLAG:
        return "holds no more than two different numbers"
    low, high = float(distinct[0]), float(distinct[-1])
    largest = _LARGEST if plain_type(asked.column).kind == "f" else _LARGEST_WHOLE
    if max(-low, high) > largest:
        return "holds numbers too large to be measurements"
    cells = asked.cells
    before = as_floats(cells)
    size = limits.amount * _deviation(known)
    measured = np.isfinite(before)
    noise = size * asked.random.standard_normal(len(before))
    after = _reflected(np.where(measured, before, low) + noise, low, high)
    if (known == np.rint(known)).all():
        after = np.rint(after)
    words = distinct[[0, -1]][counts[[0, -1]] >= _SHARED * len(known)]
    if len(distinct) > _MANY_NUMBERS:
        measured &= ~np.isin(before, words)
    return _with(cells, after, asked.some(limits.share, measured))


def in_other_unit(asked: Changing, limits: PerturbationLimits) -> pd.Series | str:
    """The m cells times `amount`; or why that cannot be. Types are those that a reader would give.

    Whole numbers whose type has no room for the result, or that are whole no more, become floats.
    """
    if not is_number(asked.column):
        return "holds no numbers"
    cells = asked.cells
    before = as_floats(cells)
    where = asked.some(limits.share, np.isfinite(before))
    after = np.where(where, before * limits.amount, before)
    if plain_type(cells).kind == "f":
        return _with(cells, after, where)
    room = np.iinfo(plain_type(cells))
    fits = (np.abs(after[where]) <= _LARGEST_WHOLE).all()
    fits &= ((after[where] >= room.min) & (after[where] <= room.max)).all()
    if fits and (after[where] == np.rint(after[where])).all():
        return _with(cells, after, where)
    floats = cells.astype("float64" if isinstance(cells.dtype, np.dtype) else "Float64")
    return _with(floats, after, where)


def _deviation(known: _Float) -> float:
    """The standard deviation, not of what lies far out: by the quartiles, and where half of the
    numbers are one number by what is left between the tails. Never above the plain one.
    """
    first, third = np.quantile(known, (0.25, 0.75))
    plain = float(known.std())
    if third > first:
        return min(float(third - first) / _QUARTILES_APART, plain)
    between = float(known.clip(*np.quantile(known, _TAILS)).std())
    return between if between > 0 else plain


def _reflected(values: _Float, low: float, high: float) -> _Float:
    width = high - low
    along = np.mod(values - low, 2 * width)
    return low + np.minimum(along, 2 * width - along)


def _with(cells: pd.Series, values: _Float, where: NDArray[np.bool_]) -> pd.Series:
    """The cells with these values in some places, in their own type."""
    changed = cells.copy()
    places = np.flatnonzero(where)
    changed.iloc[places] = values[places].astype(plain_type(cells))
    return changed
