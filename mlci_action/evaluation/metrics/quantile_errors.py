"""How large is the error in the middle? The median absolute error, and how far two are apart.

The influence of a row is the sign of its distance from the median, over twice the density there
(Bahadur 1966). Simulated with 95 % intervals over normal, t, exponential and lognormal errors and
errors rounded to steps of 0.1 to 1 standard deviation, twin models among them, n = 200 to 2,000:
coverage 94 to 100 %.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Interval, Standing
from mlci_action.domain.metric import Metric
from mlci_action.evaluation.intervals.methods import (
    INFLUENCE,
    Spread,
    not_estimable,
    resting_on,
    t_interval,
    two_rows,
)
from mlci_action.evaluation.intervals.moments import paired_moments
from mlci_action.evaluation.intervals.passes import passes
from mlci_action.evaluation.intervals.relative import with_moments
from mlci_action.evaluation.metrics.losses import absolute_errors, mean_of
from mlci_action.evaluation.metrics.quantiles import quantiles
from mlci_action.evaluation.reading.dependence import Dependence
from mlci_action.evaluation.reading.paired import Estimate, PairedRows, estimate

_Float = NDArray[np.float64]
# Half of the width that Hall and Sheather (1988) take for tests of a median, with their rate.
_WINDOW = 0.5
_FEW_ROWS = 50
_NORMAL = 1e6


def median_absolute_error(truth: _Float, values: _Float, weight: _Float | None) -> Estimate:
    """The weighted median of the absolute errors, as scikit-learn takes it, with its influence."""
    errors = absolute_errors(truth, values)
    total = len(errors) if weight is None else float(weight.sum())
    if not total > 0:
        return Estimate(note="there are no rows")
    # As many rows of equal weight would tell as much (Kish 1965).
    rows = total if weight is None else total**2 / float((weight * weight).sum())
    window = min(_WINDOW * rows ** (-1 / 3), 0.4)
    low, median, high = quantiles(errors, weight, (0.5 - window, 0.5, 0.5 + window))
    inverse_density = (high - low) / (2 * window)
    for part in passes(len(errors)):
        side = errors[part]
        side -= median
        np.sign(side, out=side)
    influence = mean_of(errors, weight).influence
    if influence is not None:
        influence *= inverse_density / 2
    return estimate(median, influence)


def median_interval(metric: Metric, rows: PairedRows, ours: Estimate, theirs: Estimate) -> Interval:
    """The t interval of the difference, as wide as one step of the errors at the least.

    A median can only lie on an error or between two: the distance to its neighbours is what it can
    be told to at all, a whole unit where errors are rounded, and what twin models differ by.
    """
    candidate = rows.candidate.values
    baseline = None if rows.baseline is None else rows.baseline.values
    if ours.influence is None or theirs.influence is None or candidate is None or baseline is None:
        return not_estimable(INFLUENCE, "the metric does not vary smoothly here")
    moments = paired_moments(ours.influence, theirs.influence, rows.dependence)
    steps = (_step(rows.truth, candidate, ours), _step(rows.truth, baseline, theirs))
    step = Spread(se=math.hypot(*steps) / math.sqrt(2), df=_NORMAL)
    # One row on the other side of both medians, as half rows are added to cells.
    reach = _largest(ours.influence) + _largest(theirs.influence)
    unseen = two_rows(reach * _effect(rows.dependence, ours.influence - theirs.influence), None)
    spread = moments.spread.plus(unseen).plus(step)
    centre = (ours.value or 0.0) - (theirs.value or 0.0)
    interval = t_interval(INFLUENCE, metric, centre, spread, confidence=rows.confidence)
    interval = with_moments(interval, moments.baseline_variance, moments.covariance)
    if interval.standing is Standing.SETTLES and rows.n <= _FEW_ROWS:
        return replace(interval, standing=Standing.MAY_FAIL, note=f"only {rows.n} rows")
    return resting_on(interval, int(np.count_nonzero(candidate != baseline)))


def _effect(dependence: Dependence | None, moved: _Float) -> float:
    """How far what was not seen would move together: as far as what was."""
    if dependence is None:
        return 1.0
    return dependence.effect_of(float(np.einsum("i,i->", moved, moved)), dependence.sums(moved))


def _largest(influence: _Float) -> float:
    return max(float(influence.max()), -float(influence.min()))


def _step(truth: _Float, values: _Float, found: Estimate) -> float:
    """The mean distance from the median to the nearest errors below and above, where there are."""
    below, median, above = -math.inf, found.value or 0.0, math.inf
    for part in passes(len(truth)):
        errors = absolute_errors(truth[part], values[part])
        nearer = errors[(errors > below) & (errors < above)]
        below = float(nearer[nearer < median].max(initial=below))
        above = float(nearer[nearer > median].min(initial=above))
    distances = [distance for distance in (median - below, above - median) if distance < math.inf]
    return sum(distances) / max(len(distances), 1)
