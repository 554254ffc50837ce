"""How do the two models compare by the numbers they predict? Errors of regression models."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Interval
from mlci_action.domain.metric import Metric
from mlci_action.evaluation.intervals.influence import loss_interval
from mlci_action.evaluation.intervals.methods import INFLUENCE, not_estimable
from mlci_action.evaluation.metrics.losses import (
    absolute_errors,
    mean_of,
    percentage_errors,
    squared_errors,
    weighted_mean,
)
from mlci_action.evaluation.metrics.near_zero_targets import small_targets_note
from mlci_action.evaluation.metrics.quantile_errors import median_absolute_error, median_interval
from mlci_action.evaluation.metrics.value_losses import (
    gamma_deviances,
    poisson_deviances,
    quantile_losses,
    squared_log_errors,
    why_undefined,
)
from mlci_action.evaluation.reading.paired import Estimate, PairedRows, estimate
from mlci_action.evaluation.reading.predictions import Predictions

_Float = NDArray[np.float64]
_Weight = _Float | None


def value_estimates(
    rows: PairedRows, model: Predictions, metrics: Sequence[Metric]
) -> dict[str, Estimate]:
    """One model's values with influence, by metric name."""
    values = model.values
    if values is None:
        return {metric.name: Estimate(note="the model gives no numbers") for metric in metrics}
    # What is not finite is the largest or the smallest, NaN both of them.
    if not (math.isfinite(values.max(initial=0.0)) and math.isfinite(values.min(initial=0.0))):
        note = "the model gives numbers that are not finite"
        return {metric.name: Estimate(note=note) for metric in metrics}
    return {metric.name: _estimate(metric, rows.truth, values, rows.weight) for metric in metrics}


def value_intervals(
    rows: PairedRows,
    metrics: Sequence[Metric],
    ours: Mapping[str, Estimate],
    theirs: Mapping[str, Estimate],
) -> dict[str, Interval]:
    """The intervals of metrics that both models have a value of, by metric name."""
    return {
        metric.name: _interval(metric, rows, ours[metric.name], theirs[metric.name])
        for metric in metrics
    }


def _estimate(metric: Metric, truth: _Float, values: _Float, weight: _Weight) -> Estimate:
    undefined = why_undefined(metric.function, truth, values)
    if undefined:
        return Estimate(note=undefined)
    if metric.function == "mean_pinball_loss":
        alpha = 0.5 if metric.parameters.alpha is None else metric.parameters.alpha
        return mean_of(quantile_losses(truth, values, alpha), weight)
    return _ESTIMATES[metric.function](truth, values, weight)


def _interval(metric: Metric, rows: PairedRows, ours: Estimate, theirs: Estimate) -> Interval:
    if metric.function == "max_error":
        return not_estimable(INFLUENCE, _LARGEST_OF_A_SAMPLE)
    if metric.function == "median_absolute_error":
        return median_interval(metric, rows, ours, theirs)
    interval = loss_interval(metric, rows, ours, theirs)
    notes = [note for note in (interval.note, _either(ours.note, theirs.note)) if note]
    return replace(interval, note="; ".join(notes))


def _either(ours: str, theirs: str) -> str:
    """What is said of one or of both models, and of which."""
    if ours == theirs:
        return ours
    said = {"candidate": ours, "baseline": theirs}
    return "; ".join(f"{who}: {note}" for who, note in said.items() if note)


def _mean_absolute_percentage_error(truth: _Float, values: _Float, weight: _Weight) -> Estimate:
    mean = mean_of(percentage_errors(truth, values), weight)
    if mean.value is None:
        return mean
    return replace(mean, note=small_targets_note(truth, values, weight))


def _rooted(mean: Estimate) -> Estimate:
    """The root of a mean."""
    if mean.value is None or mean.influence is None:
        return mean
    root = math.sqrt(mean.value)
    if not root > 0:
        # A root has no slope at zero: a model without any error has a value, but no interval.
        return Estimate(value=root)
    influence = mean.influence
    influence /= 2 * root
    return Estimate(value=root, influence=influence)


def _r2(truth: _Float, values: _Float, weight: _Weight) -> Estimate:
    return _explained(truth, squared_errors(truth, values), weight)


def _explained_variance(truth: _Float, values: _Float, weight: _Weight) -> Estimate:
    errors = truth - values
    return _explained(truth, squared_errors(errors, weighted_mean(errors, weight)), weight)


def _explained(truth: _Float, unexplained: _Float, weight: _Weight) -> Estimate:
    """One less the ratio of two sums of squares, both of which move with each row."""
    if not truth.max() > truth.min():
        return Estimate(note="the target is the same on every row")
    total = float(len(truth)) if weight is None else float(weight.sum())
    if not total > 0:
        return Estimate(note="there are no rows")
    around_mean = squared_errors(truth, weighted_mean(truth, weight))
    left, whole = weighted_mean(unexplained, weight), weighted_mean(around_mean, weight)
    if not (math.isfinite(left) and math.isfinite(whole)):
        return Estimate(note="not a finite number")
    if not whole > 0:
        return Estimate(note="the target is the same on every row")
    ratio = left / whole
    influence = around_mean
    influence *= ratio
    influence -= unexplained
    influence /= whole * total
    if weight is not None:
        influence *= weight
    return estimate(1 - ratio, influence)


_LARGEST_OF_A_SAMPLE = (
    "it is the error of one row, which says nothing of the largest error among other rows"
)
_ESTIMATES: dict[str, Callable[[_Float, _Float, _Weight], Estimate]] = {
    "mean_squared_error": lambda t, v, w: mean_of(squared_errors(t, v), w),
    "root_mean_squared_error": lambda t, v, w: _rooted(mean_of(squared_errors(t, v), w)),
    "mean_absolute_error": lambda t, v, w: mean_of(absolute_errors(t, v), w),
    "median_absolute_error": median_absolute_error,
    "max_error": lambda t, v, _w: estimate(float(absolute_errors(t, v).max())),
    "mean_absolute_percentage_error": _mean_absolute_percentage_error,
    "mean_squared_log_error": lambda t, v, w: mean_of(squared_log_errors(t, v), w),
    "root_mean_squared_log_error": lambda t, v, w: _rooted(mean_of(squared_log_errors(t, v), w)),
    "mean_poisson_deviance": lambda t, v, w: mean_of(poisson_deviances(t, v), w),
    "mean_gamma_deviance": lambda t, v, w: mean_of(gamma_deviances(t, v), w),
    "r2": _r2,
    "explained_variance": _explained_variance,
}
