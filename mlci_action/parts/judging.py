"""The part of the limits: which hold, and what is answered where nothing could be compared."""

from __future__ import annotations

from dataclasses import replace

from mlci_action.domain.comparison import Comparison
from mlci_action.domain.decision import Policy
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult
from mlci_action.errors import BaselineMissing, BaselineUnknown
from mlci_action.evaluation.evaluate import Evaluated
from mlci_action.evaluation.rules.judge import judge, unjudged
from mlci_action.parts.outside import Failure
from mlci_action.settings.values import Settings


def judged(
    settings: Settings,
    evaluated: Evaluated | Failure,
    no_baseline: tuple[Outcome, str] | None,
) -> tuple[tuple[CheckResult, ...], Comparison | None]:
    """One answer for every limit on predictions, and the comparison with its rows marked.

    `no_baseline` is what a comparison without one answers, None where there is one.
    """
    limits, slices = settings.metrics, settings.slices
    if isinstance(evaluated, Failure):
        why = str(evaluated.error)
        errors = unjudged(
            limits, slices, Outcome.ERRORED, why, fairness=settings.fairness, flips=settings.flips
        )
        return (_not_evaluated(why), *errors), None
    broken = dict(evaluated.broken)
    found = judge(
        evaluated.comparison,
        [limit for limit in limits if limit.metric.name not in broken],
        slices,
        settings.evidence,
        fairness=settings.fairness,
        flips=settings.flips,
        no_baseline=no_baseline,
    )
    errored = {
        limit.metric.name: unjudged([limit], None, Outcome.ERRORED, broken[limit.metric.name])
        for limit in limits
        if limit.metric.name in broken
    }
    rows = tuple(
        row.judged(Outcome.ERRORED) if row.slice is None and errored.get(row.metric.name) else row
        for row in found.comparison.rows
    )
    results = (*found.results, *(result for of_one in errored.values() for result in of_one))
    return results, replace(found.comparison, rows=rows)


def why_none(settings: Settings, baseline: Failure) -> tuple[Outcome, str]:
    """What a comparison without a baseline answers, and why there is none."""
    if not isinstance(baseline.error, BaselineMissing):
        return Outcome.ERRORED, str(baseline.error)
    known_first = not isinstance(baseline.error, BaselineUnknown)
    if known_first and settings.deploy.first_model is Policy.DEPLOY:
        return Outcome.WAIVED, f"first model: {baseline.error.message}"
    return Outcome.NOT_RUN, str(baseline.error)


def _not_evaluated(why: str) -> CheckResult:
    """Required whatever the limits: data alone must not deploy what nobody could ask."""
    return CheckResult(
        id="provenance.evaluation", area=Area.PROVENANCE, outcome=Outcome.ERRORED, message=why
    )
