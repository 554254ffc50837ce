"""Rows that changed sides are counted, weighed, listed and limited."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from mlci_action.domain.behaviour import Behaviour, FlippedRow, Flips, Value
from mlci_action.domain.comparison import Comparison
from mlci_action.domain.limits import DecideBy, Evidence, FlipLimits
from mlci_action.domain.metric import Task
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.evaluation.behaviour.flips import flipped_rows, flips, score_of_share
from mlci_action.evaluation.reading.dependence import units_of
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, Target
from mlci_action.evaluation.rules.judge import judge, unjudged
from tests.unit.evaluation.cases import regression_case

Int = NDArray[np.int64]
ID = "metric.flips.max_negative_rate"
SETTLE = "these 400 rows can settle a rate of 0.0095, if none flips"
NO_BASELINE = (Outcome.NOT_RUN, "there is no baseline")


def paired(negative: int, positive: int, n: int, *, copies: int = 1) -> PairedRows:
    """Rows of one truth, of which so many turned wrong and so many turned right."""
    ours, theirs = np.ones(n, np.int64), np.ones(n, np.int64)
    ours[:negative] = 0
    theirs[negative : negative + positive] = 0
    return PairedRows(
        task=Task.BINARY,
        classes=("no", "yes"),
        truth=np.ones(n * copies, np.int64),
        candidate=Predictions(labels=np.repeat(ours, copies)),
        baseline=Predictions(labels=np.repeat(theirs, copies)),
        weight=None,
        dependence=None,
        confidence=0.95,
    )


def counted(rows: PairedRows) -> Flips:
    found = flips(rows)
    assert found is not None
    return found


@pytest.mark.parametrize(("negative", "positive"), [(3, 5), (0, 0), (40, 1), (0, 400)])
def test_rates_and_intervals_are_those_of_a_proportion(negative: int, positive: int) -> None:
    found = counted(paired(negative, positive, 400))
    assert (found.n, found.negative_rows, found.positive_rows) == (400, negative, positive)
    for value, count in ((found.negative, negative), (found.positive, positive)):
        wilson = binomtest(count, 400).proportion_ci(method="wilson")
        assert value.value == count / 400
        assert (value.low, value.high) == pytest.approx((wilson.low, wilson.high), abs=1e-12)


def test_a_row_that_is_wrong_in_two_ways_has_not_flipped() -> None:
    rows = PairedRows(
        task=Task.MULTICLASS,
        classes=("a", "b", "c"),
        truth=np.array([0, 0, 1, 2]),
        candidate=Predictions(labels=np.array([1, 2, 1, 0])),
        baseline=Predictions(labels=np.array([2, 0, 0, 0])),
        weight=None,
        dependence=None,
        confidence=0.95,
    )
    found = counted(rows)
    assert (found.negative_rows, found.positive_rows) == (1, 1)


def test_weights_move_the_share_and_rows_of_no_weight_are_no_rows() -> None:
    rows = paired(2, 1, 200)
    weight = np.ones(200)
    weight[:2] = [3.0, 0.0]
    found = counted(replace(rows, weight=weight))
    assert (found.n, found.negative_rows, found.positive_rows) == (199, 1, 1)
    assert found.negative.value == pytest.approx(3 / 201)
    critical = 1.959963984540054
    assert (found.negative.low, found.negative.high) == pytest.approx(
        score_of_share(3 / 201, 201**2 / (198 + 9), critical)
    )
    alike, plain = counted(replace(rows, weight=np.full(200, 7.0))), counted(rows)
    assert (alike.negative.low, alike.negative.high) == pytest.approx(
        (plain.negative.low, plain.negative.high)
    )


def test_copies_of_rows_in_one_unit_are_one_row_each() -> None:
    """But for the degrees of freedom, which take the effect of twelve units as a guess."""
    copied = paired(12, 8, 300, copies=4)
    units = units_of(np.repeat(np.arange(300), 4))
    once, alone = counted(paired(12, 8, 300)), counted(copied)
    together = counted(replace(copied, dependence=units))
    for found, bare, rows in (
        (together.negative, once.negative, alone.negative),
        (together.positive, once.positive, alone.positive),
    ):
        assert found.value == bare.value
        assert found.low is not None
        assert found.high is not None
        assert (found.low, found.high) == pytest.approx((bare.low, bare.high), rel=0.07)
        assert rows.high is not None
        assert found.high > rows.high


def test_without_a_flip_a_unit_counts_as_one_row() -> None:
    units = units_of(np.repeat(np.arange(100), 5))
    found = counted(replace(paired(0, 0, 500), dependence=units)).negative
    assert found.high == pytest.approx(1.984**2 / (100 + 1.984**2), rel=1e-3)


def test_too_few_units_have_a_rate_and_no_interval() -> None:
    few = replace(paired(3, 0, 90), dependence=units_of(np.arange(90) // 30))
    assert counted(few).negative == Value(value=3 / 90, note="only 3 independent units")


def test_one_model_asked_twice_flips_nowhere() -> None:
    why = "the two models are the same file"
    nothing = Value(value=0.0, low=0.0, high=0.0, note=why)
    assert flips(paired(0, 0, 50), same=why) == Flips(
        n=50, negative_rows=0, positive_rows=0, negative=nothing, positive=nothing
    )


def test_nothing_flips_without_labels_of_both_models() -> None:
    rows = paired(1, 1, 20)
    assert flips(replace(rows, baseline=None)) is None
    assert flips(replace(rows, baseline=Predictions())) is None
    assert flips(replace(rows, candidate=Predictions())) is None
    target, one, other = regression_case(20, 1)
    assert flips(replace(rows, task=Task.REGRESSION, candidate=one, baseline=other)) is None
    assert flipped_rows(target, one, other) == ()
    assert counted(paired(0, 0, 0)).negative == Value(value=None, note="there are no rows")


TARGET = Target(
    task=Task.MULTICLASS,
    rows=np.array([True, False, True, True, True]),
    values=np.array([0, 1, 2, 0]),
    classes=("cat", "dog", "=cmd|' /C calc'!A0"),
)
BEFORE = Predictions(labels=np.array([0, 2, 2, 1]))
NOW = Predictions(labels=np.array([1, 1, 2, 2]))


def test_flipped_rows_are_named_by_their_place_in_the_data() -> None:
    ids = pd.Series(["a", "b", None, "d", "e"], index=[9, 9, 9, 9, 9])
    assert flipped_rows(TARGET, NOW, BEFORE, ids=ids) == (
        FlippedRow(row=1, id="a", truth="cat", baseline="cat", candidate="dog"),
        FlippedRow(row=3, id=None, truth="dog", baseline="=cmd|' /C calc'!A0", candidate="dog"),
    )
    assert [row.id for row in flipped_rows(TARGET, NOW, BEFORE)] == [None, None]
    numbers = pd.Series([7, 8, 9, 10, 11])
    assert [row.id for row in flipped_rows(TARGET, NOW, BEFORE, ids=numbers)] == ["7", "9"]
    assert flipped_rows(TARGET, NOW, None) == ()


def test_a_row_of_no_weight_is_not_listed() -> None:
    weight = np.array([0.0, 1.0, 1.0, 1.0])
    listed = flipped_rows(TARGET, NOW, BEFORE, sample_weight=weight)
    assert [row.row for row in listed] == [3]


def comparison_of(rows: PairedRows | None, *, same: str = "") -> Comparison:
    found = None if rows is None else flips(rows, same=same)
    return Comparison(
        task=Task.BINARY,
        n_rows=0 if rows is None else rows.n,
        confidence=0.95,
        behaviour=Behaviour(flips=found),
    )


def judged(
    comparison: Comparison,
    limits: FlipLimits,
    *,
    evidence: Evidence | None = None,
    no_baseline: tuple[Outcome, str] | None = None,
) -> CheckResult:
    answer = judge(
        comparison, [], None, evidence or Evidence(), flips=limits, no_baseline=no_baseline
    )
    (result,) = answer.results
    return result


def test_a_rate_that_lies_beyond_doubt_below_its_limit_passes() -> None:
    assert judged(comparison_of(paired(3, 5, 400)), FlipLimits(max_negative_rate=0.05)) == (
        CheckResult(
            id=ID,
            area=Area.METRIC,
            outcome=Outcome.PASSED,
            message="right in the baseline, wrong now: 3 of 400 rows "
            "(0.0075, 95 % CI 0.00255 to 0.0218), not more than 0.05",
            rows=400,
            observed=0.0075,
            limit=0.05,
            evidence={
                "n": 400,
                "negative_rows": 3,
                "positive_rows": 5,
                "ci_low": pytest.approx(0.002554, abs=1e-6),
                "ci_high": pytest.approx(0.021816, abs=1e-6),
                "method": "score",
            },
        )
    )


def test_a_rate_beyond_doubt_above_its_limit_fails_or_warns() -> None:
    many = comparison_of(paired(60, 0, 400))
    result = judged(many, FlipLimits(max_negative_rate=0.05))
    assert (result.outcome, result.severity) == (Outcome.FAILED, Severity.FAIL)
    assert result.message == (
        "right in the baseline, wrong now: 60 of 400 rows (0.15, 95 % CI 0.118 to 0.188), "
        "more than the 0.05 allowed"
    )
    warned = judged(many, FlipLimits(max_negative_rate=0.05, severity=Severity.WARN))
    assert (warned.outcome, warned.severity) == (Outcome.WARNED, Severity.WARN)


@pytest.mark.parametrize(
    ("negative", "limit", "says", "inside"),
    [
        (
            0,
            0.001,
            f"{SETTLE}; for your limit about 3,900 rows are needed",
            True,
        ),
        (
            4,
            0.012,
            f"{SETTLE}, so the true rate is probably near your limit",
            True,
        ),
        (
            6,
            0.012,
            f"{SETTLE}, so the true rate is probably near your limit",
            False,
        ),
        (
            0,
            0.0,
            f"{SETTLE}; no number of rows settles a rate of 0",
            True,
        ),
        (220, 0.55, "so the true rate is probably near your limit", True),
    ],
)
def test_a_rate_around_its_limit_is_inconclusive(
    negative: int, limit: float, says: str, *, inside: bool
) -> None:
    result = judged(comparison_of(paired(negative, 0, 400)), FlipLimits(max_negative_rate=limit))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.message.endswith(f": not settled; {says}")
    assert result.evidence.get("point_inside_margin", False) is inside


@pytest.mark.parametrize(
    ("negative", "outcome"), [(4, Outcome.PASSED), (5, Outcome.FAILED), (0, Outcome.PASSED)]
)
def test_decided_by_the_point_the_bare_rate_counts(negative: int, outcome: Outcome) -> None:
    evidence = Evidence(decide_by=DecideBy.POINT)
    limits = FlipLimits(max_negative_rate=0.01)
    assert judged(comparison_of(paired(negative, 0, 400)), limits, evidence=evidence).outcome is (
        outcome
    )


def test_one_model_asked_twice_passes_even_a_limit_of_zero() -> None:
    same = comparison_of(paired(0, 0, 20), same="the two models are the same file")
    result = judged(same, FlipLimits(max_negative_rate=0.0))
    assert result.outcome is Outcome.PASSED
    assert result.message == (
        "right in the baseline, wrong now: 0 of 20 rows (0, the two models are the same file), "
        "not more than 0"
    )


def test_a_rate_without_an_interval_settles_nothing() -> None:
    few = replace(paired(3, 0, 90), dependence=units_of(np.arange(90) // 30))
    result = judged(comparison_of(few), FlipLimits(max_negative_rate=0.5))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.message.endswith("no interval can be given: only 3 independent units")


def test_a_rate_of_no_rows_is_not_run() -> None:
    result = judged(comparison_of(paired(0, 0, 0)), FlipLimits(max_negative_rate=0.5))
    assert (result.outcome, result.message) == (
        Outcome.NOT_RUN,
        "flips could not be counted: there are no rows",
    )


@pytest.mark.parametrize("given", [NO_BASELINE, (Outcome.WAIVED, "first model")])
def test_without_a_baseline_the_reason_is_given(given: tuple[Outcome, str]) -> None:
    result = judged(comparison_of(None), FlipLimits(max_negative_rate=0.1), no_baseline=given)
    assert (result.id, result.outcome, result.message) == (ID, *given)


def test_what_gives_no_labels_is_an_error() -> None:
    limits = FlipLimits(max_negative_rate=0.1)
    result = judged(comparison_of(None), limits)
    assert (result.outcome, result.message) == (
        Outcome.ERRORED,
        "flips need class labels of both models",
    )
    numbers = replace(comparison_of(None), task=Task.REGRESSION)
    result = judged(numbers, limits, no_baseline=NO_BASELINE)
    assert (result.outcome, result.message) == (
        Outcome.ERRORED,
        "flips are rows whose label turned wrong: a model of numbers gives no labels",
    )


def test_flips_without_a_limit_require_nothing() -> None:
    answer = judge(comparison_of(paired(3, 5, 400)), [], None, Evidence(), flips=FlipLimits())
    assert answer.results == ()
    assert unjudged([], None, Outcome.ERRORED, "no", flips=FlipLimits()) == ()
    (result,) = unjudged([], None, Outcome.ERRORED, "no", flips=FlipLimits(max_negative_rate=0.1))
    assert (result.id, result.outcome, result.message, result.limit) == (
        ID,
        Outcome.ERRORED,
        "no",
        0.1,
    )
