"""Which margin can these rows settle, and how often would it refuse a candidate that is as good?

An interval of half-width w passes a difference d where d - w > -m, and fails it where d + w < -m.
Of two models that should be equal, d is near zero with a standard deviation s, so

    passes = T((m - w) / s),    fails = T((-m - w) / s),

with T the distribution of t: of the retrainings' degrees of freedom where s was measured with them,
of the rows' otherwise. A candidate worse by 2m mirrors an equal one: it fails as often as that
passes. The same planning as Chow, Shao and Wang, Sample Size Calculations in Clinical Research,
2008, chapter 3 (non-inferiority).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtr, stdtrit

from mlci_action.domain.comparison import ComparisonRow, Standing
from mlci_action.domain.limits import Margin, MetricLimits
from mlci_action.domain.margins import PROPOSED, MarginAdvice, Rates

MIN_RETRAININGS = 3
_MANY = 1e6


def advise(
    limits: MetricLimits,
    pairs: Sequence[ComparisonRow],
    *,
    values: Sequence[float] = (),
    confidence: float,
) -> MarginAdvice:
    """What margins would do to one metric.

    pairs: its rows over all data, each of two models that should be equal. values: of each of
    k retrainings, on the same rows; from three on they tell the noise.
    """
    usable = [row for row in pairs if _half_width(row) is not None]
    metric = limits.metric.name
    n = pairs[0].n if pairs else 0
    if not usable:
        return MarginAdvice(metric=metric, n=n, note=_why_none(pairs))
    widths = [_half_width(row) or 0.0 for row in usable]
    width = math.sqrt(sum(each**2 for each in widths) / len(widths))
    known = [value for value in values if math.isfinite(value)]
    measured = len(known) >= MIN_RETRAININGS
    if measured:
        df, noise = len(known) - 1.0, math.sqrt(2) * float(np.std(known, ddof=1))
    else:
        df = min((row.interval.df or _MANY for row in usable if row.interval), default=_MANY)
        noise = width / float(stdtrit(df, 0.5 + confidence / 2))
    if not noise > 0 or (measured and max(known) == min(known)):
        note = "every retraining gave the same value: the command does not depend on its seed"
        return MarginAdvice(
            metric=metric, n=n, width=width, noise=0.0, retrainings=len(known), note=note
        )
    baseline = usable[0].baseline
    current = _absolute(limits.max_regression, baseline)
    proposals = [width + noise * float(stdtrit(df, chance)) for chance in PROPOSED]
    return MarginAdvice(
        metric=metric,
        n=n,
        width=width,
        noise=noise,
        retrainings=len(known) if measured else 0,
        current=None if current is None else rates(current, width, noise, df),
        proposed=tuple(rates(rounded_up(margin), width, noise, df) for margin in proposals),
    )


def rates(margin: float, width: float, noise: float, df: float) -> Rates:
    """What a margin does where intervals are `width` to each side and differences have `noise`."""
    passes = float(stdtr(df, (margin - width) / noise))
    return Rates(
        margin=margin,
        passes=passes,
        fails=float(stdtr(df, (-margin - width) / noise)),
        power=passes,
    )


def rounded_up(margin: float) -> float:
    """Two digits, upwards: a margin is something to write down."""
    if not (math.isfinite(margin) and margin > 0):
        return margin
    digits = 1 - math.floor(math.log10(margin))
    scale = 10.0**digits
    return float(round(math.ceil(round(margin * scale, 6)) / scale, max(digits, 0)))


def _half_width(row: ComparisonRow) -> float | None:
    found = row.interval
    if found is None or found.low is None or found.high is None:
        return None
    half = (found.high - found.low) / 2
    return half if found.standing is not Standing.NOT_ESTIMABLE and half > 0 else None


def _absolute(margin: Margin | None, baseline: float | None) -> float | None:
    """The margin in the metric's own unit: the smaller of the two where both are given."""
    if margin is None:
        return None
    given = [] if margin.absolute is None else [margin.absolute]
    if margin.relative is not None and baseline:
        given.append(margin.relative * abs(baseline))
    return min(given, default=None)


def _why_none(pairs: Sequence[ComparisonRow]) -> str:
    notes = [row.note or (row.interval.note if row.interval else "") for row in pairs]
    return next((note for note in notes if note), "the difference has no interval")
