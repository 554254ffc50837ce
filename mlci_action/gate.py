"""What happens in one run? The whole story on one screen; everything outside comes as a `World`."""

from __future__ import annotations

import pandas as pd

from mlci_action.domain.decision import decide
from mlci_action.domain.report import Report
from mlci_action.evaluation.evaluate import Evaluated, evaluate
from mlci_action.evaluation.scored_rows import Question, Truth, scored_rows
from mlci_action.parts.data import as_first, beside_checks, checked
from mlci_action.parts.judging import judged, why_none
from mlci_action.parts.models import (
    Said,
    asked,
    importance,
    same_bytes,
    thresholds,
    truth_of,
    unlabelled,
)
from mlci_action.parts.outside import Failure, M, World, attempt, of
from mlci_action.settings.values import Settings


def run_gate(settings: Settings, world: World[M]) -> Report:
    """Data, models, comparison, decision: every configured check gets exactly one answer."""
    if not (settings.metrics or settings.fairness or settings.flips):
        return run_data_checks(settings, world, why="without a metric no model was judged")
    # What user code could change (a schema or a model may be code) is found before any of it runs.
    candidate = attempt(world.find_candidate)
    baseline = attempt(world.find_baseline)
    same_model = same_bytes(candidate, baseline)
    data = attempt(world.load_data)
    rows = attempt(world.load_rows)
    truth = attempt(lambda: truth_of(settings, of(rows)))

    # The candidate is asked last of the models: its code can then spoil its own answer, and what
    # the user's metrics import, but not the baseline's.
    ours, theirs = thresholds(settings)
    before = asked(world, baseline, rows, truth, threshold=theirs, who="the baseline")
    weights = importance(data, rows, baseline, world)
    after = before
    if not (same_model and ours == theirs):
        after = asked(world, candidate, rows, truth, threshold=ours, who="the candidate")
    evaluated = attempt(lambda: _evaluated(settings, of(rows), of(truth), of(after), before, world))

    no_baseline = why_none(settings, before) if isinstance(before, Failure) else None
    of_data = checked(settings, as_first(settings, data, baseline))
    of_models, comparison = judged(settings, evaluated, no_baseline)
    results = (*of_data, *of_models)
    beside = beside_checks(data, of_data, world, weights)
    facts = world.facts()
    return Report(
        decision=decide(results, settings.deploy, same_model=same_model),
        checks=results,
        comparison=comparison,
        flipped=() if isinstance(evaluated, Failure) else evaluated.flipped,
        located=beside.located,
        profile=beside.profile,
        provenance={**facts.provenance, "same_model": same_model},
        data={**facts.data, **beside.facts, **unlabelled(truth)},
        environment=facts.environment,
    )


def run_data_checks(
    settings: Settings, world: World[M], *, why: str = "the data checks alone were run"
) -> Report:
    """The data checks alone, decided on by the same rule; `why` says why nothing is deployed."""
    data = attempt(world.load_data)
    results = checked(settings, data)
    beside = beside_checks(data, results, world, {})
    facts = world.facts()
    return Report(
        decision=decide(results, settings.deploy).holding(why),
        checks=results,
        located=beside.located,
        profile=beside.profile,
        provenance=facts.provenance,
        data={**facts.data, **beside.facts},
        environment=facts.environment,
    )


def _evaluated(
    settings: Settings,
    rows: pd.DataFrame,
    truth: Truth,
    candidate: Said,
    baseline: Said | Failure,
    world: World[M],
) -> Evaluated:
    question = Question(
        metrics=truth.metrics,
        evidence=settings.evidence,
        slices=settings.slices,
        fairness=settings.fairness,
        sample_weight=settings.data.sample_weight,
        id=settings.data.id,
        set_aside=(settings.data.target, *settings.set_aside),
        thresholds=thresholds(settings),
    )
    return evaluate(
        question,
        scored_rows(question, truth, rows),
        candidate.predictions,
        None if isinstance(baseline, Failure) else baseline.predictions,
        same_model=candidate is baseline,
        ask_custom=world.ask_metrics,
    )
