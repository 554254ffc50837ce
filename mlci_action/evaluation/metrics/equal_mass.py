"""Into which bin does a score fall, when bins are to be of equal mass? Ties stay together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlci_action.evaluation.metrics.ordering import ascending
from mlci_action.evaluation.reading.dependence import Dependence

_Float = NDArray[np.float64]
_ROUNDING = 1e-12


def equal_mass_bins(scores: _Float, weight: _Float | None, count: int) -> NDArray[np.int64]:
    """(n,) finite scores -> (n,) numbers 0..count-1 of bins that hold as equal a weight as can be.

    Each border is the score that stands where the running weight passes its share, and belongs to
    the bin above it. Where many scores tie, some bins hold no row.
    """
    if not len(scores):
        return np.empty(0, np.int64)
    bins = np.zeros(len(scores), np.int64)
    # A few passes over the scores cost a tenth of a search for each of them.
    for border in _borders(scores, weight, count):
        bins += scores >= border
    return bins


def bin_variances(
    bins: NDArray[np.int64], moved: _Float, dependence: Dependence | None, *, count: int
) -> _Float:
    """(count,) variances of the bins' sums from what each row, or each unit, moves them by, (n,).

    The rows of each bin sum to zero, as influence values do.
    """
    if dependence is None:
        return np.bincount(bins, moved * moved, count).astype(np.float64)
    cells = dependence.codes * count + bins
    of_units = np.bincount(cells, moved, dependence.count * count).reshape(-1, count)
    return np.asarray((of_units**2).sum(axis=0) * dependence.inflation)


def _borders(scores: _Float, weight: _Float | None, count: int) -> _Float:
    if weight is None:
        places = np.arange(1, count) * len(scores) // count
        return np.asarray(np.partition(scores, places)[places])
    order = ascending(scores)
    up_to = np.cumsum(weight[order])
    # Sums that are equal but for rounding are taken as equal.
    shares = (np.arange(1, count) / count + _ROUNDING) * up_to[-1]
    places = np.searchsorted(up_to, shares, side="right").clip(max=len(scores) - 1)
    return np.asarray(scores[order[places]])
