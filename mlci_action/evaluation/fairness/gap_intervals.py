"""How far did the widest gap between groups move? An interval for a maximum over pairs of groups.

The gap of a model is its largest contrast, so its change is max_p x(p) - max_q y(q) over all
ordered pairs of groups, x the candidate's contrasts and y the baseline's. Of one p and one q a t
interval over joint counts would do, but which pair is the widest is not known, and where pairs tie
the maximum is too large and not smooth: such an interval then covers 62 to 100 %.

So: the change is at most c when for every p there is a q with x(p) - y(q) at most c. Every p must
be shown, which costs no level (intersection-union, Berger 1982). Any q will do, and several chances
cost: four fifths of the level go to q = p, which paired rows know best, and the other pairs share
the rest (Bonferroni). The lower end is the same with the roles exchanged. Simulated with 2, 3 and 8
groups of 400 to 5,000 rows it covers 94 to 100 %, and of candidates that only take from one group
at most 5 % pass falsely. It is 5 % wider than the t interval where one pair leads, 1.3 times where
two groups tie and up to 1.7 times where eight do (of a ratio, where rates are low, to no use).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from mlci_action.evaluation.fairness.joint_rates import JointRates

GROUPS = "groups"
MOST_GROUPS = 50

_Array = NDArray[np.float64]
_Times = Callable[[_Array, _Array], _Array]
_OF_THE_SAME_PAIR = 0.8
# Of more than eight groups' other pairs only the widest are looked at: leaving some out can only
# widen the interval, and every chance taken is paid for whether it is used or not.
_MOST_OTHER_PAIRS = 56
_LARGEST_DF = 1e6
# A variance this small beside those it is the difference of is what rounding leaves of none.
_ROUNDING = 1e-12


def change_of_gap(
    rates: JointRates, kind: NDArray[np.int64], *, ratio: bool, confidence: float
) -> tuple[float, float]:
    """The ends of the candidate's gap less the baseline's.

    kind: (K,) codes; rates of one kind are compared. A contrast of two rates is the first less the
    second or, for a `ratio`, minus the second over the first, so that its gap is minus the ratio.
    """
    high = _upper_end(rates, kind, ratio=ratio, confidence=confidence)
    return -_upper_end(rates.swapped, kind, ratio=ratio, confidence=confidence), high


def gap_interval(
    rates: JointRates, kind: NDArray[np.int64], *, ratio: bool, confidence: float
) -> tuple[float, float]:
    """The ends of the candidate's own gap, by the same reasoning."""
    first, second = _pairs(kind)
    value, by_rate = _contrasts(rates.candidate, first, second, ratio=ratio)
    se, df = _spread(by_rate, np.zeros_like(by_rate), rates, _row_by_row)
    tail = (1 - confidence) / 2
    high = value + stdtrit(df, 1 - tail) * se
    low = value - stdtrit(df, 1 - tail / len(value)) * se
    return float(low.max()), float(high.max())


def beside_gap(rates: JointRates, kind: NDArray[np.int64], *, ratio: bool) -> tuple[float, float]:
    """The variance of the baseline's gap and the covariance of the change with it.

    Taken where each model's gap is widest, which is enough for a margin that is a share of it.
    """
    first, second = _pairs(kind)
    x, by_x = _contrasts(rates.candidate, first, second, ratio=ratio)
    y, by_y = _contrasts(rates.baseline, first, second, ratio=ratio)
    ours, theirs = by_x[x.argmax()], by_y[y.argmax()]
    _, fg, gg = rates.second
    variance = float(theirs @ gg @ theirs)
    return variance, float(ours @ fg @ theirs) - variance


def _upper_end(
    rates: JointRates, kind: NDArray[np.int64], *, ratio: bool, confidence: float
) -> float:
    first, second = _pairs(kind)
    x, by_x = _contrasts(rates.candidate, first, second, ratio=ratio)
    y, by_y = _contrasts(rates.baseline, first, second, ratio=ratio)
    tail, pairs = (1 - confidence) / 2, len(x)
    se, df = _spread(by_x, by_y, rates, _row_by_row)
    same = x - y + stdtrit(df, 1 - tail * _OF_THE_SAME_PAIR) * se
    widest = np.argsort(-y, kind="stable")[:_MOST_OTHER_PAIRS]
    se, df = _spread(by_x, by_y[widest], rates, _each_with_each)
    shared = tail * (1 - _OF_THE_SAME_PAIR) / (pairs - 1)
    others = x[:, None] - y[widest] + stdtrit(df, 1 - shared) * se
    return float(np.minimum(same, others.min(axis=1)).max())


def _pairs(kind: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(P,) first and second rate of all ordered pairs of one kind."""
    first, second = np.nonzero((kind[:, None] == kind) & ~np.eye(len(kind), dtype=bool))
    return first, second


def _contrasts(
    rate: _Array, first: NDArray[np.int64], second: NDArray[np.int64], *, ratio: bool
) -> tuple[_Array, _Array]:
    """(P,) contrasts and their (P, K) derivatives by the rates."""
    one, other, row = rate[first], rate[second], np.arange(len(first))
    by_rate = np.zeros((len(first), len(rate)))
    by_rate[row, first] = other / one**2 if ratio else 1.0
    by_rate[row, second] = -1 / one if ratio else -1.0
    return -other / one if ratio else one - other, by_rate


def _spread(by_x: _Array, by_y: _Array, rates: JointRates, times: _Times) -> tuple[_Array, _Array]:
    """Standard errors of contrasts of the candidate less such of the baseline, with their df.

    As of other label metrics: SE² = Σh², df = 2 / (Σh⁴ / (Σh²)² - 1/n) over the rows' influence h.
    """
    x, y, one_x, one_y = by_x, by_y, np.ones_like(by_x), np.ones_like(by_y)
    ff, fg, gg = rates.second
    apart = times((x @ ff) * x, one_y) + times(one_x, (y @ gg) * y)
    squared = apart - 2 * times(x @ fg, y)
    ff, fg, gg = rates.second.diagonal(axis1=1, axis2=2)
    within = times(x**2 * ff, one_y) - 2 * times(x * fg, y) + times(one_x, y**2 * gg)
    m = rates.fourth
    fourth = times(x**4 * m[0], one_y) + 6 * times(x**2 * m[2], y**2) + times(one_x, y**4 * m[4])
    fourth -= 4 * (times(x**3 * m[1], y) + times(x * m[3], y**3))
    # Contrasts of a row or two may move as one, which tells nothing of how far apart they are.
    known = (squared > _ROUNDING * apart) & (within > 0)
    kurtosis = np.divide(fourth, within**2, out=np.full_like(fourth, 2.0), where=known)
    df = 2 / np.maximum(kurtosis - 1 / rates.count, 2 / _LARGEST_DF)
    if rates.dependence is not None:
        most = rates.dependence.count - 1.0
        df = np.full_like(df, most) if rates.dependence.order is not None else np.minimum(df, most)
    return np.where(known, np.sqrt(np.abs(squared)), np.inf), np.maximum(df, 1.0)


def _row_by_row(one: _Array, other: _Array) -> _Array:
    return np.asarray((one * other).sum(axis=1))


def _each_with_each(one: _Array, other: _Array) -> _Array:
    return np.asarray(one @ other.T)
