"""How wrong is a model on each row? Per-row losses, and the metric that is their weighted mean."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.evaluation.intervals.passes import passes
from mlci_action.evaluation.reading.paired import Estimate

_Float = NDArray[np.float64]
_EPSILON = float(np.finfo(np.float64).eps)


def log_losses(truth: NDArray[Any], scores: NDArray[np.floating[Any]]) -> _Float:
    """(n,) class codes, (n,) or (n, k) probabilities -> (n,) losses, clipped as in scikit-learn.

    The smallest probability is the smallest step of the scores' own precision: float32 scores are
    clipped at that of float32, as there. Logarithms and sums are of float64, where scikit-learn
    takes those of float32 scores in float32, so that values agree to about 1e-7 alone.
    """
    if scores.ndim == 1:
        # The probability of the truth, s or 1 - s, without a choice row by row.
        of_truth = np.abs(scores - (truth != 1))
    else:
        of_truth = scores[np.arange(len(truth)), truth]
    smallest = np.finfo(scores.dtype).eps
    np.clip(of_truth, smallest, 1 - smallest, out=of_truth)
    losses: _Float = np.log(of_truth, dtype=np.float64)
    losses *= -1
    return losses


def squared_errors(truth: NDArray[Any], values: _Float | float) -> _Float:
    """(n,) squared errors; of 0/1 truth and probabilities, the Brier score of each row."""
    errors: _Float = truth - values
    with np.errstate(over="ignore"):  # a mean that is infinite is said to be no number
        errors *= errors
    return errors


def absolute_errors(truth: NDArray[Any], values: _Float) -> _Float:
    """(n,) absolute errors."""
    errors: _Float = truth - values
    return np.abs(errors, out=errors)


def percentage_errors(truth: NDArray[Any], values: _Float) -> _Float:
    """(n,) absolute errors as a share of the truth, a truth of zero taken as the smallest step."""
    errors = absolute_errors(truth, values)
    errors /= np.maximum(np.abs(truth), _EPSILON)
    return errors


def mean_of(per_row: _Float, weight: _Float | None) -> Estimate:
    """The weighted mean of (n,) per-row values, and each row's influence on it.

    The influence is written over `per_row`: a long new array costs more than the arithmetic.
    """
    total = float(len(per_row)) if weight is None else float(weight.sum())
    if not total > 0:
        return Estimate(note="there are no rows")
    mean = weighted_mean(per_row, weight)
    if not math.isfinite(mean):
        return Estimate(note="not a finite number")
    for part in passes(len(per_row)):
        influence = per_row[part]
        influence -= mean
        if weight is not None:
            influence *= weight[part]
        influence /= total
    return Estimate(value=mean, influence=per_row)


def weighted_mean(per_row: _Float, weight: _Float | None) -> float:
    """The mean of (n,) values, NaN of rows without any weight."""
    if weight is None:
        return float(per_row.sum()) / len(per_row) if len(per_row) else math.nan
    total = float(weight.sum())
    return float((per_row * weight).sum()) / total if total > 0 else math.nan
