"""How wrong is a model on each row? Per-row losses, and the metric that is their weighted mean."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.evaluation.paired import Estimate

_Float = NDArray[np.float64]
_EPSILON = float(np.finfo(np.float64).eps)


def log_losses(truth: NDArray[Any], scores: _Float) -> _Float:
    """(n,) class codes, (n,) or (n, k) probabilities -> (n,) losses, clipped as in scikit-learn."""
    if scores.ndim == 1:
        of_truth = np.where(truth == 1, scores, 1 - scores)
    else:
        of_truth = scores[np.arange(len(truth)), truth]
    return np.asarray(-np.log(of_truth.clip(_EPSILON, 1 - _EPSILON)))


def squared_errors(truth: NDArray[Any], values: _Float) -> _Float:
    """(n,) squared errors; of 0/1 truth and probabilities, the Brier score of each row."""
    errors = truth - values
    with np.errstate(over="ignore"):  # a mean that is infinite is said to be no number
        return np.asarray(errors * errors)


def absolute_errors(truth: NDArray[Any], values: _Float) -> _Float:
    """(n,) absolute errors."""
    return np.asarray(np.abs(truth - values))


def percentage_errors(truth: NDArray[Any], values: _Float) -> _Float:
    """(n,) absolute errors as a share of the truth, a truth of zero taken as the smallest step."""
    return np.asarray(np.abs(truth - values) / np.maximum(np.abs(truth), _EPSILON))


def mean_of(per_row: _Float, weight: _Float | None) -> Estimate:
    """The weighted mean of (n,) per-row values, and each row's influence on it."""
    total = float(len(per_row)) if weight is None else float(weight.sum())
    if not total > 0:
        return Estimate(note="there are no rows")
    weighted = per_row if weight is None else per_row * weight
    mean = float(weighted.sum()) / total
    if not math.isfinite(mean):
        return Estimate(note="not a finite number")
    centred = per_row - mean
    return Estimate(value=mean, influence=(centred if weight is None else centred * weight) / total)
