"""How much does each row move what a model loses when the rows are changed?

Scores and numbers: the engine's influence values before and after, one less the other. Labels: the
slope of the metric by the cells of its confusion matrix, as the joint cells of the engine have it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Interval
from mlci_action.domain.metric import TUNED, Metric, Needs
from mlci_action.evaluation.intervals.methods import (
    INFLUENCE,
    Spread,
    spread_of,
    t_interval,
    two_rows,
)
from mlci_action.evaluation.metrics.confusion import cell_gradient, class_counts
from mlci_action.evaluation.metrics.families import FAMILIES
from mlci_action.evaluation.metrics.views import views
from mlci_action.evaluation.reading.dependence import Dependence
from mlci_action.evaluation.reading.paired import PairedRows

_Float = NDArray[np.float64]
_Mask = NDArray[np.bool_]
# Without a smooth influence, or with a bias that their own intervals know of.
_BY_ENDS = frozenset(
    {
        "precision_at_k",
        "recall_at_k",
        "lift_at_k",
        "recall_at_precision",
        "top_k_accuracy",
        "expected_calibration_error",
        "median_absolute_error",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Moved:
    """(m,) each row's influence on what one model loses, and whether its answer changed.

    reach: how far one more row with another label would move it, root mean square; 0 for scores.
    """

    influence: _Float
    differ: _Mask
    reach: float = 0.0


def moved(metric: Metric, rows: PairedRows, *, seed: int) -> Moved | None:
    """Of one model: `rows` are the changed ones beside (as baseline) those as they are.

    None where the metric has no such influence.
    """
    if metric.function in _BY_ENDS or metric.parameters.threshold == TUNED:
        return None
    seen, alike = next(views(rows, [metric], seed=seed))
    return (_by_labels if metric.needs is Needs.LABELS else _by_scores)(alike[0], seen)


def interval_between(
    metric: Metric,
    ours: Moved,
    theirs: Moved,
    *,
    value: float,
    dependence: Dependence | None,
    confidence: float,
) -> Interval | None:
    """The t interval of `value`, the first model's loss less the second's on the same rows.

    None where scores changed and no row moved either metric, as where all are scaled alike: what
    was not seen is then all there is.
    """
    influence = ours.influence - theirs.influence
    spread = spread_of(influence, dependence)
    if spread.se == 0 and metric.needs is not Needs.LABELS:
        return None
    if metric.needs is Needs.LABELS:
        effect = 1.0
        if dependence is not None:
            within = float((influence**2).sum())
            effect = dependence.effect_of(within, dependence.sums(influence))
        spread = spread.plus(two_rows(math.hypot(ours.reach, theirs.reach) * effect, None))
    else:
        spread = _with_unseen(spread, ours.differ | theirs.differ, dependence)
    # Two losses can be twice as far apart as the metric's range is wide.
    unbounded = replace(metric, lowest=None)
    return t_interval(INFLUENCE, unbounded, value, spread, confidence=confidence)


def _with_unseen(spread: Spread, differ: _Mask, dependence: Dependence | None) -> Spread:
    """Two rows more of those that tell something, as `intervals/influence.py` has them."""
    count, most = int(np.count_nonzero(differ)), len(differ)
    if dependence is not None:
        count, most = dependence.holding(differ), dependence.count
    unseen = 2 / count * (1 - count / most) if count else 0.0
    return Spread(se=spread.se * math.sqrt(1 + unseen), df=spread.df)


def _by_scores(metric: Metric, rows: PairedRows) -> Moved | None:
    family = next(one for one in FAMILIES if one.of([metric]))
    models = (rows.candidate, rows.baseline or rows.candidate)
    after, before = (
        family.estimates(rows, model, [metric])[metric.name].influence for model in models
    )
    if after is None or before is None:
        return None
    said = [model.scores if model.values is None else model.values for model in models]
    differ = np.not_equal(np.asarray(said[0]), np.asarray(said[1]))
    return Moved(
        influence=metric.sign * (before - after),
        differ=differ if differ.ndim == 1 else differ.any(axis=1),
    )


def _by_labels(metric: Metric, rows: PairedRows) -> Moved | None:
    models = (rows.candidate, rows.baseline or rows.candidate)
    after, before = (np.asarray(model.labels, np.int64) for model in models)
    weight = np.ones(rows.n) if rows.weight is None else rows.weight
    slopes = [_slope(metric, rows, labels, weight) for labels in (after, before)]
    if not all(np.isfinite(slope).all() for slope in slopes):
        return None
    one, other = (
        slope[rows.truth, labels] * weight
        for slope, labels in zip(slopes, (after, before), strict=True)
    )
    furthest = [
        np.maximum(slope.max(axis=1)[:, None] - slope, slope - slope.min(axis=1)[:, None])
        for slope in slopes
    ]
    reach = furthest[0][rows.truth, after] ** 2 + furthest[1][rows.truth, before] ** 2
    return Moved(
        influence=metric.sign * (other - one),
        differ=after != before,
        reach=math.sqrt(float((weight**2 * reach).mean()) / 2),
    )


def _slope(metric: Metric, rows: PairedRows, labels: NDArray[np.int64], weight: _Float) -> _Float:
    """(k, k) how the metric moves with the weight in each cell of the confusion matrix."""
    k = rows.n_classes
    confusion = np.bincount(rows.truth * k + labels, weight, k * k).reshape(k, k)
    return cell_gradient(metric, class_counts(confusion))
