"""Regression metrics beside the plain errors: what they are asked at, and what they do not have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as sk

from mlci_action.domain.comparison import Comparison, Interval, Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Metric, Parameters, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.metrics.value_metrics import value_estimates
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, Target
from tests.unit.evaluation.cases import (
    compared,
    interval_of,
    metrics_of,
    numbers,
    regression_case,
    row_of,
    target_of,
)


def _asked(case: tuple[Target, Predictions, Predictions], *metrics: Metric) -> Comparison:
    return compare_models(*case, metrics=metrics, evidence=Evidence())


def test_a_quantile_loss_is_asked_at_its_quantile() -> None:
    case = regression_case(80, seed=1)
    pinball = METRICS["mean_pinball_loss"]
    high = pinball.asked_at(Parameters(alpha=0.9), name="p90")
    comparison = _asked(case, pinball, high)
    truth, values = case[0].values, case[1].values
    for name, alpha in (("mean_pinball_loss", 0.5), ("p90", 0.9)):
        expected = sk.mean_pinball_loss(truth, values, alpha=alpha)
        assert row_of(comparison, name).candidate == pytest.approx(expected, abs=1e-9)


def test_a_metric_under_a_name_of_its_own_is_the_same() -> None:
    case = regression_case(80, seed=1)
    for metric in METRICS.values():
        if Task.REGRESSION in metric.tasks:
            renamed = replace(metric, name="mine")
            mine = row_of(_asked(case, renamed), "mine")
            assert mine == replace(row_of(_asked(case, metric), metric.name), metric=renamed)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("mean_squared_log_error", "the prediction must be above -1"),
        ("root_mean_squared_log_error", "the prediction must be above -1"),
        ("mean_poisson_deviance", "the prediction must be above 0"),
        ("mean_gamma_deviance", "the prediction must be above 0"),
    ],
)
def test_predictions_outside_of_the_range_have_no_value(name: str, note: str) -> None:
    case = regression_case(80, seed=1)
    assert case[1].values is not None
    values = case[1].values.copy()
    values[:2] = -1.0
    row = row_of(compared((case[0], numbers(values), case[2]), name), name)
    assert row.candidate is None
    assert row.baseline is not None
    assert row.note == f"candidate: {note}, and is not in 2 of 80 rows"


def test_the_largest_error_of_a_sample_has_no_interval() -> None:
    note = "it is the error of one row, which says nothing of the largest error among other rows"
    row = row_of(compared(regression_case(500, seed=2), "max_error"), "max_error")
    assert row.diff is not None
    assert row.interval == Interval(method="influence", standing=Standing.NOT_ESTIMABLE, note=note)
    assert row.note == note


def test_losses_too_large_for_a_number_have_no_value() -> None:
    truth, values = np.array([1e-300, 1.0]), np.array([1.0, 1e-300])
    case = (target_of(Task.REGRESSION, truth * 1e300), numbers(values * 1e-20), None)
    for name in ("mean_poisson_deviance", "mean_gamma_deviance"):
        row = row_of(compared(case, name), name)
        assert (row.candidate, row.note) == (None, "not a finite number")


def test_a_percentage_error_of_targets_near_zero_is_noted() -> None:
    truth = np.linspace(50.0, 150.0, 400)
    truth[0] = 1e-3
    draw = np.random.default_rng(3)
    one, other = (numbers(truth + draw.normal(size=400)) for _ in range(2))
    name, note = "mean_absolute_percentage_error", "1 row makes more than half of it"
    reason = f"{note}: its target is near zero"
    case = (target_of(Task.REGRESSION, truth), one, other)
    comparison = compared(case, name)
    assert row_of(comparison, name).note == reason
    assert interval_of(comparison, name).standing is Standing.SETTLES
    assert row_of(compared((case[0], one, None), name), name).note == reason
    exact = one.values
    assert exact is not None
    better = exact.copy()
    better[0] = truth[0]
    comparison = compared((case[0], numbers(better), other), name)
    assert row_of(comparison, name).note == f"baseline: {reason}"
    few = np.arange(40)
    short = (
        target_of(Task.REGRESSION, truth[few]),
        numbers(exact[few]),
        numbers(better[few]),
    )
    assert row_of(compared(short, name), name).note == f"only 40 rows; candidate: {reason}"


def test_rows_without_any_weight_have_no_value() -> None:
    target, one, other = regression_case(30, seed=4)
    rows = PairedRows(
        task=target.task,
        classes=(),
        truth=target.values,
        candidate=one,
        baseline=other,
        weight=np.zeros(30),
        dependence=None,
        confidence=0.95,
    )
    weighted = [metric for metric in metrics_of(Task.REGRESSION) if metric.name != "max_error"]
    for name, found in value_estimates(rows, one, weighted).items():
        assert found.value is None, name
        assert found.note
