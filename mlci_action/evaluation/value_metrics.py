"""How do the two models compare by the numbers they predict? Errors of regression models."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Interval
from mlci_action.domain.metric import Metric
from mlci_action.evaluation.influence import loss_interval
from mlci_action.evaluation.losses import (
    absolute_errors,
    mean_of,
    percentage_errors,
    squared_errors,
)
from mlci_action.evaluation.paired import Estimate, PairedRows, estimate
from mlci_action.evaluation.predictions import Predictions

_Float = NDArray[np.float64]
_Weight = _Float | None


def value_estimates(
    rows: PairedRows, model: Predictions, metrics: Sequence[Metric]
) -> dict[str, Estimate]:
    """One model's values with influence, by metric name."""
    values = model.values
    if values is None:
        return {metric.name: Estimate(note="the model gives no numbers") for metric in metrics}
    if not np.isfinite(values).all():
        note = "the model gives numbers that are not finite"
        return {metric.name: Estimate(note=note) for metric in metrics}
    return {
        metric.name: _ESTIMATES[metric.name](rows.truth, values, rows.weight) for metric in metrics
    }


def value_intervals(
    rows: PairedRows,
    metrics: Sequence[Metric],
    ours: Mapping[str, Estimate],
    theirs: Mapping[str, Estimate],
) -> dict[str, Interval]:
    """The intervals of metrics that both models have a value of, by metric name."""
    return {
        metric.name: loss_interval(metric, rows, ours[metric.name], theirs[metric.name])
        for metric in metrics
    }


def _root_mean_squared_error(truth: _Float, values: _Float, weight: _Weight) -> Estimate:
    squared = mean_of(squared_errors(truth, values), weight)
    if squared.value is None or squared.influence is None:
        return squared
    root = math.sqrt(squared.value)
    # A root has no slope at zero: a model without any error has a value, but no interval.
    return Estimate(value=root, influence=squared.influence / (2 * root) if root > 0 else None)


def _r2(truth: _Float, values: _Float, weight: _Weight) -> Estimate:
    return _explained(truth, squared_errors(truth, values), weight)


def _explained_variance(truth: _Float, values: _Float, weight: _Weight) -> Estimate:
    errors = truth - values
    return _explained(truth, squared_errors(errors, _mean(errors, weight)), weight)


def _explained(truth: _Float, unexplained: _Float, weight: _Weight) -> Estimate:
    """One less the ratio of two sums of squares, both of which move with each row."""
    if not truth.max() > truth.min():
        return Estimate(note="the target is the same on every row")
    around_mean = squared_errors(truth, _mean(truth, weight))
    left, whole = mean_of(unexplained, weight), mean_of(around_mean, weight)
    if left.value is None or not whole.value:
        return Estimate(note=left.note or "the target is the same on every row")
    ratio = left.value / whole.value
    total = len(truth) if weight is None else float(weight.sum())
    moved = (ratio * around_mean - unexplained) / (whole.value * total)
    return estimate(1 - ratio, moved if weight is None else moved * weight)


def _mean(values: _Float, weight: _Weight) -> _Float:
    """The weighted mean, (n,) so that it can be taken from every row."""
    mean = mean_of(values, weight).value
    return np.full(len(values), np.nan if mean is None else mean)


_ESTIMATES: dict[str, Callable[[_Float, _Float, _Weight], Estimate]] = {
    "mean_squared_error": lambda t, v, w: mean_of(squared_errors(t, v), w),
    "mean_absolute_error": lambda t, v, w: mean_of(absolute_errors(t, v), w),
    "mean_absolute_percentage_error": lambda t, v, w: mean_of(percentage_errors(t, v), w),
    "root_mean_squared_error": _root_mean_squared_error,
    "r2": _r2,
    "explained_variance": _explained_variance,
}
