"""Small paired cases, and scikit-learn's value of every metric: the oracle of these tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from mlci_action.domain.comparison import Comparison, ComparisonRow, Interval
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Metric, Parameters, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.predictions import Predictions, SliceRows, Target

Float = NDArray[np.float64]
Int = NDArray[np.int64]


def target_of(task: Task, truth: NDArray[Any], n_classes: int = 2) -> Target:
    """A target of which every row has a label."""
    classes = () if task is Task.REGRESSION else tuple(str(code) for code in range(n_classes))
    return Target(task=task, rows=np.ones(len(truth), bool), values=truth, classes=classes)


def binary(scores: Float) -> Predictions:
    """Probabilities of the positive class and the labels they give at one half."""
    return Predictions(labels=(scores >= 0.5).astype(np.int64), scores=scores, probabilities=True)


def multiclass(probabilities: Float) -> Predictions:
    """(n, k) probabilities and the most likely label."""
    return Predictions(
        labels=probabilities.argmax(axis=1).astype(np.int64),
        scores=probabilities,
        probabilities=True,
    )


def numbers(values: Float) -> Predictions:
    """What a regression model predicts."""
    return Predictions(values=values)


def binary_case(n: int, seed: int, noise: float = 0.6) -> tuple[Target, Predictions, Predictions]:
    """Two noisy views of one signal; scores rounded, so that some tie."""
    draw = np.random.default_rng(seed)
    signal = draw.normal(size=n)
    truth = (signal + draw.normal(size=n) > 0.3).astype(np.int64)
    views = [1 / (1 + np.exp(-signal - noise * draw.normal(size=n))) for _ in range(2)]
    one, other = (binary(view.round(2).clip(0.01, 0.99)) for view in views)
    return target_of(Task.BINARY, truth), one, other


def multiclass_case(n: int, seed: int, k: int = 4) -> tuple[Target, Predictions, Predictions]:
    """Two noisy views of k signals."""
    draw = np.random.default_rng(seed)
    signal = draw.normal(size=(n, k))
    truth = (signal + draw.normal(size=(n, k))).argmax(axis=1).astype(np.int64)
    views = [np.exp(signal + 0.6 * draw.normal(size=(n, k))) for _ in range(2)]
    one, other = (multiclass(view / view.sum(axis=1, keepdims=True)) for view in views)
    return target_of(Task.MULTICLASS, truth, k), one, other


def regression_case(n: int, seed: int) -> tuple[Target, Predictions, Predictions]:
    """Two noisy views of one number, heavier in the tails than the normal."""
    draw = np.random.default_rng(seed)
    truth = 10 + 3 * draw.normal(size=n)
    one, other = (numbers(truth + draw.standard_t(5, size=n)) for _ in range(2))
    return target_of(Task.REGRESSION, truth), one, other


def case_of(task: Task, n: int, seed: int) -> tuple[Target, Predictions, Predictions]:
    """A case of that task."""
    make: dict[Task, Callable[[int, int], tuple[Target, Predictions, Predictions]]] = {
        Task.BINARY: binary_case,
        Task.MULTICLASS: multiclass_case,
        Task.REGRESSION: regression_case,
    }
    return make[task](n, seed)


def asked(name: str) -> Metric:
    """The metric of that name, at some parameters where it means nothing without."""
    metric = METRICS[name]
    usual = Parameters(k=0.2, beta=2.0, precision=0.6)
    given = {need: getattr(usual, need) for need in metric.requires}
    return metric.asked_at(Parameters(**given))


def metrics_of(task: Task) -> list[Metric]:
    """All metrics of a task."""
    return [asked(name) for name, metric in METRICS.items() if task in metric.tasks]


def compared(
    case: tuple[Target, Predictions, Predictions | None],
    *names: str,
    evidence: Evidence | None = None,
    slices: Sequence[SliceRows] = (),
    units: Int | None = None,
    time_order: Int | None = None,
    weight: Float | None = None,
    same_model: bool = False,
) -> Comparison:
    """The comparison of a case by the metrics of these names, by all of the task without names."""
    target, candidate, baseline = case
    metrics = [asked(name) for name in names] or metrics_of(target.task)
    return compare_models(
        target,
        candidate,
        baseline,
        metrics=metrics,
        slices=slices,
        evidence=evidence or Evidence(),
        units=units,
        time_order=time_order,
        sample_weight=weight,
        same_model=same_model,
    )


def row_of(comparison: Comparison, name: str) -> ComparisonRow:
    """The overall row of a metric."""
    row = comparison.row(name)
    assert row is not None
    return row


def interval_of(comparison: Comparison, name: str) -> Interval:
    """The overall interval of a metric."""
    interval = row_of(comparison, name).interval
    assert interval is not None
    return interval


def ends_of(interval: Interval) -> tuple[float, float]:
    """The ends of an interval that has some."""
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


def sklearn_value(
    name: str, target: Target, model: Predictions, weight: Float | None = None
) -> float:
    """scikit-learn's value of one metric, warnings and errors included."""
    function, kind, extra = _SKLEARN[name]
    said = {"labels": model.labels, "scores": model.scores, "values": model.values}[kind]
    if name.endswith("_loss") and target.task is Task.MULTICLASS:
        extra = {**extra, "labels": list(range(len(target.classes)))}
    return float(function(target.values, said, sample_weight=weight, **extra))


_SKLEARN: dict[str, tuple[Callable[..., Any], str, dict[str, Any]]] = {
    "accuracy": (sk.accuracy_score, "labels", {}),
    "balanced_accuracy": (sk.balanced_accuracy_score, "labels", {}),
    "precision": (sk.precision_score, "labels", {}),
    "recall": (sk.recall_score, "labels", {}),
    "f1": (sk.f1_score, "labels", {}),
    "matthews_corrcoef": (sk.matthews_corrcoef, "labels", {}),
    **{
        f"{name}_{average}": (function, "labels", {"average": average})
        for name, function in (
            ("precision", sk.precision_score),
            ("recall", sk.recall_score),
            ("f1", sk.f1_score),
        )
        for average in ("macro", "micro", "weighted")
    },
    "roc_auc": (sk.roc_auc_score, "scores", {}),
    "average_precision": (sk.average_precision_score, "scores", {}),
    "roc_auc_ovr": (sk.roc_auc_score, "scores", {"multi_class": "ovr"}),
    "roc_auc_ovr_weighted": (
        sk.roc_auc_score,
        "scores",
        {"multi_class": "ovr", "average": "weighted"},
    ),
    "log_loss": (sk.log_loss, "scores", {}),
    "brier_score": (sk.brier_score_loss, "scores", {}),
    "root_mean_squared_error": (sk.root_mean_squared_error, "values", {}),
    "mean_squared_error": (sk.mean_squared_error, "values", {}),
    "mean_absolute_error": (sk.mean_absolute_error, "values", {}),
    "mean_absolute_percentage_error": (sk.mean_absolute_percentage_error, "values", {}),
    "r2": (sk.r2_score, "values", {}),
    "explained_variance": (sk.explained_variance_score, "values", {}),
}
