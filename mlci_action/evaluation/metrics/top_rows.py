"""How many of the rows that a model puts on top are positive? Precision, recall and lift at k.

The first k rows by score, or the first share k of them; rows tied at the border count with the
share that fits, which is their mean over all orders of the ties. With weights, k is that share of
the weight (k rows of n: k / n).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Interval
from mlci_action.domain.metric import Metric
from mlci_action.evaluation.intervals.methods import (
    INFLUENCE,
    not_estimable,
    resting_on,
    spread_of,
    t_interval,
    two_rows,
)
from mlci_action.evaluation.intervals.relative import beside_baseline
from mlci_action.evaluation.metrics.border import Ranked, Top, ranked, top_of
from mlci_action.evaluation.reading.dependence import FEWEST_UNITS
from mlci_action.evaluation.reading.paired import Estimate, PairedRows, estimate
from mlci_action.evaluation.reading.predictions import Predictions, usable_scores

_Float = NDArray[np.float64]


def top_estimates(
    rows: PairedRows, model: Predictions, metrics: Sequence[Metric]
) -> dict[str, Estimate]:
    """One model's values, by metric name."""
    scores = usable_scores(model)
    if isinstance(scores, str):
        return {metric.name: Estimate(note=scores) for metric in metrics}
    ranking = ranking_of(rows, model)
    return {metric.name: _estimate(rows, ranking, metric) for metric in metrics}


def top_intervals(
    rows: PairedRows,
    metrics: Sequence[Metric],
    ours: Mapping[str, Estimate],
    theirs: Mapping[str, Estimate],
) -> dict[str, Interval]:
    """The intervals of metrics that both models have a value of, by metric name."""
    if not metrics or rows.baseline is None:
        return {}
    rankings = ranking_of(rows, rows.candidate), ranking_of(rows, rows.baseline)
    return {
        metric.name: _interval(rows, metric, rankings, (ours[metric.name], theirs[metric.name]))
        for metric in metrics
    }


def ranking_of(rows: PairedRows, model: Predictions) -> Ranked:
    """The rows of two classes as a model with finite scores ranks them."""
    scores = np.empty(0) if model.scores is None else model.scores
    return ranked(rows.truth == 1, scores, rows.weight)


def _share(metric: Metric, n: int) -> float:
    """The share of the rows that the metric is about."""
    k = metric.parameters.k or 0.0
    return k if k < 1 else k / n


def _estimate(rows: PairedRows, ranking: Ranked, metric: Metric) -> Estimate:
    share = _share(metric, rows.n)
    if share > 1:
        return Estimate(note=f"there are only {rows.n} rows")
    if not ranking.total > 0:
        return Estimate(note="there are no rows")
    top = top_of(ranking, share * ranking.total)
    scale = _scale(metric, share, ranking)
    return estimate(top.hits * scale, note="no row is of the positive class")


def _scale(metric: Metric, share: float, ranking: Ranked) -> float:
    """What one hit is worth."""
    if metric.function == "precision_at_k":
        return 1 / (share * ranking.total)
    positives = ranking.weight_of(ranking.positive)
    found = 1 / positives if positives > 0 else math.nan
    return found / share if metric.function == "lift_at_k" else found


def _interval(
    rows: PairedRows,
    metric: Metric,
    rankings: tuple[Ranked, Ranked],
    values: tuple[Estimate, Estimate],
) -> Interval:
    share = _share(metric, rows.n)
    scale = _scale(metric, share, rankings[0])
    tops = [top_of(ranking, share * ranking.total) for ranking in rankings]
    ours, theirs = (
        _influence(rows, metric, top, ranking, share) * scale
        for top, ranking in zip(tops, rankings, strict=True)
    )
    return ranked_interval(
        rows,
        metric,
        centre=(values[0].value or 0.0) - (values[1].value or 0.0),
        influences=(ours, theirs),
        reach=scale,
        differing=int(np.count_nonzero(tops[0].inside != tops[1].inside)),
    )


def _influence(rows: PairedRows, metric: Metric, top: Top, ranking: Ranked, share: float) -> _Float:
    """(n,) the derivative of the value by each row's weight, times the weight, in hits.

    A row that comes in pushes out what stands at the border, and any row makes the top grow by its
    share.
    """
    moved = top.inside * (rows.truth - top.border) + share * top.border
    if metric.function == "precision_at_k":
        moved -= share * top.hits / top.weight
    else:
        moved -= rows.truth * (top.hits / ranking.weight_of(ranking.positive))
    return np.asarray(moved if rows.weight is None else moved * rows.weight)


def ranked_interval(
    rows: PairedRows,
    metric: Metric,
    *,
    centre: float,
    influences: tuple[_Float, _Float],
    reach: float,
    differing: int,
) -> Interval:
    """The t interval of a metric of the top, and two rows more for what was not seen.

    reach: how far one row in or out moves the value. differing: how many rows one model alone puts
    on top.
    """
    if rows.dependence is not None:
        held = rows.dependence.holding(rows.truth == 1)
        if held < FEWEST_UNITS:
            return not_estimable(INFLUENCE, f"only {held} independent units hold positives")
    after, before = influences
    moved = after - before
    heavy = 1.0 if rows.weight is None else math.sqrt(float((rows.weight**2).mean()))
    effect = 1.0
    if rows.dependence is not None:
        within = float((moved**2).sum())
        effect = rows.dependence.effect_of(within, rows.dependence.sums(moved))
    spread = spread_of(moved, rows.dependence).plus(two_rows(reach * heavy * effect, None))
    interval = t_interval(INFLUENCE, metric, centre, spread, confidence=rows.confidence)
    interval = beside_baseline(interval, moved, before, rows.dependence)
    return resting_on(interval, differing)
