"""What is tolerated, how far and until when; and whether the limits are known at all."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest

from mlci_action.domain.comparison import Comparison
from mlci_action.domain.decision import DeployPolicy, decide
from mlci_action.domain.limits import ChangeRule, Evidence, Margin, MetricLimits, SliceLimits
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Outcome, Severity, Verdict
from mlci_action.domain.policy import PolicyFacts
from mlci_action.domain.results import CheckResult
from mlci_action.domain.slices import Slice
from mlci_action.domain.waivers import Waiver, WaiverState, WaiverUse
from mlci_action.evaluation.rules.judge import Judged, judge
from mlci_action.parts.governing import governed, remarked, waived
from tests.builders import by, check
from tests.unit.evaluation.rules.test_judge import AUC, LOSS, comparison_of, row

TODAY = date(2027, 3, 31)
FALL = "metric.roc_auc.max_regression"
F, W, E, N, I = (  # noqa: E741
    Outcome.FAILED, Outcome.WAIVED, Outcome.ERRORED, Outcome.NOT_RUN, Outcome.INCONCLUSIVE
)  # fmt: skip


def waiver(check_id: str = "data.missing", ceiling: float = 0.1, **more: Any) -> Waiver:  # noqa: ANN401
    fields: dict[str, Any] = {"reason": "few rows", "expires": TODAY, **more}
    return Waiver(check=check_id, ceiling=ceiling, **fields)


def states(*results: CheckResult, waivers: list[Waiver]) -> tuple[list[Outcome], list[WaiverState]]:
    kept, uses = waived(results, waivers, TODAY)
    return [result.outcome for result in kept], [use.state for use in uses]


def judged(limits: list[MetricLimits], *rows: Any, slices: SliceLimits | None = None) -> Judged:  # noqa: ANN401
    return judge(comparison_of(*rows), limits, slices, Evidence())


def test_a_broken_limit_is_waived_with_its_numbers_and_the_reason() -> None:
    (before,) = judged(
        [MetricLimits(metric=AUC, max_regression=Margin(absolute=0.01))], row(AUC, 0.871, 0.85)
    ).results
    tolerated = waiver(FALL, 0.03, issue="https://host/7", author="ada")

    (after,), uses = waived([before], [tolerated], TODAY)

    assert (after.outcome, after.severity) == (Outcome.WAIVED, Severity.FAIL)
    assert (after.observed, after.limit) == (before.observed, before.limit)
    assert after.message == (
        f"{before.message} (waived until 2027-03-31 up to 0.03: few rows; https://host/7)"
    )
    assert after.evidence["waiver"] == {
        "ceiling": 0.03,
        "expires": "2027-03-31",
        "reason": "few rows",
        "issue": "https://host/7",
        "author": "ada",
        "was": "failed",
    }
    (use,) = uses
    assert use.observed == pytest.approx(0.021)
    assert uses == (WaiverUse(waiver=tolerated, state=WaiverState.USED, observed=use.observed),)


def test_what_was_waived_does_not_fail_the_gate_but_holds_nothing_either() -> None:
    broken, held = check("data.missing", F, observed=0.05), check("data.drift")
    kept, _ = waived([broken, held], [waiver()], TODAY)
    assert decide(kept, DeployPolicy()).verdict is Verdict.PASS
    alone, _ = waived([broken], [waiver()], TODAY)
    assert decide(alone, DeployPolicy()).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("metric", "baseline", "candidate", "rule", "ceiling", "covered"),
    [
        ("roc_auc", 0.87, 0.80, "max_regression", 0.08, True),
        ("roc_auc", 0.87, 0.80, "max_regression", 0.06, False),
        ("log_loss", 0.50, 0.60, "max_regression", 0.11, True),
        ("log_loss", 0.50, 0.60, "max_regression", 0.09, False),
        ("roc_auc", 0.80, 0.95, "max_improvement", 0.16, True),
        ("roc_auc", 0.80, 0.95, "max_improvement", 0.14, False),
        ("log_loss", 0.50, 0.20, "max_improvement", 0.31, True),
        ("log_loss", 0.50, 0.20, "max_improvement", 0.29, False),
        ("roc_auc", 0.80, 0.80, "min_improvement", -0.01, True),
        ("roc_auc", 0.80, 0.80, "min_improvement", 0.01, False),
        ("log_loss", 0.50, 0.60, "min_improvement", -0.11, True),
        ("log_loss", 0.50, 0.60, "min_improvement", -0.09, False),
    ],
)
def test_the_ceiling_bounds_quality_whichever_way_the_metric_goes(
    metric: str, baseline: float, candidate: float, rule: str, ceiling: float, *, covered: bool
) -> None:
    limit = Margin(absolute=0.05)
    found = METRICS[metric]
    limits = {
        ChangeRule.MAX_REGRESSION: MetricLimits(metric=found, max_regression=limit),
        ChangeRule.MIN_IMPROVEMENT: MetricLimits(metric=found, min_improvement=limit),
        ChangeRule.MAX_IMPROVEMENT: MetricLimits(metric=found, max_improvement=limit),
    }[ChangeRule(rule)]
    results = judged([limits], row(found, baseline, candidate)).results
    assert results[0].outcome is Outcome.FAILED

    outcomes, used = states(*results, waivers=[waiver(f"metric.{metric}.{rule}", ceiling)])

    assert outcomes == [W if covered else F]
    assert used == [WaiverState.USED if covered else WaiverState.EXCEEDED]


@pytest.mark.parametrize(
    ("check_id", "observed", "limit", "ceiling", "covered"),
    [
        ("metric.roc_auc.min", 0.75, 0.8, 0.7, True),
        ("metric.roc_auc.min", 0.65, 0.8, 0.7, False),
        ("metric.log_loss.max", 0.55, 0.5, 0.6, True),
        ("metric.log_loss.max", 0.65, 0.5, 0.6, False),
        ("metric.flips.max_negative_rate", 0.02, 0.01, 0.02, True),
        ("metric.flips.max_negative_rate", 0.03, 0.01, 0.02, False),
        ("fairness.equalized_odds_ratio.min.sex", 0.7, 0.8, 0.7, True),
        ("fairness.equalized_odds_ratio.min.sex", 0.6, 0.8, 0.7, False),
        ("fairness.equalized_odds_difference.max.min", 0.3, 0.1, 0.2, False),
        ("budget.latency.max_ratio", 1.6, 1.5, 1.7, True),
        ("budget.latency.max_ms", 18.0, 10.0, 17.0, False),
        ("robustness.noise.max_drop.roc_auc", 0.03, 0.02, 0.03, True),
        ("robustness.invariant_to.min", 0.03, 0.0, 0.02, False),
        ("data.labels", 12.0, 20.0, 10.0, True),
        ("data.labels", 3.0, 20.0, 10.0, False),
        ("data.integrity.min", 0.03, 0.0, 0.02, False),
    ],
)
def test_a_limit_is_tolerated_on_its_own_side(
    check_id: str, observed: float, limit: float, ceiling: float, *, covered: bool
) -> None:
    result = check(check_id, F, observed=observed, limit=limit)
    outcomes, _ = states(result, waivers=[waiver(check_id, ceiling)])
    assert outcomes == [W if covered else F]


def test_what_is_not_settled_can_be_waived() -> None:
    (open_one,) = judged(
        [MetricLimits(metric=LOSS, max_regression=Margin(absolute=0.01))],
        row(LOSS, 0.5, 0.505, half=0.02),
    ).results
    assert open_one.outcome is Outcome.INCONCLUSIVE
    outcomes, _ = states(open_one, waivers=[waiver("metric.log_loss.max_regression", 0.006)])
    assert outcomes == [W]


@pytest.mark.parametrize("outcome", [E, N])
@pytest.mark.parametrize("observed", [None, 0.01])
def test_what_did_not_run_is_never_waived(outcome: Outcome, observed: float | None) -> None:
    result = check("data.missing", outcome, observed=observed)
    assert states(result, waivers=[waiver()]) == ([outcome], [WaiverState.EXCEEDED])


@pytest.mark.parametrize("observed", [None, math.nan, math.inf, -math.inf, 0.11])
def test_a_value_beyond_the_ceiling_or_none_is_not_covered(observed: float | None) -> None:
    result = check("data.missing", F, observed=observed)
    assert states(result, waivers=[waiver()]) == ([F], [WaiverState.EXCEEDED])


def test_a_difference_of_unknown_direction_is_not_covered() -> None:
    result = check(FALL, F, observed=-0.5)
    assert states(result, waivers=[waiver(FALL, 1.0)]) == ([F], [WaiverState.EXCEEDED])


def test_a_waiver_counts_on_its_last_day_and_never_after_it() -> None:
    result = check("data.missing", F, observed=0.05)
    assert states(result, waivers=[waiver(expires=TODAY)])[0] == [W]
    (kept,), (use,) = waived([result], [waiver(expires=date(2027, 3, 30))], TODAY)
    assert kept == result
    assert (use.state, use.observed) == (WaiverState.EXPIRED, 0.05)
    assert waived([], [waiver(expires=date(2027, 3, 30))], TODAY)[1][0].state is WaiverState.EXPIRED


def test_a_waiver_that_nothing_needs_is_unused() -> None:
    held = check("data.missing", Outcome.PASSED, observed=0.0)
    warned = check("data.missing", Outcome.WARNED, observed=0.05)
    for others in ([held], [warned], [check("data.drift", F, observed=0.01)], []):
        outcomes, used = states(*others, waivers=[waiver()])
        assert outcomes == [result.outcome for result in others]
        assert used == [WaiverState.UNUSED]


def test_of_two_waivers_the_first_that_covers_counts() -> None:
    result = check("data.missing", F, observed=0.05)
    first, second, third = waiver(ceiling=0.01), waiver(ceiling=0.1), waiver(ceiling=0.2)
    (kept,), uses = waived([result], [first, second, third], TODAY)
    assert kept.evidence["waiver"]["ceiling"] == 0.1
    assert [use.state for use in uses] == [
        WaiverState.EXCEEDED,
        WaiverState.USED,
        WaiverState.UNUSED,
    ]


def test_a_waiver_for_a_column_is_for_no_other() -> None:
    age, income = (check("data.missing", F, observed=0.05, column=c) for c in ("age", "income"))
    assert states(age, income, waivers=[waiver(column="age")]) == ([W, F], [WaiverState.USED])
    outcomes, used = states(
        age, check("data.missing", F, observed=0.5, column="income"), waivers=[waiver()]
    )
    assert (outcomes, used) == ([W, F], [WaiverState.EXCEEDED])


@pytest.mark.parametrize(
    ("check_id", "label", "covered"),
    [
        ("slice.roc_auc.max_regression", "sex=female", True),
        ("slice.roc_auc.max_regression", "sex = female", True),
        ("slice.roc_auc.max_regression.sex=female", "sex=female", True),
        ("slice.roc_auc.max_regression.sex=female", None, True),
        ("slice.roc_auc.max_regression", "sex=male", False),
        ("slice.roc_auc.max_regression", None, False),
        ("slice.roc_auc", "sex = female", True),
        ("slice.log_loss.max_regression", "sex = female", False),
    ],
)
def test_a_slice_is_named_by_its_label_or_by_the_whole_id(
    check_id: str, label: str | None, *, covered: bool
) -> None:
    rules = SliceLimits(by=(("sex",),), max_regression=Margin(absolute=0.03))
    results = judged(
        [MetricLimits(metric=AUC)],
        row(AUC, 0.85, 0.75, half=0.02, part=by(sex="female"), n=400),
        slices=rules,
    ).results
    assert states(*results, waivers=[waiver(check_id, 0.2, slice=label)])[0] == [
        W if covered else F
    ]


def test_a_condition_may_be_set_with_other_spaces() -> None:
    result = check(
        "slice.roc_auc.max_regression.age_>=_60", F, observed=-0.05, slice=Slice(where="age >= 60"),
        evidence={"direction": "higher_is_better"},
    )  # fmt: skip
    tolerated = waiver("slice.roc_auc.max_regression", slice="age>=60")
    assert states(result, waivers=[tolerated])[0] == [W]


def test_long_reasons_are_cut_to_one_line() -> None:
    result = check("data.missing", F, observed=0.05)
    (kept,), _ = waived([result], [waiver(reason="a\nb " + "c" * 4_000)], TODAY)
    assert len(kept.message) < 500
    assert "\n" not in kept.message


def test_a_row_of_the_comparison_agrees_with_its_checks() -> None:
    limits = [
        MetricLimits(metric=AUC, min=0.8, max_regression=Margin(absolute=0.01)),
        MetricLimits(metric=LOSS, max=0.1),
    ]
    found = judged(limits, row(AUC, 0.871, 0.85), row(LOSS, 0.5, 0.5))
    assert [r.outcome for r in found.comparison.rows] == [F, F]

    results, _ = waived(found.results, [waiver(FALL, 0.03)], TODAY)
    after = remarked(found.comparison, results)

    assert isinstance(after, Comparison)
    assert [r.outcome for r in after.rows] == [W, F]
    both_broken = judged([MetricLimits(metric=AUC, min=0.9, max=0.1)], row(AUC, 0.8, 0.8))
    results, _ = waived(both_broken.results, [waiver("metric.roc_auc.min", 0.5)], TODAY)
    again = remarked(both_broken.comparison, results)
    assert again is not None
    assert [r.outcome for r in again.rows] == [F]


def test_without_waivers_nothing_is_touched() -> None:
    found = judged([MetricLimits(metric=AUC, min=0.9)], row(AUC, 0.8, 0.8))
    assert waived(found.results, (), TODAY) == (found.results, ())
    assert remarked(found.comparison, found.results) == found.comparison
    assert remarked(None, found.results) is None


def test_limits_that_are_not_known_let_nothing_through() -> None:
    assert governed(PolicyFacts(origin="this push")) == ()
    (answer,) = governed(PolicyFacts(origin="o", problem="the base branch's are not known"))
    assert (answer.id, answer.outcome, answer.required) == ("provenance.policy", E, True)
    decision = decide([answer, check("data.drift")], DeployPolicy())
    assert (decision.verdict, decision.deploy) == (Verdict.ERROR, False)
