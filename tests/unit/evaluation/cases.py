"""Small paired cases, and scikit-learn's value of every metric: the oracle of these tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import metrics as sk

from mlci_action.domain.comparison import Comparison, ComparisonRow, Interval
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Metric, Parameters, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.reading.predictions import Predictions, SliceRows, Target

Float = NDArray[np.float64]
Int = NDArray[np.int64]
# The largest error of a sample says nothing of other rows.
WITHOUT_INTERVAL = frozenset({"max_error"})
# They jump where a row's weight moves the border of a bin or the row in the middle, so that their
# influence values are no derivatives but their limits for many rows.
JUMPING = frozenset(
    {
        "median_absolute_error",
        "expected_calibration_error",
        "precision_at_k",
        "recall_at_k",
        "lift_at_k",
        "recall_at_precision",
        # A weighted share of rows that are right or wrong: tested as the accuracy of two classes.
        "top_k_accuracy",
    }
)


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
    """Two noisy views of one positive number, heavier in the tails than the normal."""
    draw = np.random.default_rng(seed)
    truth = 30 + 3 * draw.normal(size=n)
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
    said = getattr(model, kind)
    if name.endswith("_loss") and target.task is Task.MULTICLASS:
        extra = {**extra, "labels": list(range(len(target.classes)))}
    return float(function(target.values, said, sample_weight=weight, **extra))


def _calibration_error(truth: Int, scores: Float, sample_weight: Float | None) -> float:
    """Over ten bins that pandas cuts at quantiles of the weights: scikit-learn has no such score.

    Of several classes it is the most likely one that is right or wrong.
    """
    likely = scores if scores.ndim == 1 else scores.max(axis=1)
    right = truth == 1 if scores.ndim == 1 else truth == scores.argmax(axis=1)
    frame = pd.DataFrame({"likely": likely, "right": right})
    frame["weight"] = 1.0 if sample_weight is None else sample_weight
    frame["missed"] = (frame["right"] - frame["likely"]) * frame["weight"]
    frame = frame.sort_values("likely")
    up_to = frame["weight"].cumsum() / frame["weight"].sum()
    borders = [frame["likely"][up_to > share / 10 + 1e-12].iloc[0] for share in range(1, 10)]
    bins = sum((frame["likely"] >= border).astype(int) for border in borders)
    return float(frame["missed"].groupby(bins).sum().abs().sum() / frame["weight"].sum())


def _at_k(name: str) -> Callable[..., float]:
    """Of the first fifth of the weight, groups of tied rows with the share that still fits."""

    def value(truth: Int, scores: Float, sample_weight: Float | None) -> float:
        weight = np.ones(len(truth)) if sample_weight is None else sample_weight
        frame = pd.DataFrame({"score": scores, "weight": weight, "hits": weight * truth})
        groups = frame.groupby("score").sum().sort_index(ascending=False)
        before = groups["weight"].cumsum() - groups["weight"]
        size = 0.2 * float(weight.sum())
        fits = ((size - before) / groups["weight"]).clip(0, 1)
        hits = float((fits * groups["hits"]).sum())
        found = hits / float(frame["hits"].sum())
        return {"precision_at_k": hits / size, "recall_at_k": found, "lift_at_k": found / 0.2}[name]

    return value


def _recall_at_precision(truth: Int, scores: Float, sample_weight: Float | None) -> float:
    precision, recall, _ = sk.precision_recall_curve(truth, scores, sample_weight=sample_weight)
    return float(recall[precision >= 0.6].max())


def _max_error(truth: Float, values: Float, sample_weight: Float | None) -> float:
    """scikit-learn's takes no weights, which do not move the largest error."""
    return float(sk.max_error(truth, values))


_SKLEARN: dict[str, tuple[Callable[..., Any], str, dict[str, Any]]] = {
    "accuracy": (sk.accuracy_score, "labels", {}),
    "balanced_accuracy": (sk.balanced_accuracy_score, "labels", {}),
    "precision": (sk.precision_score, "labels", {}),
    "recall": (sk.recall_score, "labels", {}),
    "f1": (sk.f1_score, "labels", {}),
    "jaccard": (sk.jaccard_score, "labels", {}),
    "fbeta": (sk.fbeta_score, "labels", {"beta": 2.0}),
    "matthews_corrcoef": (sk.matthews_corrcoef, "labels", {}),
    **{
        f"{name}_{average}": (function, "labels", {"average": average})
        for name, function in (
            ("precision", sk.precision_score),
            ("recall", sk.recall_score),
            ("f1", sk.f1_score),
            ("jaccard", sk.jaccard_score),
        )
        for average in ("macro", "micro", "weighted")
    },
    "roc_auc": (sk.roc_auc_score, "scores", {}),
    "average_precision": (sk.average_precision_score, "scores", {}),
    "precision_at_k": (_at_k("precision_at_k"), "scores", {}),
    "recall_at_k": (_at_k("recall_at_k"), "scores", {}),
    "lift_at_k": (_at_k("lift_at_k"), "scores", {}),
    "recall_at_precision": (_recall_at_precision, "scores", {}),
    "top_k_accuracy": (sk.top_k_accuracy_score, "scores", {"k": 2}),
    "roc_auc_ovr": (sk.roc_auc_score, "scores", {"multi_class": "ovr"}),
    "roc_auc_ovr_weighted": (
        sk.roc_auc_score,
        "scores",
        {"multi_class": "ovr", "average": "weighted"},
    ),
    "log_loss": (sk.log_loss, "scores", {}),
    "brier_score": (sk.brier_score_loss, "scores", {}),
    "expected_calibration_error": (_calibration_error, "scores", {}),
    "root_mean_squared_error": (sk.root_mean_squared_error, "values", {}),
    "mean_squared_error": (sk.mean_squared_error, "values", {}),
    "mean_absolute_error": (sk.mean_absolute_error, "values", {}),
    "mean_absolute_percentage_error": (sk.mean_absolute_percentage_error, "values", {}),
    "median_absolute_error": (sk.median_absolute_error, "values", {}),
    "max_error": (_max_error, "values", {}),
    "mean_squared_log_error": (sk.mean_squared_log_error, "values", {}),
    "root_mean_squared_log_error": (sk.root_mean_squared_log_error, "values", {}),
    "mean_poisson_deviance": (sk.mean_poisson_deviance, "values", {}),
    "mean_gamma_deviance": (sk.mean_gamma_deviance, "values", {}),
    "mean_pinball_loss": (sk.mean_pinball_loss, "values", {}),
    "r2": (sk.r2_score, "values", {}),
    "explained_variance": (sk.explained_variance_score, "values", {}),
}
