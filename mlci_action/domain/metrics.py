"""Which metrics are there, what are they called, and which way is better?

Names are scikit-learn's scorer names without `neg_`; values are what the metric function gives
(losses positive). The computing is in `evaluation`; here is only what settings and reports need.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlci_action.domain.names import did_you_mean


class Task(StrEnum):
    """What the target is."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


class Direction(StrEnum):
    """Which way is better."""

    HIGHER_IS_BETTER = "higher_is_better"
    LOWER_IS_BETTER = "lower_is_better"


class Needs(StrEnum):
    """What of a prediction a metric reads."""

    LABELS = "labels"
    SCORES = "scores"
    VALUES = "values"


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """A scoring function's name and nature.

    `lowest` and `highest` are the ends of its range, None where it has none.
    """

    name: str
    direction: Direction
    tasks: frozenset[Task]
    needs: Needs
    lowest: float | None = None
    highest: float | None = None

    @property
    def needs_probabilities(self) -> bool:
        """Whether scores must be probabilities, not any numbers that rank."""
        return self.name in {"log_loss", "brier_score"}

    @property
    def sign(self) -> int:
        """+1 where higher is better, -1 where lower is: `sign * diff` is up when better."""
        return 1 if self.direction is Direction.HIGHER_IS_BETTER else -1


_UP, _DOWN = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER
_BINARY = frozenset({Task.BINARY})
_MULTICLASS = frozenset({Task.MULTICLASS})
_CLASSES = _BINARY | _MULTICLASS
_REGRESSION = frozenset({Task.REGRESSION})


def _share(name: str, tasks: frozenset[Task], needs: Needs = Needs.LABELS) -> Metric:
    return Metric(name=name, direction=_UP, tasks=tasks, needs=needs, lowest=0.0, highest=1.0)


def _loss(name: str, tasks: frozenset[Task], needs: Needs, highest: float | None = None) -> Metric:
    return Metric(name=name, direction=_DOWN, tasks=tasks, needs=needs, lowest=0.0, highest=highest)


def _up(name: str, tasks: frozenset[Task], needs: Needs, lowest: float | None) -> Metric:
    return Metric(name=name, direction=_UP, tasks=tasks, needs=needs, lowest=lowest, highest=1.0)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _share("accuracy", _CLASSES),
        _share("balanced_accuracy", _CLASSES),
        _share("precision", _BINARY),
        _share("recall", _BINARY),
        _share("f1", _BINARY),
        *(
            _share(f"{name}_{average}", _CLASSES)
            for name in ("precision", "recall", "f1")
            for average in ("macro", "micro", "weighted")
        ),
        _up("matthews_corrcoef", _CLASSES, Needs.LABELS, -1.0),
        _share("roc_auc", _BINARY, Needs.SCORES),
        _share("average_precision", _BINARY, Needs.SCORES),
        _share("roc_auc_ovr", _MULTICLASS, Needs.SCORES),
        _share("roc_auc_ovr_weighted", _MULTICLASS, Needs.SCORES),
        _loss("log_loss", _CLASSES, Needs.SCORES),
        _loss("brier_score", _BINARY, Needs.SCORES, 1.0),
        _loss("root_mean_squared_error", _REGRESSION, Needs.VALUES),
        _loss("mean_squared_error", _REGRESSION, Needs.VALUES),
        _loss("mean_absolute_error", _REGRESSION, Needs.VALUES),
        _loss("mean_absolute_percentage_error", _REGRESSION, Needs.VALUES),
        _up("r2", _REGRESSION, Needs.VALUES, None),
        _up("explained_variance", _REGRESSION, Needs.VALUES, None),
    )
}

SHORT_FORMS: dict[str, str] = {
    "auc": "roc_auc",
    "ap": "average_precision",
    "mcc": "matthews_corrcoef",
    "rmse": "root_mean_squared_error",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "brier": "brier_score",
    "logloss": "log_loss",
}


def find_metric(name: str) -> Metric:
    """The metric of that name or short form; ValueError with the nearest valid name otherwise."""
    written_out = SHORT_FORMS.get(name, name).removeprefix("neg_")
    metric = METRICS.get(written_out)
    if metric is None or (name.startswith("neg_") and metric.direction is not _DOWN):
        hint = did_you_mean(name, [*METRICS, *SHORT_FORMS])
        raise ValueError(f"unknown metric {name!r}; {hint}")
    return metric
