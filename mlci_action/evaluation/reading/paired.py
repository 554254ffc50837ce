"""What does a metric see, and what comes out? Both models on one set of rows, and one estimate."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.metric import Task
from mlci_action.evaluation.reading.dependence import Dependence
from mlci_action.evaluation.reading.predictions import Predictions


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PairedRows:
    """The truth and both models' predictions on the same n rows.

    truth: (n,) int64 codes of `classes`, or float64 values for regression, which has no classes.
    weight: (n,) or None. baseline, dependence: None when there is none. note: what a reader should
    know of how the labels came about.
    """

    task: Task
    classes: tuple[str, ...]
    truth: NDArray[Any]
    candidate: Predictions
    baseline: Predictions | None
    weight: NDArray[np.float64] | None
    dependence: Dependence | None
    confidence: float
    note: str = ""

    @property
    def n_classes(self) -> int:
        """How many classes the target has; a part of the rows may hold fewer."""
        return len(self.classes)

    @property
    def n(self) -> int:
        """How many rows there are."""
        return len(self.truth)

    def take(self, index: NDArray[np.int64]) -> PairedRows:
        """The rows of `index` alone."""
        return replace(
            self,
            truth=self.truth[index],
            candidate=_take(self.candidate, index),
            baseline=None if self.baseline is None else _take(self.baseline, index),
            weight=None if self.weight is None else self.weight[index],
            dependence=None if self.dependence is None else self.dependence.take(index),
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Estimate:
    """One model's value of a metric, None where there is none, and `note` says why.

    influence: (n,) how each row moves the value, its derivative by the row's weight times the
    weight; they sum to zero. None where the metric works on counts, or has no derivative.
    """

    value: float | None = None
    influence: NDArray[np.float64] | None = None
    note: str = ""


def estimate(
    value: float, influence: NDArray[np.float64] | None = None, *, note: str = ""
) -> Estimate:
    """The value when it is finite; else `note`, and no value."""
    if math.isfinite(value):
        return Estimate(value=float(value), influence=influence)
    return Estimate(note=note or "not a finite number")


def _take(predictions: Predictions, index: NDArray[np.int64]) -> Predictions:
    return replace(
        predictions,
        labels=None if predictions.labels is None else predictions.labels[index],
        scores=None if predictions.scores is None else predictions.scores[index],
        values=None if predictions.values is None else predictions.values[index],
        raw_scores=None,
    )
