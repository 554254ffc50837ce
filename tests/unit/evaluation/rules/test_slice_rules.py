"""Slices are one family that can fail a candidate and is never required to pass."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from scipy.stats import norm

from mlci_action.domain.comparison import ComparisonRow, Standing
from mlci_action.domain.limits import Evidence, Margin, MetricLimits, SliceLimits
from mlci_action.domain.metric import Direction, Needs
from mlci_action.domain.metrics import METRICS, custom_metric
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.domain.slices import Slice
from mlci_action.evaluation.rules.judge import Judged, judge, unjudged
from mlci_action.evaluation.rules.slice_rules import holm
from tests.unit.evaluation.rules.test_judge import AUC, LOSS, comparison_of, row

FEMALE, MALE = Slice(by=(("sex", "female"),)), Slice(by=(("sex", "male"),))
OLD = Slice(where="age >= 60")
RULES = SliceLimits(by=(("sex",),), max_regression=Margin(absolute=0.03))
ID = "slice.roc_auc.max_regression"


def judged(
    *rows: ComparisonRow,
    rules: SliceLimits = RULES,
    no_baseline: tuple[Outcome, str] | None = None,
) -> Judged:
    limits = [MetricLimits(metric=AUC)]
    return judge(comparison_of(*rows), limits, rules, Evidence(), no_baseline=no_baseline)


def test_a_slice_that_fell_beyond_doubt_fails() -> None:
    fallen = row(AUC, 0.85, 0.75, half=0.02, part=FEMALE, n=400)
    answer = judged(fallen, row(AUC, 0.85, 0.85, part=MALE))
    failed, passed = answer.results
    p_value = float(norm.cdf((0.75 - 0.85 + 0.03) / 0.01))
    assert failed == CheckResult(
        id=f"{ID}.sex=female",
        area=Area.SLICE,
        outcome=Outcome.FAILED,
        message="slice 'sex=female': roc_auc fell by 0.100 (95 % CI -0.120 to -0.080), "
        "more than the 0.03 allowed",
        slice=FEMALE,
        rows=400,
        observed=0.75 - 0.85,
        limit=0.03,
        evidence={
            **failed.evidence,
            "method": "delong",
            "p_value": pytest.approx(p_value, rel=1e-3),
            "tests_in_family": 2,
        },
    )
    assert (passed.id, passed.outcome) == (f"{ID}.sex=male", Outcome.PASSED)
    assert passed.message == (
        "slice 'sex=male': roc_auc 0.850 -> 0.850 (+0.000, 95 % CI -0.010 to 0.010): "
        "no regression of more than 0.03 shown"
    )
    assert [r.outcome for r in answer.comparison.rows] == [Outcome.FAILED, Outcome.PASSED]


def test_a_wide_interval_is_no_regression_shown_and_never_inconclusive() -> None:
    (result,) = judged(row(AUC, 0.85, 0.80, half=0.2, part=FEMALE)).results
    assert (result.outcome, result.severity) == (Outcome.PASSED, Severity.FAIL)


def test_one_slice_among_many_needs_more_evidence_than_alone() -> None:
    """A p-value of 0.02 is below 0.025; among five tests the first step asks for 0.005."""
    shift = -0.03 + float(norm.ppf(0.02)) * 0.005
    fallen = row(AUC, 0.85, 0.85 + shift, part=FEMALE)
    assert judged(fallen).results[0].outcome is Outcome.FAILED
    others = [row(AUC, 0.85, 0.85, part=Slice(by=(("sex", str(i)),))) for i in range(4)]
    among = judged(fallen, *others)
    assert {result.outcome for result in among.results} == {Outcome.PASSED}
    # Its interval alone would make the reader wonder.
    told = "no regression of more than 0.03 shown"
    assert among.results[0].message.endswith(
        f"{told} in 5 tests together, only in this one by itself"
    )
    assert among.results[1].message.endswith(told)


def test_all_metrics_of_all_slices_are_one_family() -> None:
    rows = [row(m, 0.5, 0.5, part=part) for part in (FEMALE, MALE) for m in (AUC, LOSS)]
    limits = [MetricLimits(metric=AUC), MetricLimits(metric=LOSS)]
    answer = judge(comparison_of(*rows), limits, RULES, Evidence())
    assert {result.evidence["tests_in_family"] for result in answer.results} == {4}
    assert len(answer.results) == 4


def test_a_metric_that_is_not_judged_in_slices_does_not_enter_the_family() -> None:
    rows = [row(m, 0.5, 0.5, part=FEMALE) for m in (AUC, LOSS)]
    limits = [MetricLimits(metric=AUC), MetricLimits(metric=LOSS)]
    rules = replace(RULES, by=(("sex",), ("age",)), metrics=("roc_auc",))
    answer = judge(comparison_of(*rows), limits, rules, Evidence())
    assert [result.id for result in answer.results] == [f"{ID}.age", f"{ID}.sex=female"]
    assert answer.results[1].evidence["tests_in_family"] == 1
    assert [found.outcome for found in answer.comparison.rows] == [Outcome.PASSED, None]
    assert [each.id for each in unjudged(limits, rules, Outcome.ERRORED, "why")] == [ID]


@pytest.mark.parametrize(
    ("p_values", "rejected"),
    [
        ([], []),
        ([0.03], [False]),
        ([0.025], [True]),
        ([0.012, 0.0126], [True, True]),
        ([0.013, 0.02], [False, False]),
        ([0.5, 0.001, 0.012], [False, True, True]),
        ([0.2, 0.008, 0.02], [False, True, False]),
        ([math.nan, 0.001], [False, True]),
    ],
)
def test_holm_steps_down_from_the_smallest(p_values: list[float], rejected: list[bool]) -> None:
    assert holm(p_values, 0.025) == rejected


def test_a_slice_under_the_smallest_size_is_shown_not_judged() -> None:
    (result,) = judged(row(AUC, 0.9, 0.1, part=FEMALE, n=49)).results
    assert (result.outcome, result.severity) == (Outcome.NOT_RUN, Severity.WARN)
    assert result.message == "slice 'sex=female': roc_auc, 49 rows: shown, not judged"
    (result,) = judged(row(AUC, 0.9, 0.1, part=FEMALE, n=50)).results
    assert result.outcome is Outcome.FAILED


def test_a_slice_that_was_found_is_shown_not_judged() -> None:
    found = row(AUC, 0.9, 0.1, part=Slice(by=(("sex", "f"), ("region", "n"))))
    answer = judged(found, row(AUC, 0.9, 0.9, part=MALE))
    assert [r.outcome for r in answer.results] == [Outcome.NOT_RUN, Outcome.PASSED]
    assert answer.results[0].severity is Severity.WARN


@pytest.mark.parametrize(
    ("unknown", "why"),
    [
        (
            row(AUC, None, None, part=FEMALE, note="one class", standing=Standing.NOT_ESTIMABLE),
            "one class",
        ),
        (
            row(AUC, 0.8, 0.79, part=FEMALE, note="only 4 rows", standing=Standing.NOT_ESTIMABLE),
            "only 4 rows",
        ),
        (
            ComparisonRow(metric=AUC, slice=FEMALE, n=100, candidate=0.9),
            "there is nothing to compare with",
        ),
    ],
)
def test_a_slice_without_an_interval_never_passes(unknown: ComparisonRow, why: str) -> None:
    (result,) = judged(unknown).results
    assert (result.outcome, result.severity) == (Outcome.NOT_RUN, Severity.WARN)
    assert result.message == f"slice 'sex=female': roc_auc, shown, not judged: {why}"


def test_a_slice_relative_to_a_baseline_near_zero_never_passes() -> None:
    rules = SliceLimits(by=(("sex",),), max_regression=Margin(absolute=0.5, relative=0.1))
    limits = [MetricLimits(metric=METRICS["log_loss"])]
    answer = judge(comparison_of(row(LOSS, 0.0, 0.0, part=FEMALE)), limits, rules, Evidence())
    (result,) = answer.results
    assert result.outcome is Outcome.NOT_RUN
    assert "the baseline is near zero" in result.message


def test_a_condition_that_no_row_meets_blocks() -> None:
    rules = SliceLimits(where=("age >= 60",), max_regression=Margin(absolute=0.03))
    empty = ComparisonRow(metric=AUC, slice=OLD, n=0, candidate=None)
    answer = judged(empty, rules=rules)
    assert answer.results == (
        CheckResult(
            id=f"{ID}.age_>=_60",
            area=Area.SLICE,
            outcome=Outcome.NOT_RUN,
            message="no row matches 'age >= 60'",
            slice=OLD,
            rows=0,
            evidence={"n": 0, "baseline": None, "candidate": None, "direction": "higher_is_better"},
        ),
    )


def test_slices_that_are_missing_altogether_block() -> None:
    rules = SliceLimits(
        by=(("sex", "region"),), where=("age >= 60",), max_regression=Margin(absolute=0.03)
    )
    answer = judged(rules=rules)
    assert [(r.id, r.outcome, r.severity, r.message) for r in answer.results[:1]] == [
        (
            f"{ID}.sex&region",
            Outcome.NOT_RUN,
            Severity.FAIL,
            "no row makes a slice of 'sex' and 'region'",
        )
    ]
    assert answer.results[1].message == "no row makes a slice of 'age >= 60'"
    assert len(answer.results) == 2


def test_a_metric_that_no_setting_names_is_not_judged() -> None:
    answer = judged(row(AUC, 0.9, 0.9, part=FEMALE), row(LOSS, 0.3, 0.9, part=FEMALE))
    assert [result.id for result in answer.results] == [f"{ID}.sex=female"]
    assert answer.comparison.rows[1].outcome is None


def test_a_condition_that_rows_meet_is_judged() -> None:
    rules = SliceLimits(where=("age >= 60",), max_regression=Margin(absolute=0.03))
    (result,) = judged(row(AUC, 0.9, 0.5, part=OLD), rules=rules).results
    assert (result.id, result.outcome) == (f"{ID}.age_>=_60", Outcome.FAILED)


def test_slices_without_a_limit_are_only_shown() -> None:
    answer = judged(row(AUC, 0.9, 0.1, part=FEMALE), rules=SliceLimits(by=(("sex",),)))
    assert answer.results == ()
    assert answer.comparison.rows[0].outcome is None


def test_a_slice_that_only_warns_warns() -> None:
    rules = SliceLimits(
        by=(("sex",),), max_regression=Margin(absolute=0.03), severity=Severity.WARN
    )
    (result,) = judged(row(AUC, 0.9, 0.5, part=FEMALE), rules=rules).results
    assert (result.outcome, result.severity) == (Outcome.WARNED, Severity.WARN)


def test_without_a_baseline_judged_slices_give_the_reason() -> None:
    alone = ComparisonRow(metric=AUC, slice=FEMALE, n=100, candidate=0.9)
    small = ComparisonRow(metric=AUC, slice=MALE, n=10, candidate=0.9)
    given = (Outcome.WAIVED, "first model")
    answer = judged(alone, small, no_baseline=given)
    assert [(r.outcome, r.severity) for r in answer.results] == [
        (Outcome.WAIVED, Severity.FAIL),
        (Outcome.NOT_RUN, Severity.WARN),
    ]
    assert answer.results[0].message == "first model"


def test_results_come_in_the_order_of_the_comparison() -> None:
    rows = [
        row(AUC, 0.9, 0.9, part=FEMALE),
        row(AUC, 0.9, 0.9, part=Slice(by=(("sex", "x"),)), n=3),
        row(AUC, 0.9, 0.9, part=MALE),
    ]
    assert [result.slice for result in judged(*rows).results] == [r.slice for r in rows]


def test_slices_whose_ids_would_be_equal_are_told_apart() -> None:
    """Ids are lower case and plain, names of categories are not: two answers, two ids."""
    names = ("Female", "female", "\N{CJK UNIFIED IDEOGRAPH-7537}", "\N{CJK UNIFIED IDEOGRAPH-5973}")
    parts = [Slice(by=(("sex", name),)) for name in names]
    results = judged(*(row(AUC, 0.85, 0.85, part=part) for part in parts)).results
    ids = [result.id for result in results]
    assert len(set(ids)) == len(names)
    assert all(one.isascii() and one == one.lower() for one in ids)
    again = judged(*(row(AUC, 0.85, 0.85, part=part) for part in reversed(parts))).results
    assert {result.id: result.slice for result in again} == {r.id: r.slice for r in results}


@pytest.mark.parametrize(
    ("candidate", "outcome"), [(None, Outcome.NOT_RUN), (0.1, Outcome.INCONCLUSIVE)]
)
def test_a_candidate_cannot_take_a_slice_out_of_the_judgement(
    candidate: float | None, outcome: Outcome
) -> None:
    """One that never says yes to women has no precision there: that is no way to pass."""
    fallen = row(AUC, 0.8, candidate, part=FEMALE, note="why", standing=Standing.NOT_ESTIMABLE)
    (result,) = judged(fallen).results
    assert (result.outcome, result.required) == (outcome, True)
    assert result.message == "slice 'sex=female': roc_auc, not settled: why"


def test_a_loss_in_a_slice_beside_a_baseline_of_zero_is_left_open() -> None:
    """A relative limit says nothing there, and a candidate that got worse must not pass by it."""
    rules = SliceLimits(by=(("sex",),), max_regression=Margin(relative=0.1))
    limits = [MetricLimits(metric=LOSS)]
    fallen = comparison_of(row(LOSS, 0.0, 3.0, part=FEMALE))
    (result,) = judge(fallen, limits, rules, Evidence()).results
    assert (result.outcome, result.required) == (Outcome.INCONCLUSIVE, True)


def test_a_metric_that_never_has_an_interval_is_shown_in_slices_and_never_judged() -> None:
    """The margin is every metric's; that of this one nobody could settle, however many the rows."""
    worst = METRICS["max_error"]
    fallen = row(worst, 1.0, 9.0, part=FEMALE, standing=Standing.NOT_ESTIMABLE)
    answer = judge(comparison_of(fallen), [MetricLimits(metric=worst)], RULES, Evidence())
    (result,) = answer.results
    assert (result.outcome, result.severity) == (Outcome.NOT_RUN, Severity.WARN)
    assert result.message == (
        "slice 'sex=female': max_error, shown, not judged: it has no interval"
    )


COST = custom_metric(
    "costs.py:cost", direction=Direction.LOWER_IS_BETTER, needs=Needs.LABELS, name="Cost"
)


@pytest.mark.parametrize("candidate", [9.0, None])
def test_a_custom_metric_is_shown_in_slices_and_never_judged(candidate: float | None) -> None:
    """It has no p-value that a family of tests could be corrected by."""
    fallen = row(COST, 1.0, candidate, part=FEMALE)
    answer = judge(comparison_of(fallen), [MetricLimits(metric=COST)], RULES, Evidence())
    (result,) = answer.results
    assert (result.id, result.outcome, result.severity) == (
        "slice.cost.max_regression.sex=female",
        Outcome.NOT_RUN,
        Severity.WARN,
    )
    assert result.message == (
        "slice 'sex=female': Cost, shown, not judged: it is judged over all rows alone"
    )


def test_an_interval_by_resampling_judges_no_slice() -> None:
    fallen = row(AUC, 0.9, 0.1, part=FEMALE)
    assert fallen.interval is not None
    resampled = replace(fallen, interval=replace(fallen.interval, method="bootstrap"))
    (result,) = judged(resampled).results
    assert (result.outcome, result.severity) == (Outcome.NOT_RUN, Severity.WARN)
