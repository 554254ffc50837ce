"""Each limit of each budget is answered once."""

from __future__ import annotations

from typing import Any

import pytest

from mlci_action.domain.costs import Budget, Budgets, Costs, Measure, ModelCosts
from mlci_action.domain.limits import DecideBy, Evidence
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.evaluation.costs import cost_rows
from mlci_action.evaluation.rules.budget_rules import judge_budgets, unanswered

NO_BASELINE = (Outcome.NOT_RUN, "there is no baseline")
EVERY_LIMIT = Budgets(
    budgets=tuple(Budget(measure=measure, max=5.0, max_ratio=1.5) for measure in Measure)
)
BASELINE = ModelCosts(
    n_bytes=1_000_000,
    load_seconds=(1.0, 1.0, 1.0),
    peak_bytes=1_000_000,
    single=(0.001,) * 40,
    batch=(0.001,) * 40,
)


def model(times: float = 1.0, rounds: int = 40, **more: Any) -> ModelCosts:  # noqa: ANN401
    """A model that costs so many times what the baseline does."""
    values: dict[str, Any] = {
        "n_bytes": round(1_000_000 * times),
        "load_seconds": (1.0 * times,) * 3,
        "peak_bytes": round(1_000_000 * times),
        "single": (0.001 * times,) * rounds,
        "batch": (0.001 * times,) * rounds,
    }
    return ModelCosts(**(values | more))


def answers(
    candidate: ModelCosts,
    budgets: Budgets = EVERY_LIMIT,
    baseline: ModelCosts | None = BASELINE,
    no_baseline: tuple[Outcome, str] | None = None,
    decide_by: DecideBy = DecideBy.INTERVAL,
    **notes: str,
) -> dict[str, CheckResult]:
    costs = Costs(candidate=candidate, baseline=baseline, batch_rows=1000, **notes)
    found = judge_budgets(
        cost_rows(costs, confidence=0.95),
        costs,
        budgets,
        Evidence(decide_by=decide_by),
        no_baseline=no_baseline,
    )
    by_id = {result.id: result for result in found}
    assert len(by_id) == len(found)
    return by_id


def only(measure: Measure, **limits: Any) -> Budgets:  # noqa: ANN401
    return Budgets(budgets=(Budget(measure=measure, **limits),))


ALL_IDS = {
    "budget.latency.max_ms",
    "budget.latency.max_ratio",
    "budget.batch_latency.max_ms",
    "budget.batch_latency.max_ratio",
    "budget.model_size.max_mb",
    "budget.model_size.max_ratio",
    "budget.memory.max_mb",
    "budget.memory.max_ratio",
    "budget.load_time.max_seconds",
    "budget.load_time.max_ratio",
}


@pytest.mark.parametrize(
    ("times", "outcome"), [(1.0, Outcome.PASSED), (9.0, Outcome.FAILED)], ids=["cheap", "dear"]
)
def test_every_limit_has_one_answer(times: float, outcome: Outcome) -> None:
    found = answers(model(times))
    assert {name: result.outcome for name, result in found.items()} == dict.fromkeys(
        ALL_IDS, outcome
    )
    assert {result.area for result in found.values()} == {Area.BUDGET}


def test_a_limit_that_only_warns_does_not_fail() -> None:
    budgets = only(Measure.LATENCY, max=5.0, max_ratio=1.5, severity=Severity.WARN)
    found = answers(model(9.0), budgets)
    assert {result.outcome for result in found.values()} == {Outcome.WARNED}


def test_milliseconds_are_judged_at_the_95th_percentile() -> None:
    slow_tail = model(single=(0.001,) * 37 + (0.008,) * 3)
    found = answers(slow_tail, only(Measure.LATENCY, max=5.0))["budget.latency.max_ms"]
    assert (found.outcome, found.observed, found.limit) == (Outcome.FAILED, 8.0, 5.0)
    assert found.message == (
        "latency 8 ms at the 95th percentile (n = 40): more than the 5 ms allowed"
    )


def test_a_value_at_the_limit_holds() -> None:
    found = answers(model(n_bytes=5_000_000), only(Measure.MODEL_SIZE, max=5.0))
    assert found["budget.model_size.max_mb"].message == "model_size 5 MB: not more than 5 MB"


def test_a_value_just_above_the_limit_does_not_look_like_it() -> None:
    found = answers(model(n_bytes=5_000_001), only(Measure.MODEL_SIZE, max=5.0))
    assert found["budget.model_size.max_mb"].message == (
        "model_size 5.000001 MB: more than the 5 MB allowed"
    )


