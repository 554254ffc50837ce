"""Reliability bins and their intervals, and which models have a calibration at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mlci_action.domain.behaviour import Value
from mlci_action.evaluation.behaviour.calibration import calibration
from mlci_action.evaluation.metrics.calibration_error import calibration_error
from mlci_action.evaluation.reading.dependence import units_of
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, Target
from tests.unit.evaluation.cases import (
    Float,
    Int,
    binary_case,
    multiclass_case,
    regression_case,
)


def _rows(
    case: tuple[Target, Predictions, Predictions | None],
    weight: Float | None = None,
    units: Int | None = None,
) -> PairedRows:
    target, candidate, baseline = case
    return PairedRows(
        task=target.task,
        classes=target.classes,
        truth=target.values,
        candidate=candidate,
        baseline=baseline,
        weight=weight,
        dependence=None if units is None else units_of(units),
        confidence=0.95,
    )


def test_each_tenth_of_the_rows_has_its_share_with_wilsons_interval() -> None:
    target, one, other = binary_case(1000, seed=1)
    scores = np.random.default_rng(1).permutation(1000) / 1000
    found = calibration(_rows((target, replace(one, scores=scores), other)))[0]
    assert [one.n for one in found.bins] == [100] * 10
    for place, one_bin in enumerate(found.bins):
        inside = scores * 10 // 1 == place
        happened = int(target.values[inside].sum())
        interval = stats.binomtest(happened, 100).proportion_ci(method="wilson")
        assert one_bin.mean_score == pytest.approx(scores[inside].mean())
        assert one_bin.observed.value == pytest.approx(happened / 100)
        assert (one_bin.observed.low, one_bin.observed.high) == pytest.approx(
            (interval.low, interval.high)
        )


def test_both_models_are_there_the_candidate_first() -> None:
    case = binary_case(400, seed=2)
    rows = _rows(case)
    both = calibration(rows)
    assert [one.who for one in both] == ["candidate", "baseline"]
    assert both[0].error == calibration_error(rows, case[1])
    assert both[1].error == calibration_error(rows, case[2])
    assert [one.who for one in calibration(_rows((case[0], case[1], None)))] == ["candidate"]


def test_the_error_is_what_the_bins_say() -> None:
    found = calibration(_rows(binary_case(777, seed=3)))[0]
    gaps = [
        one.n * abs(one.mean_score - one.observed.value)
        for one in found.bins
        if one.observed.value is not None
    ]
    assert found.error.value == pytest.approx(sum(gaps) / 777)


def test_a_model_that_puts_its_logits_right_has_slope_one() -> None:
    draw = np.random.default_rng(4)
    target, one, other = binary_case(20_000, seed=4)
    chance = 1 / (1 + np.exp(-draw.normal(size=20_000)))
    truth = (draw.random(20_000) < chance).astype(np.int64)
    bold = chance**2 / (chance**2 + (1 - chance) ** 2)
    case = (
        replace(target, values=truth),
        replace(one, scores=bold),
        replace(other, scores=chance),
    )
    candidate, baseline = calibration(_rows(case))
    assert baseline.slope.value == pytest.approx(1, abs=0.05)
    assert baseline.intercept.value == pytest.approx(0, abs=0.05)
    assert candidate.slope.value == pytest.approx(0.5, abs=0.03)
    assert candidate.slope.high is not None
    assert candidate.slope.high < 0.6


def test_of_several_classes_it_is_the_most_likely_ones_probability() -> None:
    target, one, other = multiclass_case(500, seed=5)
    assert one.scores is not None
    found = calibration(_rows((target, one, other)))[0]
    right = one.scores.argmax(axis=1) == target.values
    likely = one.scores.max(axis=1)
    shares = sum(b.n * b.observed.value for b in found.bins if b.observed.value is not None)
    assert shares == pytest.approx(right.sum())
    assert sum(b.n * b.mean_score for b in found.bins) == pytest.approx(likely.sum())


def test_weights_tell_as_much_as_their_effective_number_of_rows() -> None:
    case = binary_case(1000, seed=6)
    weight = np.where(np.arange(1000) % 2, 3.0, 1.0)
    plain, weighted = (calibration(_rows(case, w))[0].bins for w in (None, weight))
    for one, other in zip(plain[1:-1], weighted[1:-1], strict=True):
        assert _width(other.observed) > _width(one.observed) * 1.02


def test_dependent_rows_tell_as_much_as_their_units() -> None:
    target, one, other = binary_case(300, seed=7)
    assert one.scores is not None
    assert other.scores is not None
    copies = np.repeat(np.arange(300), 4)
    case = (
        replace(target, values=target.values[copies]),
        replace(one, scores=one.scores[copies]),
        replace(other, scores=other.scores[copies]),
    )
    once = calibration(_rows((target, one, other)))[0]
    again = calibration(_rows(case, units=copies))[0]
    for before, after in zip(once.bins, again.bins, strict=True):
        assert after.n == 4 * before.n
        assert _width(after.observed) == pytest.approx(_width(before.observed), rel=0.03)


def test_rows_of_a_bin_that_all_agree_count_as_units() -> None:
    target, one, other = binary_case(400, seed=8)
    case = (replace(target, values=np.ones(400, np.int64)), one, other)
    alone = calibration(_rows(case))[0].bins[0]
    together = calibration(_rows(case, units=np.arange(400) // 4))[0].bins[0]
    assert alone.observed.value == together.observed.value == 1.0
    assert _width(together.observed) > 2 * _width(alone.observed)


def test_one_score_for_all_rows_is_one_bin() -> None:
    target, one, other = binary_case(100, seed=9)
    found = calibration(_rows((target, replace(one, scores=np.full(100, 0.4)), other)))[0]
    (only,) = found.bins
    interval = stats.binomtest(int(target.values.sum()), 100).proportion_ci(method="wilson")
    assert only.n == 100
    assert only.mean_score == pytest.approx(0.4)
    assert only.observed.value == pytest.approx(target.values.mean())
    assert (only.observed.low, only.observed.high) == pytest.approx((interval.low, interval.high))
    assert found.slope == Value(value=None, note="all probabilities are the same")


def test_scores_that_are_no_probabilities_have_no_calibration() -> None:
    target, one, other = binary_case(100, seed=10)
    decisions = replace(one, probabilities=False)
    assert [c.who for c in calibration(_rows((target, decisions, other)))] == ["baseline"]
    assert calibration(_rows((target, Predictions(labels=one.labels), None))) == ()
    assert calibration(_rows(regression_case(50, seed=1))) == ()


def test_no_rows_have_no_calibration() -> None:
    assert calibration(_rows(binary_case(10, seed=1)).take(np.arange(0))) == ()


def _width(value: Value) -> float:
    assert value.low is not None
    assert value.high is not None
    return value.high - value.low
