"""Calibration slope and intercept, against scikit-learn's regression and the sandwich by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from mlci_action.domain.behaviour import Value
from mlci_action.evaluation.behaviour.calibration_slope import Recalibration, recalibration
from mlci_action.evaluation.reading.dependence import Dependence, units_of
from tests.unit.evaluation.cases import Float


def _case(n: int, seed: int) -> tuple[Float, Float]:
    draw = np.random.default_rng(seed)
    probability = expit(draw.normal(size=n) - 0.5)
    return probability, (draw.random(n) < expit(0.3 + 0.6 * logit(probability))).astype(float)


def _line(
    probability: Float,
    happened: Float,
    weight: Float | None = None,
    dependence: Dependence | None = None,
) -> Recalibration:
    return recalibration(probability, happened, weight, dependence, confidence=0.95)


def _values(line: Recalibration) -> tuple[float, float]:
    assert line.intercept.value is not None
    assert line.slope.value is not None
    return line.intercept.value, line.slope.value


def _oracle(
    probability: Float, happened: Float, weight: Float | None = None
) -> tuple[float, float]:
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000, solver="newton-cholesky")
    model.fit(logit(probability)[:, None], happened, sample_weight=weight)
    return float(model.intercept_[0]), float(model.coef_[0, 0])


def test_an_outcome_without_weight_does_not_occur() -> None:
    probability, happened = _case(60, seed=4)
    line = _line(probability, happened, 1 - happened)
    nothing = Value(value=None, note="only one outcome occurs")
    assert line == Recalibration(slope=nothing, intercept=nothing)


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_they_are_the_coefficients_of_a_logistic_regression(*, weighted: bool) -> None:
    probability, happened = _case(400, seed=1)
    weight = np.random.default_rng(2).uniform(0.2, 3, 400) if weighted else None
    line = _line(probability, happened, weight)
    assert _values(line) == pytest.approx(_oracle(probability, happened, weight), abs=1e-6)


def test_the_intervals_are_those_of_the_sandwich() -> None:
    probability, happened = _case(2000, seed=3)
    line = _line(probability, happened)
    x = np.column_stack([np.ones(2000), logit(probability)])
    chance = expit(x @ np.array(_values(line)))
    bread = np.linalg.inv((x * (chance * (1 - chance))[:, None]).T @ x)
    meat = (x * ((happened - chance) ** 2)[:, None]).T @ x
    errors = np.sqrt(np.diag(bread @ meat @ bread))
    for value, error in zip((line.intercept, line.slope), errors, strict=True):
        assert value.value is not None
        assert value.low is not None
        assert value.high is not None
        assert (value.high - value.low) / 2 == pytest.approx(1.96 * error, rel=0.01)
        assert (value.high + value.low) / 2 == pytest.approx(value.value)


def test_weights_do_not_count_as_rows() -> None:
    probability, happened = _case(500, seed=4)
    once, twice = (_line(probability, happened, np.full(500, w)) for w in (1.0, 2.0))
    assert once.slope.low == pytest.approx(twice.slope.low)
    assert _line(probability, happened).slope.low == pytest.approx(once.slope.low)


def test_dependent_rows_widen_the_intervals() -> None:
    probability, happened = _case(200, seed=5)
    copies = np.repeat(np.arange(200), 5)
    alone = _line(probability, happened).slope
    together = _line(probability[copies], happened[copies], None, units_of(copies)).slope
    assert together.value == pytest.approx(alone.value)
    assert together.low is not None
    assert together.low == pytest.approx(alone.low, abs=0.01)


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=6, max_size=40),
    scale=st.sampled_from([1.0, 0.001, 3.0]),
)
def test_the_line_solves_the_score_equations_wherever_there_is_one(
    rows: list[tuple[int, bool]], scale: float
) -> None:
    probability = expit((np.array([row[0] for row in rows]) - 10.0) * scale)
    happened = np.array([float(row[1]) for row in rows])
    line = _line(probability, happened)
    if line.slope.value is None:
        assert line.slope == line.intercept
        assert line.slope.note
        return
    intercept, slope = _values(line)
    x = logit(probability.clip(1e-6, 1 - 1e-6))
    error = happened - expit(intercept + slope * x)
    assert error.sum() == pytest.approx(0, abs=1e-6)
    assert error @ x == pytest.approx(0, abs=1e-6 * max(1.0, np.abs(x).max()))


@pytest.mark.parametrize(
    ("probability", "happened", "note"),
    [
        ([0.1, 0.2, 0.7], [1, 1, 1], "only one outcome occurs"),
        ([0.3, 0.3, 0.3], [0, 1, 1], "all probabilities are the same"),
        (
            [0.1, 0.4, 0.4, 0.9],
            [0, 0, 1, 1],
            "the probabilities separate the outcomes, so no slope is finite",
        ),
        (
            [0.1, 0.2, 0.8, 0.9],
            [1, 1, 0, 0],
            "the probabilities separate the outcomes, so no slope is finite",
        ),
    ],
)
def test_where_no_line_is_finite_there_is_none(
    probability: list[float], happened: list[int], note: str
) -> None:
    line = _line(np.array(probability), np.array(happened, dtype=np.float64))
    assert line == Recalibration(
        slope=Value(value=None, note=note), intercept=Value(value=None, note=note)
    )


def test_certain_rows_are_taken_as_one_in_a_million_off() -> None:
    probability, happened = _case(300, seed=6)
    probability[:40:2], probability[1:40:2] = 0.0, 1.0
    clipped = probability.clip(1e-6, 1 - 1e-6)
    line = _line(probability, happened)
    assert _values(line) == pytest.approx(_oracle(clipped, happened), abs=1e-6)


def test_few_units_have_a_slope_without_an_interval() -> None:
    probability, happened = _case(90, seed=7)
    slope = _line(probability, happened, None, units_of(np.arange(90) // 10)).slope
    assert (slope.low, slope.note) == (None, "only 9 independent units")
    assert slope.value is not None


def test_a_step_that_would_lead_away_is_shortened() -> None:
    """Whole Newton steps leave for infinity where one row weighs more than all others."""
    probability = expit(np.array([-0.004, -0.061, 0.017, -0.005]))
    happened, weight = np.array([0.0, 1.0, 1.0, 1.0]), np.array([70.0, 6.0, 0.1, 0.6])
    intercept, slope = _values(_line(probability, happened, weight))
    error = (happened - expit(intercept + slope * logit(probability))) * weight
    assert error.sum() == pytest.approx(0, abs=1e-6)
    assert error @ logit(probability) == pytest.approx(0, abs=1e-6)


def test_an_overlap_of_hardly_any_weight_gives_no_line() -> None:
    probability = expit(np.array([1.44, -0.001, -3.85, 0.008]))
    happened, weight = np.array([1.0, 1.0, 0.0, 0.0]), np.array([0.3, 1.6, 267.0, 0.03])
    none = Value(value=None, note="the rows in which the outcomes overlap weigh too little")
    assert _line(probability, happened, weight) == Recalibration(slope=none, intercept=none)
