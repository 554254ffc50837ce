"""What do the rows' influences on a difference sum to? Squares and products, in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlci_action.evaluation.intervals.methods import PowerSums, Spread
from mlci_action.evaluation.intervals.passes import passes
from mlci_action.evaluation.reading.dependence import Dependence

_Float = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class PairedMoments:
    """The spread of the difference, the variance of the baseline's own value, their covariance.

    Numbers too large to be squared leave infinities or NaN.
    """

    spread: Spread
    baseline_variance: float
    covariance: float


def paired_moments(ours: _Float, theirs: _Float, dependence: Dependence | None) -> PairedMoments:
    """From the (n,) influences of the rows on the candidate's and on the baseline's value."""
    sums, count, variance, covariance = PowerSums(), 0, 0.0, 0.0
    for difference, baseline in _parts(ours, theirs, dependence):
        sums.add(difference)
        count += len(difference)
        with np.errstate(over="ignore", invalid="ignore"):
            # einsum makes no array of the products.
            variance += float(np.einsum("i,i->", baseline, baseline))
            covariance += float(np.einsum("i,i->", difference, baseline))
    inflation = 1.0 if dependence is None else dependence.inflation
    return PairedMoments(
        spread=sums.spread(count, dependence),
        baseline_variance=variance * inflation,
        covariance=covariance * inflation,
    )


def _parts(
    ours: _Float, theirs: _Float, dependence: Dependence | None
) -> Iterator[tuple[_Float, _Float]]:
    """The influence on the difference and on the baseline, of rows or of all units."""
    if dependence is not None:
        yield dependence.sums(ours - theirs), dependence.sums(theirs)
        return
    for part in passes(len(ours)):
        yield ours[part] - theirs[part], theirs[part]
