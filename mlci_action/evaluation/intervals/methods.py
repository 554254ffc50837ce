"""How wide is the difference? The t, score and MOVER intervals, and their p-values at a margin.

Public names of the methods, as `Interval.method` and the reports show them:

    score      paired score interval of a proportion (Tango 1998)
    mover      half the sum of two score intervals (Zou and Donner 2008)
    cells      t interval over joint counts, half a row added to each discordant cell
    delong     t interval over the placements of the area under the ROC curve (DeLong et al. 1988)
    influence  t interval over the influence of each row
    groups     the widest gap over all pairs of groups (`fairness/gap_intervals.py`)
    bootstrap  paired resamples, for metrics of the user's own (`worker/resampling.py`)
    identical  one file asked twice, or the same scores to the last bit on every row
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from mlci_action.domain.comparison import Interval, Standing
from mlci_action.domain.metric import Metric
from mlci_action.evaluation.intervals.passes import passes
from mlci_action.evaluation.reading.dependence import Dependence

SCORE, MOVER, CELLS = "score", "mover", "cells"
DELONG, INFLUENCE, IDENTICAL = "delong", "influence", "identical"

_FEW_ROWS = 6
_LARGEST_DF = 1e6
_EXACT = 1e-14
# A spread this small beside the difference is what rounding leaves of none at all.
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """The standard error of a difference and its degrees of freedom."""

    se: float
    df: float

    def plus(self, other: Spread) -> Spread:
        """Of the sum of two independent differences (Satterthwaite 1946)."""
        se = math.hypot(self.se, other.se)
        # Shares of the variance, because the fourth powers of large errors do not fit a float.
        one, two = ((part.se / se) ** 2 if se > 0 else 0.0 for part in (self, other))
        parts = one**2 / self.df + two**2 / other.df
        return Spread(se=se, df=1 / parts if parts > 0 else 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Discordant:
    """The rows that decide a paired proportion.

    only_candidate, only_baseline: rows which that model alone has right. rows: all rows that count.
    """

    only_candidate: float
    only_baseline: float
    rows: float

    @property
    def difference(self) -> float:
        """Candidate's share right less the baseline's."""
        return (self.only_candidate - self.only_baseline) / self.rows

    def divided_by(self, design_effect: float) -> Discordant:
        """The counts that as many independent rows would have given (Rao and Scott 1992)."""
        return Discordant(
            only_candidate=self.only_candidate / design_effect,
            only_baseline=self.only_baseline / design_effect,
            rows=self.rows / design_effect,
        )


def spread_of(influence: NDArray[np.float64], dependence: Dependence | None) -> Spread:
    """The spread of a difference whose rows have these (n,) influence values, which sum to zero.

    SE² = Σf²; df = 2 / (Σf⁴ / (Σf²)² - 1/n), from the kurtosis (Satterthwaite 1946, O'Neill 2014).
    """
    values = influence if dependence is None else dependence.sums(influence)
    sums = PowerSums()
    for part in passes(len(values)):
        sums.add(values[part])
    return sums.spread(len(values), dependence)


@dataclass(kw_only=True, slots=True)
class PowerSums:
    """Σf² and Σf⁴ of values that come in parts, in units of `scale`."""

    scale: float = 0.0
    second: float = 0.0
    fourth: float = 0.0

    def add(self, values: NDArray[np.float64]) -> None:
        """Some more values."""
        largest = max(float(values.max(initial=0.0)), -float(values.min(initial=0.0)))
        if largest == 0:
            return
        scale = max(self.scale, power_of_two(largest))
        squares, shrunk = (values / scale) ** 2, (self.scale / scale) ** 2
        self.scale = scale
        self.second = self.second * shrunk + float(squares.sum())
        # einsum, because a dot product this long wakes BLAS threads that wait for each other.
        self.fourth = self.fourth * shrunk**2 + float(np.einsum("i,i->", squares, squares))

    def spread(self, count: float, dependence: Dependence | None) -> Spread:
        """The spread of `count` independent rows or units."""
        spread = spread_from_moments(self.second, self.fourth, count, dependence)
        return Spread(se=spread.se * self.scale, df=spread.df) if self.scale else spread


def power_of_two(largest: float) -> float:
    """Near `largest`, so that fourth powers fit a float; dividing by it rounds nothing."""
    if not 0 < largest < math.inf:
        return 1.0
    return math.ldexp(1.0, max(math.frexp(largest)[1] - 1, -1022))


def spread_from_moments(
    second: float, fourth: float, count: float, dependence: Dependence | None
) -> Spread:
    """The same from Σf² and Σf⁴ over `count` independent rows or units."""
    if not 0 < second < math.inf:
        return Spread(se=0.0 if second == 0 else math.nan, df=1.0)
    df = 2 / max(fourth / second**2 - 1 / count, 2 / _LARGEST_DF)
    if dependence is not None:
        second *= dependence.inflation
        most = dependence.count - 1
        df = most if dependence.order is not None else min(df, most)
    return Spread(se=math.sqrt(second), df=max(df, 1.0))


def two_rows(reach: float, dependence: Dependence | None) -> Spread:
    """The spread to assume when no row moved the difference at all.

    As if two rows had moved it by `reach`, one up and one down: what half a row in each of the four
    discordant cells gives. Of dependent rows a whole unit would have moved.
    """
    rows = 1.0 if dependence is None else len(dependence.codes) / dependence.count
    return Spread(se=math.sqrt(2) * reach * rows, df=4.0)


def t_interval(
    method: str, metric: Metric, centre: float, spread: Spread, *, confidence: float
) -> Interval:
    """`centre` ± t · se, cut to the differences that the metric's range allows."""
    if not (math.isfinite(centre) and spread.se > _ROUNDING * abs(centre)):
        return not_estimable(method, "the difference does not vary between these rows")
    half = float(stdtrit(spread.df, 0.5 + confidence / 2)) * spread.se
    low, high = centre - half, centre + half
    if metric.lowest is not None and metric.highest is not None:
        widest = metric.highest - metric.lowest
        low, high = max(low, -widest), min(high, widest)
    return Interval(
        method=method,
        standing=Standing.SETTLES,
        low=low,
        high=high,
        se=spread.se,
        df=spread.df,
        centre=centre,
    )


def score_interval(counts: Discordant, *, confidence: float, df: float | None = None) -> Interval:
    """Tango's (1998) interval for the difference of two paired proportions.

    `df`: degrees of freedom of the design effect when rows depend on each other, else None.
    """
    critical = critical_value(confidence, df)
    low = _falls_through(lambda d: _score(d, counts), critical, -1.0, counts.difference)
    high = _falls_through(lambda d: _score(d, counts), -critical, counts.difference, 1.0)
    return Interval(
        method=SCORE,
        standing=Standing.SETTLES,
        low=low,
        high=high,
        df=df,
        counts=(counts.only_candidate, counts.only_baseline, counts.rows),
    )


def mean_of_two(one: tuple[float, Interval], other: tuple[float, Interval]) -> Interval:
    """The interval of half the sum of two independent differences (MOVER, Zou and Donner 2008)."""
    centre = (one[0] + other[0]) / 2
    below = math.hypot(*(d - _end(part.low) for d, part in (one, other))) / 2
    above = math.hypot(*(_end(part.high) - d for d, part in (one, other))) / 2
    return Interval(
        method=MOVER,
        standing=Standing.SETTLES,
        low=max(centre - below, -1.0),
        high=min(centre + above, 1.0),
        df=one[1].df,
        centre=centre,
    )


def not_estimable(method: str, note: str) -> Interval:
    """No interval, and why."""
    return Interval(method=method, standing=Standing.NOT_ESTIMABLE, note=note)


def resting_on(interval: Interval, differing: int) -> Interval:
    """The interval with a note when very few rows, those the models differ on, decide it."""
    if differing >= _FEW_ROWS or interval.note:
        return interval
    rows = "1 row" if differing == 1 else f"{differing} rows"
    return replace(interval, note=f"rests on {rows} that the two models differ on")


def p_value(
    interval: Interval, *, diff: float, sign: int, margin: float, confidence: float
) -> float:
    """How likely a gain this low is when the true one is `-margin`: small means worse than that.

    `sign` is the metric's: +1 where higher is better. NaN when the interval is not estimable.
    """
    if interval.method == IDENTICAL:
        return 1.0
    if interval.standing is Standing.NOT_ESTIMABLE:
        return math.nan
    if interval.counts is not None:
        counts = Discordant(
            only_candidate=interval.counts[0],
            only_baseline=interval.counts[1],
            rows=interval.counts[2],
        )
        return _below(_score(-margin, counts), interval.df)
    if interval.se is None and interval.method in {SCORE, MOVER}:
        return _mover_p_value(interval, diff + margin, diff, confidence)
    if interval.centre is None or interval.se is None or interval.df is None:
        return math.nan
    return _below((sign * interval.centre + margin) / interval.se, interval.df)


def _mover_p_value(interval: Interval, above: float, diff: float, confidence: float) -> float:
    """The interval's own half-width on the side of the margin stands for a standard error."""
    half = diff - _end(interval.low) if above > 0 else _end(interval.high) - diff
    if not half > 0:
        return 1.0 if above > 0 else 0.0
    return _below(critical_value(confidence, interval.df) * above / half, interval.df)


def _score(difference: float, counts: Discordant) -> float:
    """Tango's statistic for a true difference; it falls as the difference grows."""
    b, c, n = counts.only_candidate, counts.only_baseline, counts.rows
    linear = -b - c + (2 * n - b + c) * difference
    constant = -c * difference * (1 - difference)
    q = (math.sqrt(max(linear**2 - 8 * n * constant, 0.0)) - linear) / (4 * n)
    variance = n * (2 * q + difference * (1 - difference))
    return (b - c - n * difference) / math.sqrt(max(variance, 1e-300))


def _falls_through(
    falling: Callable[[float], float], level: float, low: float, high: float
) -> float:
    """Where a falling function passes `level`, between two ends, or the end that it starts below.

    By the exponential interpolation of Ridders (1979): it stands the steep ends of the statistic.
    """
    above, below = falling(low) - level, falling(high) - level
    if not above > 0:
        return low
    between = math.inf
    while high - low > _EXACT and below < 0:
        middle, before = (low + high) / 2, between
        there = falling(middle) - level
        between = middle + (middle - low) * there / math.sqrt(there * there - above * below)
        if abs(between - before) <= _EXACT:
            return between
        here = falling(between) - level
        for at, value in sorted([(middle, there), (between, here)]):
            if value > 0 and at > low:
                low, above = at, value
            elif not value > 0:
                high, below = at, value
                break
    return high if not below < 0 else (low + high) / 2


def critical_value(confidence: float, df: float | None) -> float:
    """How many standard errors the ends are away: t with `df`, else normal."""
    share = 0.5 + confidence / 2
    return float(ndtri(share) if df is None else stdtrit(df, share))


def _below(statistic: float, df: float | None) -> float:
    return float(ndtr(statistic) if df is None else stdtr(df, statistic))


def _end(value: float | None) -> float:
    return math.nan if value is None else value
