"""How many positives does a model find while its precision is still good enough?

The largest recall over all thresholds whose precision is at least the one asked for; the points are
those of scikit-learn's `precision_recall_curve`. 0 when no threshold has it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Interval
from mlci_action.domain.metric import Metric
from mlci_action.evaluation.intervals.methods import INFLUENCE, not_estimable
from mlci_action.evaluation.metrics.border import Ranked, border_share
from mlci_action.evaluation.metrics.ordering import ascending
from mlci_action.evaluation.metrics.top_rows import ranked_interval, ranking_of
from mlci_action.evaluation.reading.paired import Estimate, PairedRows, estimate
from mlci_action.evaluation.reading.predictions import Predictions, usable_scores

_Float = NDArray[np.float64]
_ROUNDING = 1e-12
# Neighbours of the threshold that tell the share of positives there, beside half the rows above:
# simulated coverage is 94 to 99 %, and 87 to 98 % with as few as are asked for the top k.
_MORE = 5


def recall_at_precision_estimates(
    rows: PairedRows, model: Predictions, metrics: Sequence[Metric]
) -> dict[str, Estimate]:
    """One model's values, by metric name."""
    scores = usable_scores(model)
    if isinstance(scores, str):
        return {metric.name: Estimate(note=scores) for metric in metrics}
    ranking = ranking_of(rows, model)
    if not ranking.weight_of(ranking.positive) > 0:
        note = "no row is of the positive class"
        return {metric.name: Estimate(note=note) for metric in metrics}
    return {metric.name: estimate(_reached(ranking, metric).recall) for metric in metrics}


def recall_at_precision_intervals(
    rows: PairedRows,
    metrics: Sequence[Metric],
    _ours: Mapping[str, Estimate],
    _theirs: Mapping[str, Estimate],
) -> dict[str, Interval]:
    """The intervals of metrics that both models have a value of, by metric name."""
    if not metrics or rows.baseline is None:
        return {}
    rankings = ranking_of(rows, rows.candidate), ranking_of(rows, rows.baseline)
    return {metric.name: _interval(rows, metric, rankings) for metric in metrics}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Reached:
    """The lowest threshold with the precision: what it finds, and what stands at it.

    inside: (n,) booleans in the rows' own order. border: the share of positives at the threshold.
    """

    recall: float
    inside: NDArray[np.bool_]
    border: float


def _reached(rows: Ranked, metric: Metric) -> _Reached:
    wanted = metric.parameters.precision or 1.0
    positive = rows.positive if rows.weight is None else rows.positive * rows.weight
    hits = np.cumsum(positive[ascending(rows.scores)[::-1]], dtype=np.float64)
    # Within tied rows any order may stand, at their end none.
    ends = np.append(rows.falling[1:] != rows.falling[:-1], True)
    good = np.flatnonzero(ends & (hits >= wanted * rows.up_to * (1 - _ROUNDING)))
    if not len(good):
        return _Reached(recall=0.0, inside=np.zeros(len(hits), bool), border=math.nan)
    last = int(good[-1]) + 1
    return _Reached(
        recall=float(hits[last - 1] / hits[-1]),
        inside=rows.scores >= rows.falling[last - 1],
        border=border_share(rows, last, last, near=last // 2 + _MORE),
    )


def _interval(rows: PairedRows, metric: Metric, rankings: tuple[Ranked, Ranked]) -> Interval:
    ours, theirs = (_reached(ranking, metric) for ranking in rankings)
    wanted = metric.parameters.precision or 1.0
    if not (ours.inside.any() and theirs.inside.any()):
        return not_estimable(INFLUENCE, "a model has the precision at no threshold")
    if not (ours.border < wanted and theirs.border < wanted):
        return not_estimable(INFLUENCE, "the precision does not fall through the one asked for")
    positives = rankings[0].weight_of(rankings[0].positive)
    after, before = (_influence(rows, one, wanted, positives) for one in (ours, theirs))
    steepest = max(wanted / (wanted - one.border) for one in (ours, theirs))
    return ranked_interval(
        rows,
        metric,
        centre=ours.recall - theirs.recall,
        influences=(after, before),
        reach=steepest / positives,
        differing=int(np.count_nonzero(ours.inside != theirs.inside)),
    )


def _influence(rows: PairedRows, reached: _Reached, wanted: float, positives: float) -> _Float:
    """(n,) the derivative of the recall by each row's weight, times the weight.

    A positive on top pays for more rows at the threshold, of which `border` are positive, until the
    precision is the one asked for again; a negative costs as many.
    """
    moved = reached.inside * (rows.truth - reached.border) * (wanted / (wanted - reached.border))
    moved = (moved - rows.truth * reached.recall) / positives
    return np.asarray(moved if rows.weight is None else moved * rows.weight)