def test_a_ratio_is_settled_by_its_interval() -> None:
    found = answers(model(1.48), only(Measure.LATENCY, max_ratio=1.5))["budget.latency.max_ratio"]
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.evidence["point_inside_margin"] is True
    assert found.message == (
        "latency 1.48 times the baseline's (95 % CI 1.41 to 1.56, n = 40): not settled; these 40"
        " rounds settle a limit outside 1.41 to 1.56, and a quieter machine one nearer to the truth"
    )
    beyond = answers(model(1.52), only(Measure.LATENCY, max_ratio=1.5))
    assert "point_inside_margin" not in beyond["budget.latency.max_ratio"].evidence


@pytest.mark.parametrize(("times", "outcome"), [(1.48, "passed"), (1.52, "failed")])
def test_by_point_the_bare_ratio_decides(times: float, outcome: str) -> None:
    budgets = only(Measure.BATCH_LATENCY, max_ratio=1.5)
    found = answers(model(times), budgets, decide_by=DecideBy.POINT)
    assert found["budget.batch_latency.max_ratio"].outcome == outcome


def test_too_few_rounds_settle_nothing() -> None:
    few = ModelCosts(n_bytes=1, single=(0.001,) * 6)
    found = answers(few, only(Measure.LATENCY, max_ratio=1.5), baseline=few)
    result = found["budget.latency.max_ratio"]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.message == (
        "latency 1 times the baseline's (no interval, n = 6): not settled;"
        " 6 rounds are too few for an interval; 12 do"
    )


def test_what_has_no_rounds_is_judged_as_it_is_and_says_so() -> None:
    found = answers(model(1.4))
    assert found["budget.memory.max_ratio"].message == (
        "memory 1.4 times the baseline's (one value each, no interval): not more than 1.5"
    )
    assert found["budget.load_time.max_ratio"].message == (
        "load_time 1.4 times the baseline's (no interval, n = 3): not more than 1.5"
    )
    assert found["budget.load_time.max_seconds"].message == (
        "load_time 1.4 s (median of 3): not more than 5 s"
    )


def test_without_a_baseline_only_ratios_are_not_run() -> None:
    found = answers(model(), baseline=None, no_baseline=NO_BASELINE)
    for name, result in found.items():
        ratio = name.endswith("max_ratio")
        assert result.outcome is (Outcome.NOT_RUN if ratio else Outcome.PASSED)
    assert found["budget.memory.max_ratio"].message == "there is no baseline"


def test_a_baseline_that_could_not_be_measured_is_an_error_but_its_size_counts() -> None:
    found = answers(
        model(), baseline=ModelCosts(n_bytes=1_000_000), baseline_note="the baseline died"
    )
    lost = {name for name, result in found.items() if result.outcome is Outcome.ERRORED}
    assert lost == {name for name in ALL_IDS if name.endswith("max_ratio") and "size" not in name}
    assert found["budget.latency.max_ratio"].message == "the baseline died"


def test_a_baseline_that_says_nothing_of_the_rows_still_has_a_size() -> None:
    found = answers(
        model(),
        baseline=ModelCosts(n_bytes=1_000_000),
        baseline_note="the baseline died",
        no_baseline=(Outcome.ERRORED, "the baseline does not predict"),
    )
    assert found["budget.model_size.max_ratio"].outcome is Outcome.PASSED
    assert found["budget.latency.max_ratio"].message == "the baseline died"


def test_what_cannot_be_measured_is_an_error_but_its_size_counts() -> None:
    why = "predictions have no latency"
    found = answers(ModelCosts(n_bytes=1_000_000), candidate_note=why)
    passed = {name for name, result in found.items() if result.outcome is Outcome.PASSED}
    assert passed == {"budget.model_size.max_mb", "budget.model_size.max_ratio"}
    others = [result for name, result in found.items() if name not in passed]
    assert {(result.outcome, result.message) for result in others} == {(Outcome.ERRORED, why)}


def test_memory_that_the_system_does_not_tell_is_an_error() -> None:
    found = answers(model(peak_bytes=None), only(Measure.MEMORY, max=5.0))["budget.memory.max_mb"]
    assert (found.outcome, found.message) == (
        Outcome.ERRORED,
        "memory: could not be measured for the candidate on this system",
    )


def test_when_nothing_was_measured_every_limit_says_why() -> None:
    found = unanswered(EVERY_LIMIT, Outcome.ERRORED, "it died")
    assert {result.id for result in found} == ALL_IDS
    assert {(result.outcome, result.message) for result in found} == {(Outcome.ERRORED, "it died")}


def test_the_evidence_says_what_an_answer_rests_on() -> None:
    result = answers(model(), only(Measure.LATENCY, max_ratio=2.0))["budget.latency.max_ratio"]
    assert dict(result.evidence) == {
        "n": 40,
        "unit": "ms",
        "candidate": 1.0,
        "baseline": 1.0,
        "candidate_p95": 1.0,
        "baseline_p95": 1.0,
        "method": "sign",
        "ci_low": pytest.approx(0.951, abs=1e-3),
        "ci_high": pytest.approx(1.051, abs=1e-3),
    }
