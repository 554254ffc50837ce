"""The one place that decides, against an independent statement of the rule, exhaustively."""

from __future__ import annotations

import itertools

import pytest

from mlci_action.domain.decision import NO_NEW_MODEL, Decision, DeployPolicy, Policy, decide
from mlci_action.domain.outcomes import Area, Outcome, Severity, Verdict
from mlci_action.domain.results import CheckResult


def result(
    outcome: Outcome, severity: Severity = Severity.FAIL, *, inside: bool | None = None
) -> CheckResult:
    return CheckResult(
        id="metric.accuracy.max_regression",
        area=Area.METRIC,
        outcome=outcome,
        severity=severity,
        message=f"it {outcome}",
        evidence={} if inside is None else {"point_inside_margin": inside},
    )


# Every kind of answer that a check can give; FAILED with WARN cannot be made (see test_results).
KINDS: tuple[tuple[Outcome, Severity, bool | None], ...] = (
    *((o, Severity.FAIL, None) for o in Outcome if o is not Outcome.INCONCLUSIVE),
    (Outcome.INCONCLUSIVE, Severity.FAIL, None),
    (Outcome.INCONCLUSIVE, Severity.FAIL, False),
    (Outcome.INCONCLUSIVE, Severity.FAIL, True),
    *((o, Severity.WARN, None) for o in Outcome if o is not Outcome.FAILED),
)
POLICIES = tuple(
    DeployPolicy(first_model=first, when_unchanged=unchanged, when_inconclusive=inconclusive)
    for first in Policy
    for unchanged in Policy
    for inconclusive in Policy
)


def expected(
    kinds: tuple[tuple[Outcome, Severity, bool | None], ...],
    policy: DeployPolicy,
    *,
    same_model: bool,
) -> tuple[str, bool]:
    """The contract, said without the code: the table of verdicts and who may open the gate."""
    counting = [
        (outcome.value, inside) for outcome, severity, inside in kinds if severity == "fail"
    ]
    names = {name for name, _ in counting}
    if "errored" in names or not counting:
        verdict = "error"
    elif "failed" in names:
        verdict = "fail"
    elif "inconclusive" in names or "not_run" in names or "passed" not in names:
        verdict = "inconclusive"
    else:
        verdict = "pass"
    opens = verdict == "pass"
    if verdict == "inconclusive" and policy.when_inconclusive == "deploy":
        unsettled = [pair for pair in counting if pair[0] in ("inconclusive", "not_run")]
        opens = bool(unsettled) and all(pair == ("inconclusive", True) for pair in unsettled)
    if same_model and policy.when_unchanged == "hold":
        opens = False
    return verdict, opens


@pytest.mark.parametrize("policy", POLICIES, ids=str)
@pytest.mark.parametrize("same_model", [False, True])
def test_decide_agrees_with_the_contract_over_all_combinations(
    policy: DeployPolicy, *, same_model: bool
) -> None:
    """Up to three answers of every kind, in every order: the table's verdict and flag."""
    seen = set()
    for size in range(4):
        for kinds in itertools.product(KINDS, repeat=size):
            decision = decide(
                [result(outcome, severity, inside=inside) for outcome, severity, inside in kinds],
                policy,
                same_model=same_model,
            )
            assert (decision.verdict.value, decision.deploy) == expected(
                kinds, policy, same_model=same_model
            )
            assert decision.reasons
            seen.add((decision.verdict, decision.deploy))
    # The comparison above is only worth something when every verdict occurs.
    assert {verdict for verdict, _ in seen} == set(Verdict)
    assert (Verdict.FAIL, True) not in seen
    assert (Verdict.ERROR, True) not in seen


def test_an_empty_gate_never_opens() -> None:
    """Without one required check the verdict is an error, and the reason says so."""
    assert decide([], DeployPolicy()) == Decision(
        verdict=Verdict.ERROR,
        deploy=False,
        reasons=("no check is required, and an empty gate never opens",),
    )


def test_a_gate_whose_checks_were_all_waived_does_not_open() -> None:
    """Nothing held, so nothing is deployed."""
    decision = decide([result(Outcome.WAIVED)], DeployPolicy(first_model=Policy.DEPLOY))
    assert (decision.verdict, decision.deploy) == (Verdict.INCONCLUSIVE, False)


def test_the_same_bytes_are_not_deployed_again_and_the_reason_says_why() -> None:
    """The verdict stays with the checks."""
    decision = decide([result(Outcome.PASSED)], DeployPolicy(), same_model=True)
    assert decision.verdict is Verdict.PASS
    assert not decision.deploy
    assert decision.reasons[0] == NO_NEW_MODEL


def test_the_reasons_are_those_of_the_verdict_and_each_is_said_once() -> None:
    """A failure is not explained by what was merely inconclusive."""
    results = [result(Outcome.FAILED), result(Outcome.FAILED), result(Outcome.INCONCLUSIVE)]
    assert decide(results, DeployPolicy()).reasons == ("it failed",)


def test_holding_keeps_the_verdict_and_closes_the_gate() -> None:
    """A run that cannot deploy says so, whatever it found."""
    opened = decide([result(Outcome.PASSED)], DeployPolicy())
    held = opened.holding("the data checks alone were run")
    assert (held.verdict, held.deploy) == (Verdict.PASS, False)
    assert held.reasons[-1] == "the data checks alone were run"
