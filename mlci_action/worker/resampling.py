"""How far would a difference move on other rows? The paired percentile bootstrap."""

from __future__ import annotations

import time
from typing import Callable, List, NamedTuple, Optional, Sequence

from mlci_action.worker.foreign import Array

RESAMPLES = 2000
FEWEST_RESAMPLES = 500
# A function that has no value on one sample in a hundred is undefined too often to be trusted.
MOST_WITHOUT_VALUE = 0.01


class Bootstrap(NamedTuple):
    """The two quantiles asked for, None where they are not to be had.

    `drawn` resamples were drawn, of which `without` had no value and are left out.
    """

    low: Optional[float]
    high: Optional[float]
    drawn: int
    without: int


def paired_bootstrap(
    difference: Callable[[Array], Optional[float]],
    *,
    n_rows: int,
    units: Optional[Array],
    seed: int,
    levels: Sequence[float],
    seconds: Optional[float] = None,
    clock: Callable[[], float] = time.monotonic,
) -> Bootstrap:
    """The quantiles at `levels` (two shares) of `difference` over resamples of the rows.

    `difference` gets (m,) numbers of rows, drawn with replacement, so that both models are seen on
    the same resample; None is no value. units: (n,) codes 0..G-1, all used; whole units are drawn
    then. After `seconds` no further resample is drawn. (Efron and Tibshirani 1993, chapters 13
    and 8.)
    """
    import numpy as np

    # RandomState, because its stream is the same in every version of numpy.
    random = np.random.RandomState(seed % 2**32)
    draw = _rows_drawn(n_rows) if units is None else _units_drawn(units)
    end = None if seconds is None else clock() + seconds
    values: List[float] = []
    without = 0
    while len(values) + without < RESAMPLES and without <= MOST_WITHOUT_VALUE * RESAMPLES:
        if end is not None and not clock() < end:
            break
        value = difference(draw(random))
        if value is None:
            without += 1
        else:
            values.append(value)
    drawn = len(values) + without
    if drawn < FEWEST_RESAMPLES or without > MOST_WITHOUT_VALUE * drawn:
        return Bootstrap(None, None, drawn, without)
    low, high = np.percentile(values, [100 * level for level in levels])
    return Bootstrap(float(low), float(high), drawn, without)


def _rows_drawn(n_rows: int) -> Callable[[Array], Array]:
    return lambda random: random.randint(0, n_rows, n_rows)


def _units_drawn(units: Array) -> Callable[[Array], Array]:
    """As many units as there are, with all the rows of each."""
    import numpy as np

    rows_by_unit = np.argsort(units, kind="stable")
    sizes = np.bincount(units)
    starts = np.cumsum(sizes) - sizes

    def draw(random: Array) -> Array:
        drawn = random.randint(0, len(sizes), len(sizes))
        lengths = sizes[drawn]
        before = np.cumsum(lengths) - lengths
        within = np.arange(lengths.sum()) - np.repeat(before, lengths)
        return rows_by_unit[np.repeat(starts[drawn], lengths) + within]

    return draw
