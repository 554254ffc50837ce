"""Deploy or not? The one place that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.domain.results import CheckResult

NO_NEW_MODEL = "no new model version: the candidate's bytes equal the baseline's"
_MAX_REASONS = 20
# Which answers a verdict came of; a pass has none to blame.
LED_TO: dict[Verdict, tuple[Outcome, ...]] = {
    Verdict.ERROR: (Outcome.ERRORED,),
    Verdict.FAIL: (Outcome.FAILED,),
    Verdict.INCONCLUSIVE: (Outcome.INCONCLUSIVE, Outcome.NOT_RUN),
    Verdict.PASS: (),
}


class Policy(StrEnum):
    """What to do in a case that the owner may open: `hold` is the default everywhere."""

    HOLD = "hold"
    DEPLOY = "deploy"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployPolicy:
    """The owner's answers for the three cases that the rules leave open."""

    first_model: Policy = Policy.HOLD
    when_unchanged: Policy = Policy.HOLD
    when_inconclusive: Policy = Policy.HOLD


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The answer of the run, with its reasons: the first says it in one line."""

    verdict: Verdict
    deploy: bool
    reasons: tuple[str, ...]

    def holding(self, reason: str) -> Decision:
        """The same verdict, but nothing is deployed, and the last reason says why."""
        return replace(self, deploy=False, reasons=(*self.reasons, reason))


def decide(
    results: Sequence[CheckResult], policy: DeployPolicy, *, same_model: bool = False
) -> Decision:
    """Deploy only when everything required ran and held. An empty gate never opens.

    Precedence: error > fail > inconclusive > pass; checks that only warn, and waived ones, never
    count.
    """
    required = [result for result in results if result.required]
    verdict = _verdict(required)
    reasons = _reasons(verdict, required)
    deploy = verdict is Verdict.PASS
    if verdict is Verdict.INCONCLUSIVE and policy.when_inconclusive is Policy.DEPLOY:
        deploy = _no_worse_by_point(required)
        if deploy:
            reasons = (
                "not shown to be worse: every unsettled difference lies inside its margin",
                *reasons,
            )
    if deploy and same_model and policy.when_unchanged is Policy.HOLD:
        deploy, reasons = False, (NO_NEW_MODEL, *reasons)
    return Decision(verdict=verdict, deploy=deploy, reasons=reasons[:_MAX_REASONS])


def _verdict(required: Sequence[CheckResult]) -> Verdict:
    outcomes = {result.outcome for result in required}
    if not required or Outcome.ERRORED in outcomes:
        return Verdict.ERROR
    if Outcome.FAILED in outcomes:
        return Verdict.FAIL
    if outcomes & {Outcome.INCONCLUSIVE, Outcome.NOT_RUN}:
        return Verdict.INCONCLUSIVE
    # Warned and waived never count: when they are all there is, nothing required held.
    return Verdict.PASS if Outcome.PASSED in outcomes else Verdict.INCONCLUSIVE


def _no_worse_by_point(required: Sequence[CheckResult]) -> bool:
    """Whether all that keeps the gate from passing is evidence that points the right way."""
    open_ones = [r for r in required if r.outcome in (Outcome.INCONCLUSIVE, Outcome.NOT_RUN)]
    return bool(open_ones) and all(
        result.outcome is Outcome.INCONCLUSIVE
        and result.evidence.get("point_inside_margin") is True
        for result in open_ones
    )


def _reasons(verdict: Verdict, required: Sequence[CheckResult]) -> tuple[str, ...]:
    messages = tuple(dict.fromkeys(r.message for r in required if r.outcome in LED_TO[verdict]))
    if messages:
        return messages
    if verdict is Verdict.PASS:
        held = sum(result.outcome is Outcome.PASSED for result in required)
        return (f"all {held} required checks held" if held > 1 else "the required check held",)
    if not required:
        return ("no check is required, and an empty gate never opens",)
    return ("every required check was waived or only warned, so nothing held",)
