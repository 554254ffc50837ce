"""How do the two models compare by their scores? Ranking metrics and losses of probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Interval, Standing
from mlci_action.domain.metric import Metric
from mlci_action.evaluation.dependence import FEWEST_UNITS
from mlci_action.evaluation.influence import loss_interval, paired_interval
from mlci_action.evaluation.intervals import DELONG, INFLUENCE, not_estimable
from mlci_action.evaluation.losses import log_losses, mean_of, squared_errors
from mlci_action.evaluation.paired import Estimate, PairedRows, estimate
from mlci_action.evaluation.predictions import Predictions
from mlci_action.evaluation.ranking import rank

_Float = NDArray[np.float64]
_RANKINGS = frozenset({"roc_auc", "average_precision"})
_ONE_VS_REST = frozenset({"roc_auc_ovr", "roc_auc_ovr_weighted"})
# Simulated coverage of 95 % intervals: 83 to 98 % below ten rows, 87 to 96 % below twenty.
_FEWEST_OF_A_CLASS = 10
_FEW_OF_A_CLASS = 20


def score_estimates(
    rows: PairedRows, model: Predictions, metrics: Sequence[Metric]
) -> dict[str, Estimate]:
    """One model's values with influence, by metric name."""
    names = {metric.name for metric in metrics}
    scores = model.scores
    if scores is None:
        return dict.fromkeys(names, Estimate(note="the model gives no scores"))
    if not np.isfinite(scores).all():
        return dict.fromkeys(names, Estimate(note="the model gives scores that are not finite"))
    estimates: dict[str, Estimate] = {}
    if names & _RANKINGS:
        ranking = rank(rows.truth == 1, scores, rows.weight)
        estimates["roc_auc"] = ranking.roc_auc
        estimates["average_precision"] = ranking.average_precision
    if names & _ONE_VS_REST:
        estimates |= _one_vs_rest(rows, scores)
    if not model.probabilities:
        losses = names - _RANKINGS - _ONE_VS_REST
        estimates |= dict.fromkeys(losses, Estimate(note="the model's scores are no probabilities"))
    else:
        if "log_loss" in names:
            estimates["log_loss"] = mean_of(log_losses(rows.truth, scores), rows.weight)
        if "brier_score" in names:
            estimates["brier_score"] = mean_of(squared_errors(rows.truth, scores), rows.weight)
    return {name: estimates[name] for name in names}


def score_intervals(
    rows: PairedRows,
    metrics: Sequence[Metric],
    ours: Mapping[str, Estimate],
    theirs: Mapping[str, Estimate],
) -> dict[str, Interval]:
    """The intervals of metrics that both models have a value of, by metric name."""
    return {
        metric.name: _of_ranking(metric, rows, ours[metric.name], theirs[metric.name])
        if metric.name in _RANKINGS | _ONE_VS_REST
        else loss_interval(metric, rows, ours[metric.name], theirs[metric.name])
        for metric in metrics
    }


def _of_ranking(metric: Metric, rows: PairedRows, ours: Estimate, theirs: Estimate) -> Interval:
    method = INFLUENCE if metric.name == "average_precision" else DELONG
    sizes = np.bincount(rows.truth, minlength=rows.n_classes)
    smaller = int(min(sizes.min(), rows.n - sizes.max()))
    if rows.dependence is not None:
        held = min(rows.dependence.holding(rows.truth == code) for code in range(rows.n_classes))
        if held < FEWEST_UNITS:
            return not_estimable(method, f"only {held} independent units hold rows of one class")
    if smaller < _FEWEST_OF_A_CLASS:
        return not_estimable(method, f"only {smaller} rows of the smaller class")
    interval = paired_interval(method, metric, rows, ours, theirs, reach=1 / smaller)
    if interval.standing is Standing.SETTLES and smaller < _FEW_OF_A_CLASS:
        note = f"only {smaller} rows of the smaller class"
        return replace(interval, standing=Standing.MAY_FAIL, note=note)
    return interval


def _one_vs_rest(rows: PairedRows, scores: _Float) -> dict[str, Estimate]:
    """Each class against the rest: the mean of the areas, plain and weighted by prevalence."""
    k = rows.n_classes
    values: list[float] = []
    influences: list[_Float] = []
    for code in range(k):
        area = rank(rows.truth == code, scores[:, code], rows.weight).roc_auc
        if area.value is not None and area.influence is not None:
            values.append(area.value)
            influences.append(area.influence)
    if len(values) < k:
        note = f"the rows hold none of {k - len(values)} of the {k} classes"
        return dict.fromkeys(_ONE_VS_REST, Estimate(note=note))
    weights = np.ones(rows.n) if rows.weight is None else rows.weight
    prevalence = np.bincount(rows.truth, weights, k) / weights.sum()
    areas, influence = np.array(values), np.stack(influences)
    plain, weighted = influence.mean(axis=0), np.einsum("k,kn->n", prevalence, influence)
    mean = float(prevalence @ areas)
    # The prevalences are counted on the same rows, so they move with each row as well.
    weighted += (areas[rows.truth] - mean) * weights / weights.sum()
    return {
        "roc_auc_ovr": estimate(float(areas.mean()), plain),
        "roc_auc_ovr_weighted": estimate(mean, weighted),
    }
