"""What does a policy say to a candidate that is no worse? Only its comparisons are asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from mlci_action.domain.comparison import Comparison
from mlci_action.domain.limits import MetricLimits
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.results import CheckResult
from mlci_action.evaluation.evaluate import Evaluated
from mlci_action.evaluation.intervals.methods import IDENTICAL
from mlci_action.evaluation.sabotage.equal_model import as_good
from mlci_action.parts.judging import judged
from mlci_action.parts.trial_ground import Ground, without_slices
from mlci_action.settings.values import Settings


def said_to_copy(ground: Ground) -> Outcome | None:
    """To the very model that it is compared with; None where nothing required compares."""
    compares = _comparisons_alone(ground.settings)
    evaluated = ground.compared(ground.said, ground.said)
    said = _worst(ground.decided(evaluated, settings=without_slices(compares)).results)
    if said is not None or compares.slices is None:
        return said
    evaluated = ground.compared(ground.said, ground.said, slices=True)
    return _worst(ground.decided(evaluated, settings=compares).results)


def said_to_equal(settings: Settings, comparison: Comparison | None) -> Outcome | None:
    """To another model, exactly as good, that disagrees as much as the candidate of `comparison`.

    None where nothing required compares, or the two models of `comparison` say the same.
    """
    if comparison is None:
        return None
    known = [row.interval for row in comparison.rows if row.interval is not None]
    if all(interval.method == IDENTICAL for interval in known):
        return None
    overall = replace(without_slices(_comparisons_alone(settings)), flips=None)
    results, _ = judged(overall, Evaluated(comparison=as_good(comparison)), None)
    return _worst(results)


def _comparisons_alone(settings: Settings) -> Settings:
    fairness = settings.fairness
    return replace(
        settings,
        metrics=_relative(settings.metrics),
        fairness=None if fairness is None else replace(fairness, limits=_relative(fairness.limits)),
    )


def _relative(limits: tuple[MetricLimits, ...]) -> tuple[MetricLimits, ...]:
    return tuple(replace(limit, min=None, max=None) for limit in limits)


def _worst(results: Collection[CheckResult]) -> Outcome | None:
    """Passed, inconclusive or failed: what could not be computed is as good as failed."""
    outcomes = {result.outcome for result in results if result.required}
    if outcomes & {Outcome.FAILED, Outcome.ERRORED}:
        return Outcome.FAILED
    if outcomes & {Outcome.INCONCLUSIVE, Outcome.NOT_RUN}:
        return Outcome.INCONCLUSIVE
    return Outcome.PASSED if outcomes else None
