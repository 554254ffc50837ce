"""How uncertain is a margin that is a share of the baseline? As much as the baseline's value."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Interval, Standing
from mlci_action.evaluation.intervals.methods import critical_value
from mlci_action.evaluation.reading.dependence import Dependence


def beside_baseline(
    interval: Interval,
    difference: NDArray[np.float64],
    baseline: NDArray[np.float64],
    dependence: Dependence | None,
) -> Interval:
    """The interval with what a margin in shares of the baseline needs to know of its value.

    difference, baseline: (n,) influences of the rows on the difference and on the baseline's value.
    """
    if dependence is not None:
        difference, baseline = dependence.sums(difference), dependence.sums(baseline)
    inflation = 1.0 if dependence is None else dependence.inflation
    with np.errstate(over="ignore", invalid="ignore"):
        # einsum makes no array of the products.
        variance = float(np.einsum("i,i->", baseline, baseline)) * inflation
        covariance = float(np.einsum("i,i->", difference, baseline)) * inflation
    return with_moments(interval, variance, covariance)


def with_moments(interval: Interval, variance: float, covariance: float) -> Interval:
    """The same from the sums; numbers too large to be squared leave the baseline as exact."""
    known = math.isfinite(variance) and math.isfinite(covariance)
    if not known or interval.standing is Standing.NOT_ESTIMABLE:
        return interval
    return replace(interval, baseline_variance=variance, covariance=covariance)


def against_share(interval: Interval, *, diff: float, share: float, confidence: float) -> Interval:
    """The interval to judge `diff` by when the margin is `share` times the estimated baseline.

    Of `diff - share * baseline` the variance is that of the difference, plus share² times the
    baseline's, less twice share times their covariance; both ends move by that much.
    """
    variance, covariance = interval.baseline_variance, interval.covariance
    low, high = interval.low, interval.high
    if not share or variance is None or covariance is None or low is None or high is None:
        return interval
    extra = share**2 * variance - 2 * share * covariance
    critical = critical_value(confidence, interval.df)
    centre = diff if interval.centre is None else interval.centre

    def moved(half: float, times: float) -> float:
        # What is left of a difference that is nearly a share itself is not taken for exact.
        return math.sqrt(max(half**2 + times**2 * extra, (half / 1000) ** 2))

    return replace(
        interval,
        low=centre - moved(centre - low, critical),
        high=centre + moved(high - centre, critical),
        se=None if interval.se is None else moved(interval.se, 1.0),
        counts=None,
    )
