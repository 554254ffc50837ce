"""Where do numbers lie? Weighted quantiles, as scikit-learn takes the median of errors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlci_action.evaluation.metrics.ordering import ascending

_Float = NDArray[np.float64]
_EPSILON = float(np.finfo(np.float64).eps)
_SAMPLE = 1 << 14


def quantiles(values: _Float, weight: _Float | None, shares: Sequence[float]) -> tuple[float, ...]:
    """The quantiles of (n,) finite values at shares between 0 and 1, of one row of weight at least.

    Hyndman and Fan's (1996) second definition: the first value with that share of the weight up to
    and with it, and where it has the share exactly, the middle between it and the next one.
    """
    if weight is not None:
        order = ascending(values)
        order = order[weight[order] > 0]
        return _of_ordered(values[order], np.cumsum(weight[order]), shares)
    n, places = len(values), set[int]()
    for share in shares:
        place = _place(share * n, n)
        places |= {place, min(place + 1, n - 1)}
    begin, parted = _parted(values, sorted(places))
    return tuple(
        _between(parted, _place(share * n, n) - begin, _place(share * n, n) + 1 - share * n)
        for share in shares
    )


def _parted(values: _Float, places: Sequence[int]) -> tuple[int, _Float]:
    """Values of which those at `places` stand as in a full sort, and the place of the first.

    Of many values only those are moved that lie where a sample of them says (Floyd and Rivest
    1975), which takes a fifth of the time.
    """
    n, first, last = len(values), places[0], places[-1]
    if n >= 8 * _SAMPLE and last - first < n // 8:
        sample = np.sort(values[:: n // _SAMPLE])
        per_row, beside = len(sample) / n, 3 * math.sqrt(len(sample))
        low = sample[max(int(first * per_row - beside), 0)]
        high = sample[min(int(last * per_row + beside), len(sample) - 1)]
        begin = int(np.count_nonzero(values < low))
        near = values[(values >= low) & (values <= high)]
        if begin <= first and last < begin + len(near):
            return begin, np.partition(near, [place - begin for place in places])
    return 0, np.partition(values, places)


def _of_ordered(ordered: _Float, up_to: _Float, shares: Sequence[float]) -> tuple[float, ...]:
    """The same from ascending values and the running sums of their weights."""
    places = [share * float(up_to[-1]) for share in shares]
    rows = [min(int(np.searchsorted(up_to, place)), len(ordered) - 1) for place in places]
    return tuple(
        _between(ordered, row, float(up_to[row]) - place)
        for row, place in zip(rows, places, strict=True)
    )


def _place(rows: float, n: int) -> int:
    """The row with which so many rows are reached."""
    return min(max(math.ceil(rows) - 1, 0), n - 1)


def _between(ordered: _Float, row: int, beyond: float) -> float:
    """The value, or the middle to the next one when nothing of its weight lies beyond."""
    if beyond > _EPSILON or row + 1 >= len(ordered):
        return float(ordered[row])
    return float((ordered[row] + ordered[row + 1]) / 2)
