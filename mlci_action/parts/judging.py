"""The part of the limits: which hold, and what is answered where nothing could be compared."""

from __future__ import annotations

from dataclasses import replace

from mlci_action.domain.comparison import Comparison
from mlci_action.domain.costs import CostRow, Costs
from mlci_action.domain.decision import Policy
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult
from mlci_action.errors import BaselineMissing, BaselineUnknown
from mlci_action.evaluation.costs import cost_rows
from mlci_action.evaluation.evaluate import Evaluated
from mlci_action.evaluation.robustness.measure import Robustness
from mlci_action.evaluation.rules.budget_rules import judge_budgets
from mlci_action.evaluation.rules.budget_rules import unanswered as unanswered_budgets
from mlci_action.evaluation.rules.judge import judge, unjudged
from mlci_action.evaluation.rules.robustness_rules import judge_robustness
from mlci_action.evaluation.rules.robustness_rules import unanswered as unanswered_changes
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


def judged_changes(
    settings: Settings,
    found: Robustness | Failure | None,
    no_baseline: tuple[Outcome, str] | None,
) -> tuple[CheckResult, ...]:
    """One answer for every limit on rows that are a little different; none for no `found`."""
    limits, evidence = settings.robustness, settings.evidence
    if limits is None or found is None:
        return ()
    if isinstance(found, Failure):
        metrics = [limit.metric for limit in settings.metrics]
        why = str(found.error)
        return unanswered_changes(limits, metrics, Outcome.ERRORED, why, evidence=evidence)
    return judge_robustness(found, evidence, no_baseline=no_baseline)


def judged_costs(
    settings: Settings, costs: Costs | Failure | None, no_baseline: tuple[Outcome, str] | None
) -> tuple[tuple[CheckResult, ...], tuple[CostRow, ...]]:
    """One answer for every budget, and what was measured."""
    if costs is None:
        return (), ()
    if isinstance(costs, Failure):
        return unanswered_budgets(settings.budgets, Outcome.ERRORED, str(costs.error)), ()
    rows = cost_rows(costs, confidence=settings.evidence.confidence)
    results = judge_budgets(
        rows, costs, settings.budgets, settings.evidence, no_baseline=no_baseline
    )
    return results, rows


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
