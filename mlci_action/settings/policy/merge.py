"""By which settings is a change judged? Its own, but in no rule by looser ones than the base's."""

from __future__ import annotations

from dataclasses import replace

from mlci_action.domain.decision import DeployPolicy, Policy
from mlci_action.domain.policy import PolicyChange
from mlci_action.settings.policy.changes import changes
from mlci_action.settings.policy.merge_data import merged_data
from mlci_action.settings.policy.merge_limits import (
    merged_budgets,
    merged_fairness,
    merged_flips,
    merged_metrics,
    merged_slices,
)
from mlci_action.settings.policy.merge_robustness import merged_robustness
from mlci_action.settings.policy.rules import rules_of
from mlci_action.settings.policy.stricter import lower
from mlci_action.settings.values import Settings


def merged(base: Settings, own: Settings) -> tuple[Settings, tuple[PolicyChange, ...]]:
    """What counts for a change that has `own` where the base branch has `base`, and what differs.

    Rule by rule the stricter of the two, so that a change tightens at once and loosens once it is
    merged. How evidence is weighed, whom to trust, what is waived and what the baseline is are the
    base's; the model, how it is made and asked, and where the data lie are the change's.
    """
    both = replace(
        own,
        data=merged_data(base.data, own.data),
        # A change must not choose a weaker baseline for itself.
        baseline=base.baseline or own.baseline,
        baseline_max_age_days=lower(base.baseline_max_age_days, own.baseline_max_age_days),
        metrics=merged_metrics(base.metrics, own.metrics),
        slices=merged_slices(base, own),
        fairness=merged_fairness(base.fairness, own.fairness),
        flips=merged_flips(base.flips, own.flips),
        robustness=merged_robustness(base.robustness, own.robustness),
        budgets=merged_budgets(base.budgets, own.budgets),
        evidence=base.evidence,
        deploy=_deploy(base.deploy, own.deploy),
        trust=base.trust,
        waivers=base.waivers,
    )
    return both, changes(rules_of(base), rules_of(own), rules_of(both))


def _deploy(base: DeployPolicy, own: DeployPolicy) -> DeployPolicy:
    def stricter(key: str) -> Policy:
        held = Policy.HOLD in (getattr(base, key), getattr(own, key))
        return Policy.HOLD if held else Policy.DEPLOY

    return DeployPolicy(
        first_model=stricter("first_model"),
        when_unchanged=stricter("when_unchanged"),
        when_inconclusive=stricter("when_inconclusive"),
    )
