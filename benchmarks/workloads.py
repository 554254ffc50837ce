"""What is measured? Pairs of models, the metrics asked of them, and scikit-learn's points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from mlci_action.domain.comparison import Comparison
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.slices import Slice
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.reading.predictions import Predictions, SliceRows, Target

Float = NDArray[np.float64]
BINARY = (
    *("accuracy", "balanced_accuracy", "precision", "recall", "f1", "matthews_corrcoef"),
    *("roc_auc", "average_precision", "log_loss", "brier_score"),
)
_MULTICLASS = ("accuracy", "f1_macro", "log_loss", "roc_auc_ovr")
_REGRESSION = ("root_mean_squared_error", "mean_absolute_error", "r2", "median_absolute_error")
_LABELS = (
    *(sk.accuracy_score, sk.balanced_accuracy_score, sk.precision_score),
    *(sk.recall_score, sk.f1_score, sk.matthews_corrcoef),
)
_SCORES = (sk.roc_auc_score, sk.average_precision_score, sk.log_loss, sk.brier_score_loss)
_VALUES = (
    *(sk.root_mean_squared_error, sk.mean_absolute_error),
    *(sk.r2_score, sk.median_absolute_error),
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Workload:
    """Two models on n rows, the metrics asked of them, and scikit-learn's points of one model."""

    target: Target
    candidate: Predictions
    baseline: Predictions
    names: tuple[str, ...]
    points: Callable[[NDArray[Any], Predictions], object]
    slices: tuple[SliceRows, ...] = ()
    units: NDArray[np.int64] | None = None
    weight: Float | None = None

    @property
    def truth(self) -> NDArray[Any]:
        """(n,) what both models are measured by."""
        return self.target.values

    def compare(self) -> Comparison:
        """All metrics with their paired intervals."""
        return compare_models(
            self.target,
            self.candidate,
            self.baseline,
            metrics=[METRICS[name] for name in self.names],
            slices=self.slices,
            units=self.units,
            sample_weight=self.weight,
            evidence=Evidence(),
        )

    def bare(self) -> None:
        """The points of both models, once and without slices, units and weights."""
        for model in (self.candidate, self.baseline):
            self.points(self.truth, model)

    def with_slices(self, count: int) -> Workload:
        """The same in so many slices of one column."""
        codes = np.random.default_rng(1).integers(0, count, len(self.truth))
        slices = tuple(
            SliceRows(slice=Slice(by=(("column", str(code)),)), rows=codes == code, judged=True)
            for code in range(count)
        )
        return replace(self, slices=slices)

    def with_units(self) -> Workload:
        """The same with five rows a unit on average."""
        n = len(self.truth)
        return replace(self, units=np.random.default_rng(2).integers(0, max(n // 5, 1), n))

    def with_weights(self) -> Workload:
        """The same with a weight for each row."""
        weight = np.random.default_rng(3).uniform(0.5, 2, len(self.truth))
        return replace(self, weight=weight)


def binary(n: int) -> Workload:
    """Two correlated scores of one signal, ten metrics."""
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, n)
    signal = truth + random.normal(0, 1.2, n)
    candidate, baseline = (1 / (1 + np.exp(-signal - random.normal(0, 0.3, n))) for _ in "ab")
    return Workload(
        target=_target(Task.BINARY, truth, 2),
        candidate=of_scores(candidate),
        baseline=of_scores(baseline),
        names=BINARY,
        points=_binary_points,
    )


def multiclass(n: int, k: int = 5) -> Workload:
    """Two correlated sets of probabilities of five classes, four metrics."""
    random = np.random.default_rng(0)
    truth = random.integers(0, k, n)
    signal = random.normal(size=(n, k))
    signal[np.arange(n), truth] += 1
    models = []
    for _ in range(2):
        odds = np.exp(signal + random.normal(0, 0.3, (n, k)))
        scores = odds / odds.sum(axis=1, keepdims=True)
        labels = scores.argmax(axis=1)
        models.append(Predictions(labels=labels, scores=scores, probabilities=True))
    return Workload(
        target=_target(Task.MULTICLASS, truth, k),
        candidate=models[0],
        baseline=models[1],
        names=_MULTICLASS,
        points=_multiclass_points,
    )


def regression(n: int) -> Workload:
    """Two correlated predictions of one number, four metrics."""
    random = np.random.default_rng(0)
    truth = random.normal(10, 3, n)
    shared = truth + random.normal(size=n)
    one, other = (Predictions(values=shared + random.normal(0, 0.3, n)) for _ in "ab")
    return Workload(
        target=_target(Task.REGRESSION, truth, 0),
        candidate=one,
        baseline=other,
        names=_REGRESSION,
        points=lambda values, model: [point(values, model.values) for point in _VALUES],
    )


def of_scores(scores: Float) -> Predictions:
    """Probabilities of the positive class, and the labels they give at one half."""
    labels = (scores >= 0.5).astype(np.int64)  # noqa: PLR2004
    return Predictions(labels=labels, scores=scores, probabilities=True)


def _target(task: Task, truth: NDArray[Any], k: int) -> Target:
    classes = tuple(str(code) for code in range(k))
    return Target(task=task, rows=np.ones(len(truth), bool), values=truth, classes=classes)


def _binary_points(truth: NDArray[Any], model: Predictions) -> object:
    points = [point(truth, model.labels) for point in _LABELS]
    return points + [point(truth, model.scores) for point in _SCORES]


def _multiclass_points(truth: NDArray[Any], model: Predictions) -> object:
    return (
        sk.accuracy_score(truth, model.labels),
        sk.f1_score(truth, model.labels, average="macro"),
        sk.log_loss(truth, model.scores),
        sk.roc_auc_score(truth, model.scores, multi_class="ovr"),
    )
