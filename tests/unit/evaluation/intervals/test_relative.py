"""A margin in shares of the baseline is judged by the distance from that share, not by a number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from mlci_action.domain.comparison import Interval, Standing
from mlci_action.domain.limits import ChangeRule, Margin
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.intervals.methods import p_value
from mlci_action.evaluation.intervals.relative import against_share
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.evaluation.rules.change_rules import bound_of, judged_by
from tests.unit.evaluation.cases import binary_case, compared, numbers, row_of, target_of

_RANDOM = np.random.default_rng(8)
N = 300
ERRORS = _RANDOM.normal(size=(2, N))
MAE = METRICS["mean_absolute_error"]


def mae_case() -> tuple[Interval, float, float]:
    """The interval, the difference and the baseline's value of two sets of errors."""
    truth = np.zeros(N)
    case = (target_of(Task.REGRESSION, truth), numbers(1.1 * ERRORS[0]), numbers(ERRORS[1]))
    row = row_of(compared(case, MAE.name), MAE.name)
    assert row.interval is not None
    assert row.diff is not None
    assert row.baseline is not None
    return row.interval, row.diff, row.baseline


def test_the_distance_from_a_share_has_the_interval_of_a_mean() -> None:
    """A difference of means less a share of one of them is itself a mean over the rows."""
    interval, diff, _ = mae_case()
    per_row = np.abs(1.1 * ERRORS[0]) - np.abs(ERRORS[1]) - 0.1 * np.abs(ERRORS[1])
    judged = against_share(interval, diff=diff, share=0.1, confidence=0.95)
    se = per_row.std() / np.sqrt(N)
    assert judged.se == pytest.approx(se)
    assert judged.df is not None
    assert judged.low == pytest.approx(diff - student.ppf(0.975, judged.df) * se)


@pytest.mark.parametrize("rule", list(ChangeRule))
@pytest.mark.parametrize("sign", [1, -1])
def test_the_share_has_the_sign_of_the_limit(rule: ChangeRule, sign: int) -> None:
    """On the limit the difference is exactly its share of the baseline, whatever its sign."""
    for metric in (MAE, METRICS["r2"]):
        bound = bound_of(rule, Margin(relative=0.1), metric, sign * 0.5)
        assert bound is not None
        assert bound.share * sign * 0.5 == pytest.approx(bound.sign * bound.at)


def test_an_absolute_limit_is_judged_by_the_interval_itself() -> None:
    interval, diff, baseline = mae_case()
    bound = bound_of(ChangeRule.MAX_REGRESSION, Margin(absolute=0.1), MAE, baseline)
    assert bound is not None
    assert judged_by(interval, bound, diff=diff, confidence=0.95) == interval


@pytest.mark.parametrize("name", ["accuracy", "recall", "balanced_accuracy", "f1", "roc_auc"])
def test_every_method_knows_how_uncertain_the_baseline_is(name: str) -> None:
    """By the derivative of its value: for a share of rows, its binomial variance."""
    case = binary_case(400, seed=3)
    row = row_of(compared(case, name), name)
    assert row.interval is not None
    assert row.baseline is not None
    assert row.diff is not None
    assert row.interval.baseline_variance is not None
    if name == "accuracy":
        binomial = row.baseline * (1 - row.baseline) / 400
        assert row.interval.baseline_variance == pytest.approx(binomial)
    wider = against_share(row.interval, diff=row.diff, share=-0.5, confidence=0.95)
    assert wider.low is not None
    assert wider.high is not None
    p = p_value(wider, diff=row.diff, sign=1, margin=-wider.low, confidence=0.95)
    assert p == pytest.approx(0.975, abs=0.002)


def test_dependent_rows_and_counts_agree_when_every_row_is_a_unit() -> None:
    """The same number by two ways: counts of joint cells, and sums over rows."""
    case = binary_case(400, seed=3)
    alone = row_of(compared(case, "f1"), "f1").interval
    units = row_of(compared(case, "f1", units=np.arange(400)), "f1").interval
    assert alone is not None
    assert units is not None
    assert alone.baseline_variance is not None
    assert units.baseline_variance == pytest.approx(alone.baseline_variance * 400 / 399)
    assert units.covariance == pytest.approx((alone.covariance or 0.0) * 400 / 399)


def test_numbers_too_large_to_be_squared_leave_the_baseline_as_exact() -> None:
    truth = np.zeros(N)
    huge = numbers(ERRORS[0] * 1e200)
    row = row_of(
        compared((target_of(Task.REGRESSION, truth), huge, _shifted(huge)), MAE.name), MAE.name
    )
    assert row.interval is not None
    assert row.interval.baseline_variance is None
    assert against_share(row.interval, diff=0.0, share=0.1, confidence=0.95) == row.interval


def test_what_is_nearly_a_share_itself_keeps_a_width() -> None:
    """Else a candidate that is worse by one and the same share on every row would be exact."""
    interval = Interval(
        method="influence",
        standing=Standing.SETTLES,
        low=-0.1,
        high=0.1,
        se=0.05,
        df=100.0,
        centre=0.0,
        baseline_variance=0.0025,
        covariance=0.0025,
    )
    judged = against_share(interval, diff=0.0, share=1.0, confidence=0.95)
    assert judged.low is not None
    assert judged.high is not None
    assert judged.low < 0 < judged.high


def _shifted(model: Predictions) -> Predictions:
    assert model.values is not None
    return replace(model, values=model.values * 1.5)
