"""Every configured rule answers once, and nothing that is not known passes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.comparison import Comparison, ComparisonRow, Interval, Standing
from mlci_action.domain.limits import (
    DecideBy,
    Evidence,
    FairnessLimits,
    Margin,
    MetricLimits,
    SliceLimits,
)
from mlci_action.domain.metric import Metric, Task
from mlci_action.domain.metrics import FAIRNESS_METRICS, METRICS
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.domain.slices import Slice
from mlci_action.evaluation.fairness.gaps import fairness
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.evaluation.reading.slices import sensitive_groups
from mlci_action.evaluation.rules.judge import Judged, judge, unjudged
from tests.unit.evaluation.cases import binary_case, compared

AUC, LOSS, RMSE = METRICS["roc_auc"], METRICS["log_loss"], METRICS["root_mean_squared_error"]
ODDS = FAIRNESS_METRICS["equalized_odds_difference"]
NO_BASELINE = (Outcome.NOT_RUN, "there is no baseline")
ONE_POINT = Margin(absolute=0.01)


def row(
    metric: Metric,
    baseline: float | None,
    candidate: float | None,
    half: float = 0.01,
    *,
    standing: Standing = Standing.SETTLES,
    note: str = "",
    part: Slice | None = None,
    n: int = 1000,
) -> ComparisonRow:
    """A row whose t interval reaches `half` to either side of the difference, SE `half / 2`."""
    diff = None if baseline is None or candidate is None else candidate - baseline
    interval = Interval(method="delong", standing=Standing.NOT_ESTIMABLE, note=note)
    if diff is not None and standing is not Standing.NOT_ESTIMABLE:
        interval = Interval(
            method="delong",
            standing=standing,
            low=diff - half,
            high=diff + half,
            se=half / 2,
            df=1e6,
            centre=diff,
            note=note,
        )
    return ComparisonRow(
        metric=metric,
        slice=part,
        n=n,
        candidate=candidate,
        baseline=baseline,
        diff=diff,
        interval=interval,
        note=note,
    )


def comparison_of(*rows: ComparisonRow) -> Comparison:
    return Comparison(task=Task.BINARY, n_rows=1000, confidence=0.95, rows=rows)


def judged(
    rows: Sequence[ComparisonRow],
    limits: MetricLimits,
    *,
    slices: SliceLimits | None = None,
    evidence: Evidence | None = None,
    no_baseline: tuple[Outcome, str] | None = None,
) -> Judged:
    return judge(
        comparison_of(*rows), [limits], slices, evidence or Evidence(), no_baseline=no_baseline
    )


def only(answer: Judged) -> CheckResult:
    (result,) = answer.results
    return result


def regression(metric: Metric = AUC, margin: Margin = ONE_POINT) -> MetricLimits:
    return MetricLimits(metric=metric, max_regression=margin)


def test_a_fall_beyond_the_margin_fails_with_its_size_and_interval() -> None:
    answer = judged([row(AUC, 0.871, 0.850, half=0.009)], regression())
    result = only(answer)
    assert result == CheckResult(
        id="metric.roc_auc.max_regression",
        area=Area.METRIC,
        outcome=Outcome.FAILED,
        message="roc_auc fell by 0.021 (95 % CI -0.030 to -0.012), more than the 0.01 allowed",
        rows=1000,
        observed=0.850 - 0.871,
        limit=0.01,
        evidence={
            "n": 1000,
            "baseline": 0.871,
            "candidate": 0.850,
            "direction": "higher_is_better",
            "method": "delong",
            "ci_low": 0.850 - 0.871 - 0.009,
            "ci_high": 0.850 - 0.871 + 0.009,
            "standing": "settles",
        },
    )
    assert answer.comparison.rows[0].outcome is Outcome.FAILED


def test_a_rise_passes_and_says_both_values() -> None:
    result = only(judged([row(AUC, 0.871, 0.880)], regression()))
    assert result.outcome is Outcome.PASSED
    assert result.message == (
        "roc_auc 0.871 -> 0.880 (+0.009, 95 % CI -0.001 to 0.019): not worse by more than 0.01"
    )


def test_a_loss_that_rises_fails() -> None:
    result = only(judged([row(LOSS, 0.300, 0.350)], regression(LOSS)))
    assert result.outcome is Outcome.FAILED
    assert result.message == (
        "log_loss rose by 0.050 (95 % CI 0.040 to 0.060), more than the 0.01 allowed"
    )
    assert result.observed == pytest.approx(0.05)


def test_a_loss_that_falls_passes() -> None:
    assert only(judged([row(LOSS, 0.3, 0.25)], regression(LOSS))).outcome is Outcome.PASSED


def test_an_interval_across_the_margin_is_inconclusive_and_says_what_would_settle_it() -> None:
    result = only(judged([row(AUC, 0.871, 0.868, half=0.02)], regression()))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.message == (
        "roc_auc 0.871 -> 0.868 (-0.003, 95 % CI -0.023 to 0.017): not settled; "
        "these 1,000 rows can settle a margin of 0.028 (2.8 SE); "
        "for your margin about 7,900 rows are needed if the models are equal"
    )
    assert result.evidence["point_inside_margin"] is True


def test_a_point_outside_its_margin_is_not_said_to_be_inside() -> None:
    result = only(judged([row(AUC, 0.871, 0.856, half=0.02)], regression()))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "point_inside_margin" not in result.evidence


def test_a_point_inside_its_margin_is_said_of_unsettled_comparisons_alone() -> None:
    result = only(judged([row(AUC, 0.871, 0.880)], regression()))
    assert "point_inside_margin" not in result.evidence


def test_enough_rows_near_the_margin_are_told_apart_from_too_few() -> None:
    result = only(judged([row(AUC, 0.8, 0.791, half=0.005)], regression()))
    assert result.message.endswith(
        "these 1,000 rows can settle a margin of 0.007 (2.8 SE); for your margin about 500 rows "
        "are needed if the models are equal, so the true difference is probably near your margin"
    )


def test_a_margin_of_zero_is_settled_by_no_number_of_rows() -> None:
    result = only(judged([row(AUC, 0.8, 0.8)], regression(margin=Margin(absolute=0.0))))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.message.endswith(
        "no number of rows settles a margin of 0 if the models are equal"
    )


def test_the_sentence_follows_the_confidence() -> None:
    result = only(
        judged([row(AUC, 0.8, 0.8, half=0.02)], regression(), evidence=Evidence(confidence=0.9))
    )
    assert "90 % CI" in result.message
    assert "can settle a margin of 0.025 (2.5 SE)" in result.message


def test_rows_that_may_fail_cannot_pass() -> None:
    better = row(
        AUC, 0.8, 0.9, standing=Standing.MAY_FAIL, note="only 14 rows of the smaller class"
    )
    result = only(judged([better], regression()))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.message.endswith(
        "not settled; only 14 rows of the smaller class, enough to fail but not to pass"
    )
    assert result.evidence["point_inside_margin"] is True
    worse = row(AUC, 0.9, 0.8, standing=Standing.MAY_FAIL)
    assert only(judged([worse], regression())).outcome is Outcome.FAILED


def test_rows_that_may_fail_and_leave_it_open_say_both() -> None:
    open_ = row(AUC, 0.8, 0.8, half=0.02, standing=Standing.MAY_FAIL, note="only 14 positives")
    result = only(judged([open_], regression()))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.message.endswith(
        "about 7,900 rows are needed if the models are equal; "
        "only 14 positives, enough to fail but not to pass"
    )


def test_what_is_not_estimable_is_inconclusive() -> None:
    unknown = row(AUC, 0.9, 0.7, standing=Standing.NOT_ESTIMABLE, note="only 4 rows")
    result = only(judged([unknown], regression()))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.message.endswith("(-0.200): not settled; no interval can be given: only 4 rows")


@pytest.mark.parametrize(("baseline", "candidate"), [(None, 0.8), (0.8, None), (0.8, math.nan)])
def test_a_metric_that_could_not_be_computed_never_passes(
    baseline: float | None, candidate: float | None
) -> None:
    limits = MetricLimits(
        metric=AUC, min=0.1, max_regression=Margin(absolute=1.0), min_improvement=ONE_POINT
    )
    unknown = row(AUC, baseline, candidate, standing=Standing.NOT_ESTIMABLE, note="one class only")
    for evidence in (Evidence(), Evidence(decide_by=DecideBy.POINT)):
        answer = judged([unknown], limits, evidence=evidence)
        assert {result.outcome for result in answer.results[1:]} == {Outcome.NOT_RUN}
        for result in answer.results[1:]:
            assert result.message == "roc_auc could not be compared: one class only"
            assert "point_inside_margin" not in result.evidence
        if candidate is None or math.isnan(candidate):
            assert answer.results[0].message == "roc_auc could not be computed: one class only"
            assert answer.results[0].outcome is Outcome.NOT_RUN


def test_an_interval_without_ends_or_without_width_settles_nothing() -> None:
    for ends in (
        {"low": None, "high": None},
        {"low": math.nan, "high": math.nan},
        {"low": 0.1, "high": 0.1},
    ):
        broken = row(AUC, 0.8, 0.9)
        assert broken.interval is not None
        broken = replace(broken, interval=replace(broken.interval, **ends))
        assert only(judged([broken], regression())).outcome is Outcome.INCONCLUSIVE


def test_a_row_without_a_baseline_is_not_run() -> None:
    alone = ComparisonRow(metric=AUC, slice=None, n=10, candidate=0.9)
    result = only(judged([alone], regression()))
    assert (result.outcome, result.message) == NO_BASELINE


def test_a_metric_that_was_not_computed_is_an_error() -> None:
    limits = MetricLimits(metric=AUC, min=0.5, max_regression=ONE_POINT)
    answer = judged([row(LOSS, 0.3, 0.3)], limits)
    assert [(result.id, result.outcome) for result in answer.results] == [
        ("metric.roc_auc.min", Outcome.ERRORED),
        ("metric.roc_auc.max_regression", Outcome.ERRORED),
    ]


@pytest.mark.parametrize(
    ("value", "outcome", "message"),
    [
        (0.80, Outcome.PASSED, "roc_auc 0.8 is at least 0.8"),
        (0.7996, Outcome.FAILED, "roc_auc 0.7996 is below the 0.8 asked for"),
        (0.79999999, Outcome.FAILED, "roc_auc 0.79999999 is below the 0.8 asked for"),
        (0.871, Outcome.PASSED, "roc_auc 0.871 is at least 0.8"),
    ],
)
def test_an_absolute_limit_judges_the_candidate(
    value: float, outcome: Outcome, message: str
) -> None:
    limits = MetricLimits(metric=AUC, min=0.8)
    alone = ComparisonRow(metric=AUC, slice=None, n=10, candidate=value)
    result = only(judged([alone], limits, no_baseline=NO_BASELINE))
    assert (result.id, result.outcome, result.message) == ("metric.roc_auc.min", outcome, message)
    assert (result.observed, result.limit, result.rows) == (value, 0.8, 10)


def test_a_maximum_holds_from_above() -> None:
    limits = MetricLimits(metric=LOSS, max=0.4)
    good, bad = row(LOSS, 0.3, 0.4), row(LOSS, 0.3, 0.41)
    assert only(judged([good], limits)).message == "log_loss 0.4 is at most 0.4"
    result = only(judged([bad], limits))
    assert (result.id, result.outcome) == ("metric.log_loss.max", Outcome.FAILED)
    assert result.message == "log_loss 0.41 is above the 0.4 asked for"


def test_a_limit_that_only_warns_warns() -> None:
    limits = MetricLimits(metric=AUC, min=0.9, max_regression=ONE_POINT, severity=Severity.WARN)
    answer = judged([row(AUC, 0.9, 0.8)], limits)
    assert [(r.outcome, r.severity) for r in answer.results] == [
        (Outcome.WARNED, Severity.WARN),
        (Outcome.WARNED, Severity.WARN),
    ]
    assert answer.comparison.rows[0].outcome is Outcome.WARNED


@pytest.mark.parametrize(
    "given",
    [
        NO_BASELINE,
        (Outcome.WAIVED, "first model"),
        (Outcome.ERRORED, "the baseline could not be loaded: no such class"),
    ],
)
def test_without_a_baseline_every_comparison_gives_the_reason(given: tuple[Outcome, str]) -> None:
    limits = MetricLimits(
        metric=AUC,
        min=0.5,
        max_regression=ONE_POINT,
        min_improvement=ONE_POINT,
        max_improvement=ONE_POINT,
    )
    alone = ComparisonRow(metric=AUC, slice=None, n=10, candidate=0.9)
    answer = judged([alone], limits, no_baseline=given)
    assert [(r.id, r.outcome) for r in answer.results] == [
        ("metric.roc_auc.min", Outcome.PASSED),
        ("metric.roc_auc.max_regression", given[0]),
        ("metric.roc_auc.min_improvement", given[0]),
        ("metric.roc_auc.max_improvement", given[0]),
    ]
    assert {r.message for r in answer.results[1:]} == {given[1]}
    assert answer.comparison.rows[0].outcome is given[0]


@pytest.mark.parametrize(
    ("candidate", "outcome", "says"),
    [
        (0.85, Outcome.PASSED, "(+0.050, 95 % CI 0.040 to 0.060): better by at least 0.02"),
        (
            0.80,
            Outcome.FAILED,
            ", not the improvement of at least 0.02 that is asked for",
        ),
        (0.825, Outcome.INCONCLUSIVE, "not settled; these 1,000 rows can settle a margin"),
    ],
)
def test_an_improvement_that_is_asked_for_must_be_shown(
    candidate: float, outcome: Outcome, says: str
) -> None:
    limits = MetricLimits(metric=AUC, min_improvement=Margin(absolute=0.02))
    result = only(judged([row(AUC, 0.8, candidate)], limits))
    assert (result.outcome, says in result.message) == (outcome, True)


@pytest.mark.parametrize(
    ("candidate", "outcome"),
    [(0.81, Outcome.PASSED), (0.86, Outcome.FAILED), (0.82, Outcome.INCONCLUSIVE)],
)
def test_a_suspiciously_large_improvement_fails(candidate: float, outcome: Outcome) -> None:
    limits = MetricLimits(metric=AUC, max_improvement=Margin(absolute=0.025))
    result = only(judged([row(AUC, 0.8, candidate)], limits))
    assert result.outcome is outcome
    if outcome is Outcome.FAILED:
        assert result.message == (
            "roc_auc rose by 0.060 (95 % CI 0.050 to 0.070), more than the 0.025 that is plausible"
        )
    if outcome is Outcome.INCONCLUSIVE:
        assert result.evidence["point_inside_margin"] is True


def test_a_relative_margin_is_in_units_of_the_baseline() -> None:
    limits = regression(RMSE, Margin(relative=0.05))
    good, bad = row(RMSE, 200.0, 205.0, half=4.0), row(RMSE, 200.0, 215.0, half=4.0)
    result = only(judged([good], limits))
    assert (result.outcome, result.limit) == (Outcome.PASSED, 10.0)
    assert result.message == (
        "root_mean_squared_error 200 -> 205 (+5, 95 % CI 1 to 9): not worse by more than 10"
    )
    assert only(judged([bad], limits)).outcome is Outcome.FAILED


def test_of_two_margins_each_is_judged_by_its_own_interval() -> None:
    """A share of an uncertain baseline is itself uncertain; a number beside it is not."""
    fell = row(RMSE, 200.0, 203.0, half=5.0)
    assert fell.interval is not None
    unsure = replace(
        fell, interval=replace(fell.interval, baseline_variance=10_000.0, covariance=0.0)
    )
    alone = Margin(absolute=9.0)
    assert only(judged([unsure], regression(RMSE, alone))).outcome is Outcome.PASSED
    result = only(judged([unsure], regression(RMSE, Margin(absolute=9.0, relative=0.05))))
    assert (result.outcome, result.limit) == (Outcome.INCONCLUSIVE, 10.0)
    assert result.evidence["point_inside_margin"] is True
    broken = row(RMSE, 200.0, 212.0, half=1.5)
    result = only(judged([broken], regression(RMSE, Margin(absolute=30.0, relative=0.05))))
    assert (result.outcome, result.limit) == (Outcome.FAILED, 10.0)


def test_a_point_is_inside_its_margins_when_it_is_inside_both() -> None:
    both = Margin(absolute=9.0, relative=0.05)
    result = only(judged([row(RMSE, 200.0, 209.5, half=20.0)], regression(RMSE, both)))
    assert (result.outcome, result.limit) == (Outcome.INCONCLUSIVE, 9.0)
    assert "point_inside_margin" not in result.evidence


def test_of_two_margins_both_must_hold() -> None:
    both = Margin(absolute=4.0, relative=0.05)
    assert only(judged([row(RMSE, 200.0, 205.0, half=0.5)], regression(RMSE, both))).limit == 4.0
    asked = MetricLimits(metric=RMSE, min_improvement=both)
    assert only(judged([row(RMSE, 200.0, 195.0, half=0.5)], asked)).limit == 10.0
    plausible = MetricLimits(metric=RMSE, max_improvement=both)
    assert only(judged([row(RMSE, 200.0, 195.0, half=0.5)], plausible)).limit == 4.0


@pytest.mark.parametrize(
    ("metric", "baseline"), [(LOSS, 0.0), (LOSS, 1e-7), (RMSE, 0.0), (RMSE, 1e-13)]
)
@pytest.mark.parametrize("decide_by", list(DecideBy))
def test_relative_to_a_baseline_near_zero_nothing_passes(
    metric: Metric, baseline: float, decide_by: DecideBy
) -> None:
    limits = regression(metric, Margin(relative=0.5))
    equal = row(metric, baseline, baseline, half=1e-15)
    result = only(judged([equal], limits, evidence=Evidence(decide_by=decide_by)))
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "a value near zero has no meaning, so set an absolute limit" in result.message
    assert "point_inside_margin" not in result.evidence


def test_an_error_in_a_small_unit_is_not_near_zero() -> None:
    result = only(
        judged([row(RMSE, 1e-8, 1e-8, half=1e-10)], regression(RMSE, Margin(relative=0.5)))
    )
    assert result.outcome is Outcome.PASSED


def test_an_absolute_limit_still_fails_beside_a_relative_one_near_zero() -> None:
    limits = regression(LOSS, Margin(absolute=0.01, relative=0.5))
    assert only(judged([row(LOSS, 0.0, 0.5)], limits)).outcome is Outcome.FAILED
    assert only(judged([row(LOSS, 0.0, 0.0)], limits)).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(("candidate", "outcome"), [(0.80, Outcome.PASSED), (0.78, Outcome.FAILED)])
def test_decided_by_the_point_the_interval_is_shown_and_not_asked(
    candidate: float, outcome: Outcome
) -> None:
    evidence = Evidence(decide_by=DecideBy.POINT)
    wide = row(AUC, 0.8, candidate, half=0.3)
    result = only(judged([wide], regression(), evidence=evidence))
    assert result.outcome is outcome
    assert "95 % CI" in result.message
    bare = row(AUC, 0.8, candidate, standing=Standing.NOT_ESTIMABLE)
    assert only(judged([bare], regression(), evidence=evidence)).outcome is outcome


def test_an_unchanged_model_passes_even_a_margin_of_zero() -> None:
    target, model, _ = binary_case(60, seed=1)
    comparison = compared((target, model, replace(model)), "roc_auc", "log_loss", same_model=True)
    limits = [regression(AUC, Margin(absolute=0.0)), regression(LOSS, Margin(relative=0.0))]
    answer = judge(comparison, limits, None, Evidence())
    assert [result.outcome for result in answer.results] == [Outcome.PASSED, Outcome.PASSED]
    assert "the two models are the same file" in answer.results[0].message


def test_another_model_with_equal_answers_on_few_rows_is_not_shown_to_be_no_worse() -> None:
    """Thirty rows on which two models agree say little of the next thirty."""
    target, model, _ = binary_case(30, seed=1)
    comparison = compared((target, model, replace(model)), "accuracy", "log_loss")
    limits = [regression(METRICS["accuracy"]), regression(LOSS, Margin(relative=0.01))]
    answer = judge(comparison, limits, None, Evidence())
    assert [result.outcome for result in answer.results] == [Outcome.INCONCLUSIVE] * 2
    assert "no interval can be given" in answer.results[1].message


def test_a_row_carries_the_worst_outcome_of_its_rules_and_none_without_a_rule() -> None:
    limits = MetricLimits(metric=AUC, min=0.5, max_regression=ONE_POINT)
    answer = judged([row(AUC, 0.8, 0.8, half=0.1), row(LOSS, 0.3, 0.3)], limits)
    assert [r.outcome for r in answer.comparison.rows] == [Outcome.INCONCLUSIVE, None]


def test_unjudged_rules_all_give_the_reason() -> None:
    limits = [
        MetricLimits(metric=AUC, min=0.5, max=0.9, max_regression=ONE_POINT),
        MetricLimits(metric=LOSS, min_improvement=ONE_POINT, severity=Severity.WARN),
    ]
    slices = SliceLimits(by=(("sex",),), max_regression=ONE_POINT)
    results = unjudged(limits, slices, Outcome.ERRORED, "the candidate could not be loaded")
    assert [(r.id, r.severity) for r in results] == [
        ("metric.roc_auc.min", Severity.FAIL),
        ("metric.roc_auc.max", Severity.FAIL),
        ("metric.roc_auc.max_regression", Severity.FAIL),
        ("metric.log_loss.min_improvement", Severity.WARN),
        ("slice.roc_auc.max_regression", Severity.FAIL),
        ("slice.log_loss.max_regression", Severity.FAIL),
    ]
    assert {(r.outcome, r.message) for r in results} == {
        (Outcome.ERRORED, "the candidate could not be loaded")
    }
    assert len(unjudged(limits, SliceLimits(by=(("sex",),)), Outcome.ERRORED, "no")) == 4


def test_every_rule_answers_exactly_once_on_a_real_comparison() -> None:
    case = binary_case(2000, seed=2)
    comparison = compared(case)
    limits = [
        MetricLimits(
            metric=r.metric,
            min=0.1,
            max=0.99,
            max_regression=Margin(absolute=0.05, relative=0.2),
            min_improvement=ONE_POINT,
            max_improvement=Margin(absolute=0.2),
        )
        for r in comparison.rows
    ]
    answer = judge(comparison, limits, None, Evidence())
    ids = [result.id for result in answer.results]
    assert len(ids) == len(set(ids)) == 5 * len(limits)
    regressions = {
        r.id.split(".")[1]: r.outcome for r in answer.results if r.id.endswith("max_regression")
    }
    assert set(regressions.values()) <= {Outcome.PASSED, Outcome.INCONCLUSIVE}
    for name in ("accuracy", "f1", "roc_auc", "log_loss", "matthews_corrcoef"):
        assert regressions[name] is Outcome.PASSED
    assert all(np.isfinite(r.observed or 0.0) for r in answer.results)


def gap(
    baseline: float | None,
    candidate: float | None,
    half: float = 0.01,
    *,
    sensitive: str = "sex",
    note: str = "",
) -> ComparisonRow:
    """What compares the groups of a column."""
    between = row(ODDS, baseline, candidate, half, note=note)
    own = None if candidate is None else (candidate - 0.02, candidate + 0.03)
    return replace(between, sensitive=sensitive, candidate_interval=own)


def fairness_of(*sensitive: str, max_gap: float | None = None) -> FairnessLimits:
    limits = MetricLimits(metric=ODDS, max=max_gap, max_regression=ONE_POINT)
    return FairnessLimits(sensitive=tuple((name,) for name in sensitive), limits=(limits,))


def judged_fairness(
    limits: FairnessLimits,
    *rows: ComparisonRow,
    task: Task = Task.BINARY,
    no_baseline: tuple[Outcome, str] | None = None,
) -> Judged:
    comparison = replace(comparison_of(*rows), task=task)
    return judge(comparison, [], None, Evidence(), fairness=limits, no_baseline=no_baseline)


def test_a_gap_between_groups_that_grew_fails_under_the_name_of_their_column() -> None:
    answer = judged_fairness(fairness_of("sex"), gap(0.05, 0.12), row(ODDS, 0.1, 0.1))
    assert answer.results == (
        CheckResult(
            id="fairness.equalized_odds_difference.max_regression.sex",
            area=Area.FAIRNESS,
            outcome=Outcome.FAILED,
            message="equalized_odds_difference by 'sex' rose by 0.0700 "
            "(95 % CI 0.0600 to 0.0800), more than the 0.01 allowed",
            sensitive="sex",
            rows=1000,
            observed=0.12 - 0.05,
            limit=0.01,
            evidence={
                **answer.results[0].evidence,
                "candidate_ci_low": 0.12 - 0.02,
                "candidate_ci_high": 0.12 + 0.03,
            },
        ),
    )
    assert [r.outcome for r in answer.comparison.rows] == [Outcome.FAILED, None]


def test_a_limit_on_a_gap_shows_how_uncertain_the_gap_is() -> None:
    answer = judged_fairness(fairness_of("sex", max_gap=0.1), gap(0.12, 0.12, half=0.002))
    name = "equalized_odds_difference by 'sex'"
    change = "0.120 -> 0.120 (+0.000, 95 % CI -0.002 to 0.002): not worse by more than 0.01"
    assert [(r.id, r.outcome, r.message) for r in answer.results] == [
        (
            "fairness.equalized_odds_difference.max.sex",
            Outcome.FAILED,
            f"{name} 0.12 (95 % CI 0.1 to 0.15) is above the 0.1 asked for",
        ),
        (
            "fairness.equalized_odds_difference.max_regression.sex",
            Outcome.PASSED,
            f"{name} {change}",
        ),
    ]


def test_fairness_rules_answer_once_for_every_column() -> None:
    limits = fairness_of("sex", "region", max_gap=0.2)
    answer = judged_fairness(limits, gap(0.1, 0.1), gap(0.1, 0.1, sensitive="region"))
    assert [result.sensitive for result in answer.results] == ["sex", "sex", "region", "region"]
    assert len({result.id for result in answer.results}) == 4


def test_columns_whose_ids_would_be_equal_are_told_apart() -> None:
    limits = fairness_of("Sex", "sex")
    rows = [gap(0.1, 0.1, sensitive=name) for name in ("Sex", "sex")]
    ids = [result.id for result in judged_fairness(limits, *rows).results]
    assert len(set(ids)) == 2
    assert all(one == one.lower() for one in ids)
    never = unjudged([], None, Outcome.ERRORED, "no", fairness=limits)
    assert [result.id for result in never] == ids


@pytest.mark.parametrize(
    ("task", "given"), [(Task.REGRESSION, None), (Task.MULTICLASS, NO_BASELINE)]
)
def test_fairness_of_another_target_is_an_error(
    task: Task, given: tuple[Outcome, str] | None
) -> None:
    answer = judged_fairness(fairness_of("sex", max_gap=0.1), task=task, no_baseline=given)
    assert [result.outcome for result in answer.results] == [Outcome.ERRORED] * 2
    why = f"it needs a target of two classes, and this one is {task}"
    assert {result.message for result in answer.results} == {
        f"equalized_odds_difference by 'sex' was not computed: {why}"
    }


def test_fairness_that_nobody_computed_is_an_error() -> None:
    (result,) = judged_fairness(fairness_of("sex"), gap(0.1, 0.1, sensitive="region")).results
    assert (result.outcome, result.message) == (
        Outcome.ERRORED,
        "equalized_odds_difference by 'sex' was not computed",
    )


def test_a_column_of_one_group_never_passes() -> None:
    why = "only one group has at least 50 rows"
    answer = judged_fairness(fairness_of("sex", max_gap=0.1), gap(None, None, note=why))
    said = "equalized_odds_difference by 'sex' could not be"
    assert [(r.outcome, r.message) for r in answer.results] == [
        (Outcome.NOT_RUN, f"{said} computed: {why}"),
        (Outcome.NOT_RUN, f"{said} compared: {why}"),
    ]


def test_without_a_baseline_a_gap_is_judged_and_its_change_gives_the_reason() -> None:
    alone = replace(gap(None, 0.05), interval=None)
    limits = fairness_of("sex", max_gap=0.1)
    answer = judged_fairness(limits, alone, no_baseline=NO_BASELINE)
    assert [(r.outcome, r.sensitive) for r in answer.results] == [
        (Outcome.PASSED, "sex"),
        (Outcome.NOT_RUN, "sex"),
    ]


def test_unjudged_fairness_rules_all_give_the_reason() -> None:
    limits = fairness_of("sex", "age band", max_gap=0.1)
    results = unjudged([], None, Outcome.ERRORED, "no such file", fairness=limits)
    assert [(r.id, r.area, r.sensitive, r.outcome, r.message) for r in results] == [
        (
            f"fairness.{ODDS.name}.{rule}.{part}",
            Area.FAIRNESS,
            name,
            Outcome.ERRORED,
            "no such file",
        )
        for name, part in (("sex", "sex"), ("age band", "age_band"))
        for rule in ("max", "max_regression")
    ]


def test_real_gaps_of_real_groups_are_judged() -> None:
    """From labels to an answer: one group loses half of what it was given."""
    target, model, _ = binary_case(4000, seed=3)
    assert model.labels is not None
    group = np.arange(4000) % 2
    hurt = Predictions(labels=np.where((group == 0) & (np.arange(4000) % 4 == 0), 0, model.labels))
    limits = FairnessLimits(
        sensitive=(("sex",),),
        limits=tuple(
            MetricLimits(metric=metric, max_regression=Margin(absolute=0.02))
            for metric in FAIRNESS_METRICS.values()
        ),
    )
    rows = PairedRows(
        task=Task.BINARY,
        classes=target.classes,
        truth=target.values,
        candidate=hurt,
        baseline=Predictions(labels=model.labels),
        weight=None,
        dependence=None,
        confidence=0.95,
    )
    (parts,) = sensitive_groups(pd.DataFrame({"sex": group}), limits)
    metrics = [limit.metric for limit in limits.limits]
    found, _ = fairness(rows, parts, "sex", metrics, min_rows=limits.min_rows)
    answer = judged_fairness(limits, *found)
    assert {result.id: result.outcome for result in answer.results} == {
        f"fairness.{name}.max_regression.sex": Outcome.FAILED for name in FAIRNESS_METRICS
    }
