"""The median absolute error: its influence, its width where errors tie, and who moves it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import median_absolute_error as sklearn_median

from mlci_action.domain.comparison import Interval, Standing
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.metrics.quantile_errors import median_absolute_error, median_interval
from mlci_action.evaluation.reading.paired import Estimate, PairedRows
from tests.unit.evaluation.cases import (
    Float,
    compared,
    ends_of,
    interval_of,
    numbers,
    regression_case,
    row_of,
    target_of,
)

NAME = "median_absolute_error"


def _interval(ours: Float, theirs: Float, weight: Float | None = None) -> Interval:
    case = (target_of(Task.REGRESSION, np.zeros(len(ours))), numbers(ours), numbers(theirs))
    return interval_of(compared(case, NAME, weight=weight), NAME)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(-4, 4), st.integers(1, 3)), min_size=1, max_size=50),
)
def test_the_value_is_scikit_learns_and_the_influence_sums_to_zero(
    rows: list[tuple[int, int]],
) -> None:
    values = np.array([row[0] / 3 for row in rows])
    weight = np.array([float(row[1]) for row in rows])
    for weights in (None, weight):
        found = median_absolute_error(np.zeros(len(rows)), values, weights)
        expected = sklearn_median(np.zeros(len(rows)), values, sample_weight=weights)
        assert found.value == expected
        assert found.influence is not None
        assert found.influence.sum() == pytest.approx(0, abs=1e-9)


def test_the_spread_of_one_median_is_that_of_the_normal_theory() -> None:
    """Errors uniform between 0 and 1: the density is 1, and the standard error 1 / (2 √n)."""
    errors = np.random.default_rng(1).permutation((np.arange(2000) + 0.5) / 2000)
    influence = median_absolute_error(np.zeros(2000), errors, None).influence
    assert influence is not None
    standard_error = math.sqrt(float((influence**2).sum()))
    assert standard_error == pytest.approx(0.5 / math.sqrt(2000), rel=5e-3)
    doubled = median_absolute_error(np.zeros(2000), errors, np.full(2000, 2.0)).influence
    assert doubled == pytest.approx(influence)


def test_models_that_agree_are_told_apart_by_no_less_than_one_step() -> None:
    """Whole numbers as errors: the median cannot be known to less than the step to the next."""
    draw = np.random.default_rng(2)
    errors = draw.integers(0, 7, 400).astype(np.float64)
    low, high = ends_of(_interval(errors, -errors))
    assert -low == pytest.approx(high)
    assert high > 1.9


def test_a_median_at_the_end_of_the_errors_has_a_step_to_one_side() -> None:
    errors = np.where(np.arange(200) < 150, 0.0, 2.0)
    high = ends_of(_interval(errors, -errors))[1]
    assert high == pytest.approx(1.96 * 2.0, rel=1e-3)


def test_errors_that_are_all_the_same_have_no_interval() -> None:
    interval = _interval(np.ones(100), np.full(100, 2.0))
    assert interval.standing is Standing.NOT_ESTIMABLE
    assert interval.note == "the difference does not vary between these rows"


def test_fifty_rows_may_fail_but_not_pass() -> None:
    for n, standing in ((50, Standing.MAY_FAIL), (51, Standing.SETTLES)):
        interval = interval_of(compared(regression_case(n, seed=3), NAME), NAME)
        assert (interval.standing, interval.note) == (standing, "only 50 rows" if n == 50 else "")


def test_few_rows_that_differ_are_noted() -> None:
    errors = np.random.default_rng(4).normal(size=300)
    other = errors.copy()
    other[:3] += 1
    assert _interval(other, errors).note == "rests on 3 rows that the two models differ on"


def test_dependent_rows_widen_it() -> None:
    draw = np.random.default_rng(5)
    units = np.repeat(np.arange(60), 10)
    shared = draw.normal(size=(2, 60))[:, units] + 0.1 * draw.normal(size=(2, 600))
    case = (target_of(Task.REGRESSION, np.zeros(600)), numbers(shared[0]), numbers(shared[1]))
    alone, together = (interval_of(compared(case, NAME, units=u), NAME) for u in (None, units))
    assert alone.se is not None
    assert together.se is not None
    assert together.se > 2 * alone.se


def test_units_of_independent_rows_cost_little() -> None:
    """What was not seen moves together only as far as what was."""
    draw = np.random.default_rng(5)
    one, other = draw.normal(size=(2, 1200))
    case = (target_of(Task.REGRESSION, np.zeros(1200)), numbers(one), numbers(other))
    units = np.repeat(np.arange(20), 60)
    alone, together = (interval_of(compared(case, NAME, units=u), NAME) for u in (None, units))
    assert alone.se is not None
    assert together.se is not None
    assert together.se < 1.5 * alone.se


def test_a_relative_margin_knows_how_uncertain_the_baseline_is() -> None:
    interval = interval_of(compared(regression_case(300, seed=6), NAME), NAME)
    assert interval.baseline_variance is not None
    assert interval.baseline_variance > 0


def test_a_model_without_numbers_has_no_median() -> None:
    case = (target_of(Task.REGRESSION, np.zeros(3)), numbers(np.full(3, np.nan)), None)
    row = row_of(compared(case, NAME), NAME)
    assert (row.candidate, row.note) == (None, "the model gives numbers that are not finite")


def test_rows_without_any_weight_have_no_median() -> None:
    found = median_absolute_error(np.zeros(2), np.ones(2), np.zeros(2))
    assert (found.value, found.note) == (None, "there are no rows")


def test_a_median_without_influence_has_no_interval() -> None:
    target, one, other = regression_case(80, seed=7)
    rows = PairedRows(
        task=target.task,
        classes=(),
        truth=target.values,
        candidate=one,
        baseline=other,
        weight=None,
        dependence=None,
        confidence=0.95,
    )
    bare = Estimate(value=1.0)
    interval = median_interval(METRICS[NAME], rows, bare, bare)
    assert interval.note == "the metric does not vary smoothly here"
