"""What do the usual measures of drift say? Shown beside a finding, never judged.

Their size depends on the number of rows even without drift (docs of the data checks), so none of
them can have a limit.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mlci_action.checks.drift_measure import by_numbers, category_table, chi_squared
from mlci_action.checks.ecdf import Floats, at_reference, ecdf
from mlci_action.checks.findings import ColumnPair
from mlci_action.domain.profile import NumberSummary

_BINS = 10


def figures(pair: ColumnPair) -> dict[str, Any]:
    """PSI, Jensen-Shannon distance (base 2) and chi-squared; of numbers KS and Wasserstein too."""
    before, now = pair.reference.numbers, pair.batch.numbers
    if before is None or now is None or not by_numbers(pair):
        return _of_table(category_table(pair))
    reference, batch = at_reference(pair)
    return {
        **_of_table(decile_table(pair, before, now)),
        "ks": float(np.abs(reference - batch).max(initial=0.0)),
        "wasserstein_per_sd": _per_sd(wasserstein(before, now), before.sd),
    }


def decile_table(pair: ColumnPair, before: NumberSummary, now: NumberSummary) -> Floats:
    """Counts before and now (2, k) between the reference's deciles; equal deciles are one."""
    reference, batch = at_reference(pair)
    # The second half counts cells up to each point; a decile is the first point that reaches it.
    half = len(reference) // 2
    cumulated = np.vstack([reference[half:] * before.count, batch[half:] * now.count])
    tenths = np.arange(1, _BINS) / _BINS * before.count
    # Half a cell less, so that the point on which a decile falls is found whatever was rounded.
    edges = np.unique(np.searchsorted(cumulated[0], tenths - 0.5))
    ends = np.hstack([cumulated[:, edges[edges < half]], [[before.count], [now.count]]])
    table = np.diff(ends, axis=1, prepend=0.0)
    return np.asarray(table[:, table.sum(axis=0) > 0])


def psi(table: Floats) -> float:
    """Population stability index; half a cell is added to each, for those that are empty."""
    shares = (table + 0.5) / (table + 0.5).sum(axis=1, keepdims=True)
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def jensen_shannon(table: Floats) -> float:
    """Jensen-Shannon distance, base 2: 0 for equal shares, 1 where no bin has cells of both."""
    shares = table / table.sum(axis=1, keepdims=True)
    middle = shares.mean(axis=0)
    ratio = np.divide(shares, middle, out=np.ones_like(shares), where=shares > 0)
    divergence = float((shares * np.log2(ratio)).sum()) / 2
    return math.sqrt(max(divergence, 0.0))


def wasserstein(before: NumberSummary, now: NumberSummary) -> float:
    """The area between the distribution functions, each straight between what is known of it."""
    one, other = ecdf(before), ecdf(now)
    places = np.union1d(one.knots, other.knots)
    (a_below, a_up), (b_below, b_up) = one.at(places), other.at(places)
    left = a_up[:-1] / one.count - b_up[:-1] / other.count
    right = a_below[1:] / one.count - b_below[1:] / other.count
    with np.errstate(over="ignore", invalid="ignore"):
        return float((_mean_height(left, right) * np.diff(places)).sum())


def _per_sd(distance: float, sd: float) -> float | None:
    """None where there is no scale, or where the distance is past what a number can hold."""
    return distance / sd if sd > 0 and math.isfinite(distance / sd) else None


def _mean_height(left: Floats, right: Floats) -> Floats:
    """The mean of the absolute value along a straight line that may cross zero."""
    same = left * right >= 0
    total = np.abs(left) + np.abs(right)
    crossing = np.divide(left**2 + right**2, 2 * total, out=np.zeros_like(left), where=total > 0)
    return np.where(same, total / 2, crossing)


def _of_table(table: Floats) -> dict[str, float]:
    return {
        "psi": psi(table),
        "jensen_shannon": jensen_shannon(table),
        "chi2": chi_squared(table)[0],
    }
