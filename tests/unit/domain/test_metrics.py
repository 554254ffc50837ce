"""Names and natures of the metrics."""

from __future__ import annotations

import pytest
from sklearn.metrics import get_scorer, get_scorer_names

from mlci_action.domain.metric import Direction, Metric
from mlci_action.domain.metrics import METRICS, SHORT_FORMS, find_metric

# scikit-learn has the function but no scorer, for it must be asked at something, or has neither.
NOT_SCORERS = {
    "fbeta",
    "precision_at_k",
    "recall_at_k",
    "lift_at_k",
    "recall_at_precision",
    "mean_pinball_loss",
    "expected_calibration_error",
}
SCORERS = {name: metric for name, metric in METRICS.items() if name not in NOT_SCORERS}


@pytest.mark.parametrize("metric", SCORERS.values(), ids=SCORERS)
def test_the_name_and_the_direction_are_scikit_learns(metric: Metric) -> None:
    """A scorer whose name begins with `neg_` is a loss."""
    scorer = f"neg_{metric.name}" if metric.sign < 0 else metric.name
    assert scorer in get_scorer_names()
    assert get_scorer(scorer)._sign == metric.sign


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_found_by_its_name(name: str) -> None:
    assert find_metric(name) is METRICS[name]


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("auc", "roc_auc"),
        ("ap", "average_precision"),
        ("mcc", "matthews_corrcoef"),
        ("rmse", "root_mean_squared_error"),
        ("mse", "mean_squared_error"),
        ("mae", "mean_absolute_error"),
        ("mape", "mean_absolute_percentage_error"),
        ("medae", "median_absolute_error"),
        ("msle", "mean_squared_log_error"),
        ("rmsle", "root_mean_squared_log_error"),
        ("pinball", "mean_pinball_loss"),
        ("ece", "expected_calibration_error"),
        ("brier", "brier_score"),
        ("logloss", "log_loss"),
    ],
)
def test_a_short_form_is_written_out(short: str, name: str) -> None:
    assert find_metric(short).name == name
    assert SHORT_FORMS[short] == name


def test_a_loss_is_found_by_its_scorers_name() -> None:
    assert find_metric("neg_log_loss") is METRICS["log_loss"]


@pytest.mark.parametrize(
    "name", ["neg_roc_auc", "neg_r2", "neg_auc", "neg_rmse", "neg_neg_log_loss"]
)
def test_a_score_has_no_negated_name(name: str) -> None:
    """There is no such scorer, and nobody could say which sign was meant."""
    with pytest.raises(ValueError, match="unknown metric"):
        find_metric(name)


def test_an_unknown_name_comes_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="unknown metric 'acuracy'; did you mean 'accuracy'"):
        find_metric("acuracy")


def test_up_is_better_by_the_sign() -> None:
    assert [METRICS[name].sign for name in ("roc_auc", "log_loss")] == [1, -1]
    assert METRICS["log_loss"].direction is Direction.LOWER_IS_BETTER
