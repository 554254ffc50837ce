"""The expected calibration error: its value by hand, its bias, and when its interval settles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from mlci_action.domain.behaviour import Value
from mlci_action.domain.comparison import Interval, Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Parameters, Task
from mlci_action.domain.metrics import METRICS, find_metric
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.metrics.calibration_error import (
    _bias,
    calibration_error,
    calibration_error_intervals,
)
from mlci_action.evaluation.reading.dependence import units_of
from mlci_action.evaluation.reading.paired import Estimate, PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, Target
from tests.unit.evaluation.cases import (
    Float,
    binary,
    binary_case,
    compared,
    ends_of,
    interval_of,
    multiclass_case,
    row_of,
    target_of,
)

NAME = "expected_calibration_error"
Case = tuple[Target, Predictions, Predictions]


def _calibrated(n: int, seed: int, share: float = 0.5) -> Case:
    """A calibrated model as baseline, and one that doubles its logits."""
    draw = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-draw.normal(size=n) - np.log(share / (1 - share))))
    truth = (draw.random(n) < chance).astype(np.int64)
    bold = chance**2 / (chance**2 + (1 - chance) ** 2)
    return target_of(Task.BINARY, truth), binary(bold), binary(chance)


def _rows(case: Case, weight: Float | None = None) -> PairedRows:
    target, candidate, baseline = case
    return PairedRows(
        task=target.task,
        classes=target.classes,
        truth=target.values,
        candidate=candidate,
        baseline=baseline,
        weight=weight,
        dependence=None,
        confidence=0.95,
    )


def test_it_is_how_far_each_tenth_of_the_rows_is_from_what_was_stated() -> None:
    scores = np.repeat(np.arange(10) / 10 + 0.05, 10)
    truth = np.tile(np.arange(10) < 3, 10).astype(np.int64)
    row = row_of(compared((target_of(Task.BINARY, truth), binary(scores), None), NAME), NAME)
    assert row.candidate == pytest.approx(np.mean(np.abs(0.3 - np.arange(10) / 10 - 0.05)))


def test_its_short_form_is_the_fields() -> None:
    assert find_metric("ece") is METRICS[NAME]


def test_of_one_class_it_is_that_of_its_probability() -> None:
    target, one, other = multiclass_case(300, seed=1)
    metric = METRICS[NAME].asked_at(Parameters(class_label="2"), name="of 2")
    both = compare_models(target, one, other, metrics=[metric], evidence=Evidence())
    assert one.scores is not None
    alone = (
        target_of(Task.BINARY, (target.values == 2).astype(np.int64)),
        binary(one.scores[:, 2]),
        None,
    )
    expected = row_of(compared(alone, NAME), NAME).candidate
    assert row_of(both, "of 2").candidate == expected


def test_the_bias_of_a_bin_is_that_of_the_size_of_normal_noise() -> None:
    for size in (0.0, 0.5, 2.0):
        mean = integrate.quad(lambda z, s=size: abs(z) * stats.norm.pdf(z - s), -12, 14, limit=200)
        expected = 0.3 * (mean[0] - size)
        assert _bias(np.array([0.3 * size]), np.array([0.3])) == pytest.approx(expected, abs=1e-8)
    assert _bias(np.array([0.4]), np.array([0.0])) == 0.0


def test_the_interval_reaches_further_where_the_better_model_may_only_seem_bad() -> None:
    """The calibrated baseline's value is mostly bias: the candidate may be worse than it looks."""
    low, high = ends_of(interval_of(compared(_calibrated(1000, seed=2), NAME), NAME))
    diff = row_of(compared(_calibrated(1000, seed=2), NAME), NAME).diff
    assert diff is not None
    assert high - diff > 1.3 * (diff - low)
    assert high - diff > 0.03


def test_a_p_value_is_taken_from_the_wider_side() -> None:
    interval = interval_of(compared(_calibrated(1000, seed=2), NAME), NAME)
    low, high = ends_of(interval)
    assert interval.se is not None
    assert interval.df is not None
    assert interval.centre is not None
    half = float(stats.t.ppf(0.975, interval.df)) * interval.se
    assert half == pytest.approx(max(high - interval.centre, interval.centre - low))


@pytest.mark.parametrize(
    ("positives", "standing", "note"),
    [
        (9, Standing.NOT_ESTIMABLE, "only 9 rows of the rarer outcome"),
        (10, Standing.MAY_FAIL, "only 10 rows of the rarer outcome"),
        (99, Standing.MAY_FAIL, "only 99 rows of the rarer outcome"),
        (100, Standing.SETTLES, ""),
    ],
)
def test_few_rows_of_an_outcome_settle_nothing(
    positives: int, standing: Standing, note: str
) -> None:
    _, one, other = _calibrated(1000, seed=3)
    truth = (np.arange(1000) < positives).astype(np.int64)
    interval = interval_of(compared((target_of(Task.BINARY, truth), one, other), NAME), NAME)
    assert (interval.standing, interval.note) == (standing, note)


