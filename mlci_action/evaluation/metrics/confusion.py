"""What is a label metric worth, and how does each cell of the confusion matrix move it?

Every metric here reads three counts per class: rows of the class that were right, rows of the
class, and rows that were given it. One function per metric says how; its gradient comes from
complex steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.metric import Metric

_Array = NDArray[Any]
_STEP = 1e-30


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ClassCounts:
    """Weighted counts per class, (..., k): right, of the class (`truth`), predicted (`said`)."""

    right: _Array
    truth: _Array
    said: _Array

    @property
    def total(self) -> _Array:
        """(...,) all rows."""
        return np.asarray(self.truth.sum(-1))

    @property
    def present(self) -> NDArray[np.bool_]:
        """(..., k) the classes that are in the truth or in the predictions."""
        return np.asarray((self.truth + self.said).real > 0)


def class_counts(confusion: _Array) -> ClassCounts:
    """From (..., k, k) counts, rows the truth and columns the predictions."""
    return ClassCounts(
        right=np.diagonal(confusion, axis1=-2, axis2=-1),
        truth=confusion.sum(-1),
        said=confusion.sum(-2),
    )


def label_value(metric: Metric, counts: ClassCounts) -> float:
    """scikit-learn's value of the metric, NaN where it has none (or only a warning and a zero)."""
    return float(label_values(metric, counts))


def label_values(metric: Metric, counts: ClassCounts) -> NDArray[np.float64]:
    """(...,) the same for (..., k) counts: one value for each set of rows."""
    with np.errstate(all="ignore"):
        return _settled(metric, np.asarray(_value_of(metric)(counts), np.float64), counts)


def cell_gradient(metric: Metric, counts: ClassCounts) -> NDArray[np.float64]:
    """(k, k) derivative of the metric by the cells of the confusion matrix; NaN where it has none.

    Weighted with the counts they sum to zero: doubling all rows changes no metric.
    """
    _, gradients = cell_gradients([metric], counts)
    return np.asarray(gradients[0])


def cell_gradients(
    metrics: Sequence[Metric], counts: ClassCounts
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(M, ...) values and (M, ..., k, k) gradients of M metrics for (..., k) counts, as above."""
    k = counts.truth.shape[-1]
    one = np.eye(k, dtype=bool)
    step, at_rest = one * (1j * _STEP), np.zeros((k, k))
    moved = ClassCounts(
        right=counts.right[..., None, :] + np.concatenate([step, at_rest, at_rest]),
        truth=counts.truth[..., None, :] + np.concatenate([at_rest, step, at_rest]),
        said=counts.said[..., None, :] + np.concatenate([at_rest, at_rest, step]),
    )
    with np.errstate(all="ignore"):
        found = np.stack([_value_of(metric)(moved) for metric in metrics])
        slopes = found.imag / _STEP
        right, truth, said = slopes[..., :k], slopes[..., k : 2 * k], slopes[..., 2 * k :]
        gradients = np.where(one, right[..., None, :], 0.0) + truth[..., None] + said[..., None, :]
    values = [_settled(*each, counts) for each in zip(metrics, found.real[..., 0], strict=True)]
    return np.stack(values), gradients


def _settled(
    metric: Metric, values: NDArray[np.float64], counts: ClassCounts
) -> NDArray[np.float64]:
    """scikit-learn calls a correlation with a constant 0, without a warning."""
    if metric.function == "matthews_corrcoef":
        return np.where(np.isnan(values) & (counts.total > 0), 0.0, values)
    return values


def _accuracy(c: ClassCounts) -> _Array:
    return np.asarray(c.right.sum(-1) / c.total)


def _balanced_accuracy(c: ClassCounts) -> _Array:
    """One recall alone balances nothing, so it takes two classes in the truth."""
    there = c.truth.real > 0
    mean = np.where(there, c.right / c.truth, 0).sum(-1) / there.sum(-1)
    return np.asarray(np.where(there.sum(-1) > 1, mean, np.nan))


def _precision(c: ClassCounts) -> _Array:
    return c.right / c.said


def _recall(c: ClassCounts) -> _Array:
    return c.right / c.truth


def _f1(c: ClassCounts) -> _Array:
    return np.asarray(2 * c.right / (c.truth + c.said))


def _f_beta(c: ClassCounts, *, beta: float) -> _Array:
    return np.asarray((1 + beta**2) * c.right / (beta**2 * c.truth + c.said))


def _jaccard(c: ClassCounts) -> _Array:
    return np.asarray(c.right / (c.truth + c.said - c.right))


def _jaccard_micro(c: ClassCounts) -> _Array:
    """Every wrong row is in the union of two classes, its own and the predicted one."""
    right = c.right.sum(-1)
    return np.asarray(right / (2 * c.total - right))


def _matthews(c: ClassCounts) -> _Array:
    agreement = c.right.sum(-1) * c.total - (c.truth * c.said).sum(-1)
    said = c.total**2 - (c.said**2).sum(-1)
    truth = c.total**2 - (c.truth**2).sum(-1)
    return np.asarray(agreement / np.sqrt(said * truth))


_Value = Callable[[ClassCounts], _Array]


def _of_positives(per_class: _Value) -> _Value:
    return lambda c: np.asarray(per_class(c)[..., 1])


def _macro(per_class: _Value) -> _Value:
    def mean(c: ClassCounts) -> _Array:
        return np.asarray(np.where(c.present, per_class(c), 0).sum(-1) / c.present.sum(-1))

    return mean


def _weighted(per_class: _Value) -> _Value:
    def mean(c: ClassCounts) -> _Array:
        return np.asarray(np.where(c.truth.real > 0, per_class(c) * c.truth, 0).sum(-1) / c.total)

    return mean


def _value_of(metric: Metric) -> _Value:
    beta = metric.parameters.beta
    if metric.function == "fbeta" and beta is not None:
        return _of_positives(partial(_f_beta, beta=beta))
    return _VALUES[metric.function]


_PER_CLASS = {"precision": _precision, "recall": _recall, "f1": _f1, "jaccard": _jaccard}
_VALUES: dict[str, _Value] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "matthews_corrcoef": _matthews,
    **{name: _of_positives(value) for name, value in _PER_CLASS.items()},
    **{f"{name}_macro": _macro(value) for name, value in _PER_CLASS.items()},
    **{f"{name}_weighted": _weighted(value) for name, value in _PER_CLASS.items()},
    **{f"{name}_micro": _accuracy for name in ("precision", "recall", "f1")},
    "jaccard_micro": _jaccard_micro,
}
