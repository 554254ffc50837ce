"""Shift between two models' scores, against scipy's distances and the plain formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from mlci_action.domain.behaviour import ScoreShift, Value
from mlci_action.evaluation.behaviour.score_shift import score_shift
from mlci_action.evaluation.reading.dependence import units_of
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, Target
from tests.unit.evaluation.cases import (
    Float,
    Int,
    binary,
    binary_case,
    multiclass_case,
    numbers,
    regression_case,
)

PLAIN_OR_WEIGHTED = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])


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


def _shift(rows: PairedRows) -> ScoreShift:
    shift = score_shift(rows)
    assert shift is not None
    return shift


def _moved(n: int, seed: int) -> tuple[Target, Predictions, Predictions]:
    target, one, other = binary_case(n, seed)
    assert one.scores is not None
    return target, binary((one.scores * 0.8 + 0.1).round(2)), other


@PLAIN_OR_WEIGHTED
def test_distances_are_scipys(*, weighted: bool) -> None:
    case = _moved(500, seed=1)
    after, before = case[1].scores, case[2].scores
    assert after is not None
    assert before is not None
    weight = np.random.default_rng(2).uniform(0.2, 3, 500) if weighted else None
    found = _shift(_rows(case, weight)).distances
    assert found["wasserstein"] == pytest.approx(
        stats.wasserstein_distance(before, after, weight, weight)
    )
    weights = np.ones(500) if weight is None else weight
    points = np.union1d(before, after)
    apart = [weights[before <= point].sum() - weights[after <= point].sum() for point in points]
    assert found["ks"] == pytest.approx(np.abs(apart).max() / weights.sum())
    if weight is None:
        assert found["ks"] == pytest.approx(stats.ks_2samp(before, after).statistic)


@PLAIN_OR_WEIGHTED
def test_distances_over_bins_are_the_plain_formulas(*, weighted: bool) -> None:
    draw = np.random.default_rng(3)
    before, after = draw.random(400), draw.random(400) ** 1.5
    case = (binary_case(400, seed=3)[0], binary(after), binary(before))
    weight = np.full(400, 2.0) if weighted else None
    found = _shift(_rows(case, weight)).distances
    both = np.sort(np.concatenate([before, after]))
    edges = np.concatenate([[-1.0], both[80::80] - 1e-9, [2.0]])
    p, q = (np.histogram(scores, edges)[0] for scores in (before, after))
    assert found["jensen_shannon"] == pytest.approx(jensenshannon(p, q, base=2))
    p, q = (p + 0.5) / 405, (q + 0.5) / 405
    assert found["psi"] == pytest.approx(float(((q - p) * np.log(q / p)).sum()))


def test_scores_that_share_nothing_are_as_far_apart_as_can_be() -> None:
    target, *_ = binary_case(100, seed=4)
    case = (target, binary(np.linspace(0.6, 0.9, 100)), binary(np.linspace(0.1, 0.4, 100)))
    found = _shift(_rows(case))
    assert found.distances["ks"] == 1.0
    assert found.distances["jensen_shannon"] == pytest.approx(1.0)
    assert found.distances["wasserstein"] == pytest.approx(0.5)
    assert np.isfinite(found.distances["psi"])
    assert found.mean_change.value == pytest.approx(0.5)


def test_the_mean_change_has_the_interval_of_a_paired_t_test() -> None:
    case = regression_case(2000, seed=5)
    after, before = case[1].values, case[2].values
    assert after is not None
    assert before is not None
    found = _shift(_rows(case))
    interval = stats.ttest_rel(after, before).confidence_interval(0.95)
    assert found.mean_change.value == pytest.approx((after - before).mean())
    assert (found.mean_change.low, found.mean_change.high) == pytest.approx(
        (interval.low, interval.high), abs=1e-3
    )
    assert found.mean_absolute_change == pytest.approx(np.abs(after - before).mean())


def test_quantiles_are_named_by_their_share() -> None:
    case = regression_case(999, seed=6)
    after, before = case[1].values, case[2].values
    assert after is not None
    assert before is not None
    found = _shift(_rows(case)).quantiles
    assert list(found) == ["0.05", "0.25", "0.5", "0.75", "0.95"]
    for share, pair in found.items():
        expected = [
            np.quantile(values, float(share), method="averaged_inverted_cdf")
            for values in (before, after)
        ]
        assert pair == pytest.approx(tuple(expected))


def test_of_several_classes_it_is_the_most_likely_ones_probability() -> None:
    target, one, other = multiclass_case(300, seed=7)
    assert one.scores is not None
    assert other.scores is not None
    found = _shift(_rows((target, one, other)))
    change = one.scores.max(axis=1) - other.scores.max(axis=1)
    assert found.mean_change.value == pytest.approx(change.mean())
    decisions = replace(one, probabilities=False)
    assert score_shift(_rows((target, decisions, replace(other, probabilities=False)))) is None


def test_one_model_asked_twice_shifts_by_nothing() -> None:
    target, one, _ = binary_case(100, seed=8)
    found = _shift(_rows((target, one, one)))
    assert found.mean_change == Value(value=0.0, note="every row changes by the same")
    assert found.mean_absolute_change == 0.0
    assert set(found.distances.values()) == {0.0}


def test_dependent_rows_widen_the_interval_and_few_units_have_none() -> None:
    case = regression_case(100, seed=9)
    after, before = case[1].values, case[2].values
    assert after is not None
    assert before is not None
    copies = np.repeat(np.arange(100), 4)
    repeated = (
        replace(case[0], values=case[0].values[copies]),
        numbers(after[copies]),
        numbers(before[copies]),
    )
    once = _shift(_rows(case)).mean_change
    again = _shift(_rows(repeated, units=copies)).mean_change
    assert again.low == pytest.approx(once.low, abs=0.01)
    few = _shift(_rows(case, units=np.arange(100) // 20)).mean_change
    assert few == Value(value=once.value, note="only 5 independent units")


def test_there_is_no_shift_without_two_models_that_say_the_same_kind_of_thing() -> None:
    target, one, other = binary_case(50, seed=10)
    assert score_shift(_rows((target, one, None))) is None
    assert score_shift(_rows((target, one, Predictions(labels=other.labels)))) is None
    assert score_shift(_rows((target, Predictions(labels=one.labels), other))) is None
    assert score_shift(_rows((target, one, replace(other, probabilities=False)))) is None
    assert score_shift(_rows((target, one, replace(other, scores=np.full(50, np.nan))))) is None
    assert score_shift(_rows((target, one, other)).take(np.arange(0))) is None
    assert score_shift(_rows((target, one, other), np.zeros(50))) is None


def test_a_change_too_large_for_a_number_is_no_shift() -> None:
    target, one, _ = regression_case(10, seed=11)
    large = np.full(10, 1e151)
    assert score_shift(_rows((target, one, numbers(-large)))) is None
    assert score_shift(_rows((target, numbers(large), one))) is None
