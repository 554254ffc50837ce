"""Which metrics are there, what are they called, and which way is better?

Names are scikit-learn's scorer names without `neg_`, fairness names fairlearn's; values are what
the metric function gives (losses positive). The computing is in `evaluation`; here is only what
settings and reports need.
"""

from __future__ import annotations

from dataclasses import replace

from mlci_action.domain.metric import Direction, Metric, Needs, Task
from mlci_action.domain.names import did_you_mean

_UP, _DOWN = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER
_BINARY = frozenset({Task.BINARY})
_MULTICLASS = frozenset({Task.MULTICLASS})
_CLASSES = _BINARY | _MULTICLASS
_REGRESSION = frozenset({Task.REGRESSION})
# The parameters of metrics that read labels: of one class, at an operating point.
_ONE_CLASS = frozenset({"class_label"})
_POINT = frozenset({"threshold"})


def _share(
    name: str, tasks: frozenset[Task], needs: Needs = Needs.LABELS, *takes: frozenset[str]
) -> Metric:
    return Metric(
        name=name,
        direction=_UP,
        tasks=tasks,
        needs=needs,
        lowest=0.0,
        highest=1.0,
        takes=frozenset().union(*takes),
    )


def _loss(
    name: str,
    tasks: frozenset[Task],
    needs: Needs,
    highest: float | None = None,
    *takes: frozenset[str],
) -> Metric:
    return Metric(
        name=name,
        direction=_DOWN,
        tasks=tasks,
        needs=needs,
        lowest=0.0,
        highest=highest,
        takes=frozenset().union(*takes),
    )


def _up(
    name: str, tasks: frozenset[Task], needs: Needs, lowest: float | None, *takes: frozenset[str]
) -> Metric:
    return Metric(
        name=name,
        direction=_UP,
        tasks=tasks,
        needs=needs,
        lowest=lowest,
        highest=1.0,
        takes=frozenset().union(*takes),
    )


def _asked(metric: Metric, *names: str) -> Metric:
    """The metric, which means nothing without these parameters."""
    required = frozenset(names)
    return replace(metric, takes=metric.takes | required, requires=required)


_LABELS, _SCORES, _VALUES = Needs.LABELS, Needs.SCORES, Needs.VALUES

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _share("accuracy", _CLASSES, _LABELS, _POINT),
        _share("balanced_accuracy", _CLASSES, _LABELS, _POINT),
        *(
            _share(name, _BINARY, _LABELS, _POINT, _ONE_CLASS)
            for name in ("precision", "recall", "f1", "jaccard")
        ),
        _asked(_share("fbeta", _BINARY, _LABELS, _POINT, _ONE_CLASS), "beta"),
        *(
            _share(f"{name}_{average}", _CLASSES, _LABELS, _POINT)
            for name in ("precision", "recall", "f1", "jaccard")
            for average in ("macro", "micro", "weighted")
        ),
        _up("matthews_corrcoef", _CLASSES, _LABELS, -1.0, _POINT),
        _share("roc_auc", _BINARY, _SCORES, _ONE_CLASS),
        _share("average_precision", _BINARY, _SCORES, _ONE_CLASS),
        *(
            _asked(_share(f"{name}_at_k", _BINARY, _SCORES, _ONE_CLASS), "k")
            for name in ("precision", "recall")
        ),
        _asked(replace(_share("lift_at_k", _BINARY, _SCORES, _ONE_CLASS), highest=None), "k"),
        _asked(_share("recall_at_precision", _BINARY, _SCORES, _ONE_CLASS), "precision"),
        _share("top_k_accuracy", _MULTICLASS, _SCORES, frozenset({"k"})),
        _share("roc_auc_ovr", _MULTICLASS, _SCORES),
        _share("roc_auc_ovr_weighted", _MULTICLASS, _SCORES),
        _loss("log_loss", _CLASSES, _SCORES),
        _loss("brier_score", _BINARY, _SCORES, 1.0, _ONE_CLASS),
        _loss("expected_calibration_error", _CLASSES, _SCORES, 1.0, _ONE_CLASS),
        _loss("root_mean_squared_error", _REGRESSION, _VALUES),
        _loss("mean_squared_error", _REGRESSION, _VALUES),
        _loss("mean_absolute_error", _REGRESSION, _VALUES),
        _loss("mean_absolute_percentage_error", _REGRESSION, _VALUES),
        _loss("median_absolute_error", _REGRESSION, _VALUES),
        _loss("max_error", _REGRESSION, _VALUES),
        _loss("mean_squared_log_error", _REGRESSION, _VALUES),
        _loss("root_mean_squared_log_error", _REGRESSION, _VALUES),
        _loss("mean_poisson_deviance", _REGRESSION, _VALUES),
        _loss("mean_gamma_deviance", _REGRESSION, _VALUES),
        _loss("mean_pinball_loss", _REGRESSION, _VALUES, None, frozenset({"alpha"})),
        _up("r2", _REGRESSION, _VALUES, None),
        _up("explained_variance", _REGRESSION, _VALUES, None),
    )
}

# What fairlearn calls the values that compare the groups of a sensitive column.
FAIRNESS_METRICS: dict[str, Metric] = {
    metric.name: metric
    for name in ("demographic_parity", "equalized_odds", "equal_opportunity")
    for metric in (
        _loss(f"{name}_difference", _BINARY, _LABELS, 1.0),
        _share(f"{name}_ratio", _BINARY),
    )
}

# The largest error of a sample says nothing of the next one.
_WITHOUT_INTERVAL = frozenset({"max_error"})

SHORT_FORMS: dict[str, str] = {
    "auc": "roc_auc",
    "ap": "average_precision",
    "lift": "lift_at_k",
    "mcc": "matthews_corrcoef",
    "rmse": "root_mean_squared_error",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "medae": "median_absolute_error",
    "msle": "mean_squared_log_error",
    "rmsle": "root_mean_squared_log_error",
    "pinball": "mean_pinball_loss",
    "brier": "brier_score",
    "logloss": "log_loss",
    "ece": "expected_calibration_error",
}


def find_metric(name: str) -> Metric:
    """The metric of that name or short form; ValueError with the nearest valid name otherwise."""
    written_out = SHORT_FORMS.get(name, name).removeprefix("neg_")
    metric = METRICS.get(written_out)
    if metric is None or (name.startswith("neg_") and metric.direction is not _DOWN):
        hint = did_you_mean(name, [*METRICS, *SHORT_FORMS])
        raise ValueError(f"unknown metric {name!r}; {hint}")
    return metric


def has_interval(metric: Metric) -> bool:
    """Whether rows can ever settle by how much two models differ in it."""
    return metric.function not in _WITHOUT_INTERVAL


def custom_metric(
    place: str,
    *,
    direction: Direction,
    needs: Needs,
    name: str | None = None,
    tasks: frozenset[Task] = frozenset(Task),
) -> Metric:
    """A metric that the user's `module:function` computes; `needs` is what it is given."""
    return Metric(
        name=name or place,
        function="custom",
        direction=direction,
        tasks=tasks,
        needs=needs,
        custom=place,
    )