def test_an_outcome_in_few_units_settles_nothing() -> None:
    target, one, other = _calibrated(1000, seed=3)
    truth = (np.arange(1000) < 200).astype(np.int64)
    case = (target_of(Task.BINARY, truth), one, other)
    interval = interval_of(compared(case, NAME, units=np.arange(1000) // 25), NAME)
    note = "only 8 independent units hold rows of the rarer outcome"
    assert interval == Interval(method="influence", standing=Standing.NOT_ESTIMABLE, note=note)
    of_target = interval_of(compared((target, one, other), NAME, units=np.arange(1000) // 25), NAME)
    assert of_target.standing is Standing.SETTLES


def test_models_that_agree_on_every_row_keep_a_width() -> None:
    target, one, _ = binary_case(400, seed=4)
    low, high = ends_of(interval_of(compared((target, one, replace(one)), NAME), NAME))
    assert low == -high
    assert high > 0.005


@pytest.mark.parametrize(
    ("model", "note"),
    [
        (Predictions(), "the model gives no scores"),
        (Predictions(scores=np.zeros(4)), "the model's scores are no probabilities"),
        (
            Predictions(scores=np.full(4, np.nan), probabilities=True),
            "the model gives scores that are not finite",
        ),
    ],
)
def test_what_a_model_does_not_give_is_said(model: Predictions, note: str) -> None:
    case = (target_of(Task.BINARY, np.array([0, 1, 0, 1])), model, None)
    row = row_of(compared(case, NAME), NAME)
    assert (row.candidate, row.note) == (None, note)


def test_one_models_value_may_be_bias_alone() -> None:
    rows = _rows(_calibrated(1000, seed=5))
    assert rows.baseline is not None
    good, bold = (calibration_error(rows, model) for model in (rows.baseline, rows.candidate))
    assert good.low == 0.0
    assert good.value is not None
    assert good.value < 0.05
    assert bold.low is not None
    assert bold.low > 0.02
    assert bold.value is not None
    assert bold.high is not None
    assert bold.low < bold.value < bold.high


def test_one_models_value_without_an_interval_says_why() -> None:
    rows = _rows(_calibrated(30, seed=6))
    rows = replace(rows, truth=(np.arange(30) < 4).astype(np.int64))
    few = calibration_error(rows, rows.candidate)
    assert few.value is not None
    assert few == Value(value=few.value, note="only 4 rows of the rarer outcome")
    assert calibration_error(rows, Predictions()) == Value(
        value=None, note="the model gives no scores"
    )
    units = replace(rows, dependence=units_of(np.arange(30) // 10))
    assert calibration_error(units, units.candidate).note == "only 3 independent units"


def test_dependent_rows_widen_it() -> None:
    target, one, other = _calibrated(100, seed=7)
    assert one.scores is not None
    assert other.scores is not None
    units = np.repeat(np.arange(100), 10)
    case = (
        target_of(Task.BINARY, target.values[units]),
        binary(one.scores[units]),
        binary(other.scores[units]),
    )
    alone, together = (interval_of(compared(case, NAME, units=u), NAME) for u in (None, units))
    widths = [high - low for low, high in map(ends_of, (alone, together))]
    assert widths[1] > 2.5 * widths[0]


def test_without_an_interval_there_is_nothing_to_widen() -> None:
    rows = _rows(_calibrated(400, seed=8))
    bare = {NAME: Estimate(value=0.1)}
    found = calibration_error_intervals(rows, [METRICS[NAME]], bare, bare)[NAME]
    assert (found.standing, found.low) == (Standing.NOT_ESTIMABLE, None)
    alone = replace(rows, baseline=None)
    assert calibration_error_intervals(alone, [METRICS[NAME]], bare, bare) == {}


@pytest.mark.parametrize("n", [1, 40])
def test_rows_of_a_single_unit_have_a_value_and_no_interval(n: int) -> None:
    """A slice may hold one customer alone."""
    row = row_of(compared(binary_case(n, seed=2), NAME, units=np.zeros(n, np.int64)), NAME)
    assert row.candidate is not None
    assert row.interval is not None
    assert row.interval.standing is Standing.NOT_ESTIMABLE
    assert row.note == "only 1 independent units"


def test_rows_without_any_weight_have_no_value() -> None:
    rows = _rows(_calibrated(20, seed=9), np.zeros(20))
    assert calibration_error(rows, rows.candidate) == Value(value=None, note="there are no rows")
