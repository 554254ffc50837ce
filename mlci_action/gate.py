"""What happens in one run? The whole story on one screen; everything outside comes as a `World`."""

from __future__ import annotations

from mlci_action.domain.decision import decide
from mlci_action.domain.report import Report
from mlci_action.parts.comparing import (
    changed_rows,
    compared,
    costs_of,
    importance,
    repeated,
)
from mlci_action.parts.data import as_first, beside_checks, checked
from mlci_action.parts.explaining import explained
from mlci_action.parts.judging import judged, judged_changes, judged_costs, why_none
from mlci_action.parts.models import (
    asked,
    far_from_expected,
    same_bytes,
    thresholds,
    truth_of,
    unlabelled,
)
from mlci_action.parts.outside import Failure, M, World, attempt, of
from mlci_action.parts.proving import proved, proved_of_data
from mlci_action.parts.questions import questions_for
from mlci_action.settings.values import Settings


def run_gate(settings: Settings, world: World[M]) -> Report:
    """Data, models, comparison, decision: every configured check gets exactly one answer."""
    if not settings.asks_models:
        return run_data_checks(settings, world, why="without a metric no model was judged")
    # What user code could change (a schema or a model may be code) is found before any of it runs.
    candidate = attempt(world.find_candidate)
    baseline = attempt(world.find_baseline)
    same_model = same_bytes(candidate, baseline)
    data = attempt(world.load_data)
    rows = attempt(world.load_rows)
    truth = attempt(lambda: truth_of(settings, of(rows)))
    known = None if isinstance(data, Failure) else data
    questions = attempt(lambda: questions_for(settings, of(rows), of(truth), known))

    # The candidate is asked last of the models: its code can then spoil its own answer, and what
    # the user's metrics import, but not the baseline's.
    ours, theirs = thresholds(settings)
    one = same_model and ours == theirs and world.asks_alike(of(candidate), of(baseline))
    wanted = attempt(lambda: of(questions).of(candidate=one, baseline=True))
    before = asked(world, baseline, rows, truth, wanted, theirs, who="the baseline")
    after = before
    if not one:
        wanted = attempt(lambda: of(questions).of(candidate=True, baseline=False))
        after = asked(world, candidate, rows, truth, wanted, ours, who="the candidate")
    evaluated = attempt(lambda: compared(settings, of(rows), of(truth), of(after), before, world))
    changes = changed_rows(settings, questions, rows, truth, after, before)
    costs = costs_of(settings, world, candidate, baseline, rows, after)

    no_baseline = why_none(settings, before) if isinstance(before, Failure) else None
    of_data = checked(settings, as_first(settings, data, baseline))
    of_models, comparison = judged(settings, evaluated, no_baseline)
    of_costs, cost_rows = judged_costs(settings, costs, no_baseline)
    results = (
        *of_data,
        *of_models,
        *judged_changes(settings, changes, no_baseline),
        *repeated(questions, after),
        *of_costs,
        *far_from_expected(("the candidate", after), ("the baseline", before)),
    )
    proof = proved(settings, world, results, comparison, rows, truth, after, before)
    beside = beside_checks(data, of_data, world, importance(questions, before))
    moved = explained(settings, world, rows, truth, after, before)
    facts = world.facts()
    return Report(
        decision=decide(proof.results, settings.deploy, same_model=same_model),
        checks=proof.results,
        comparison=proof.comparison,
        robustness=() if changes is None or isinstance(changes, Failure) else changes.rows,
        costs=cost_rows,
        flipped=() if isinstance(evaluated, Failure) else evaluated.flipped,
        located=beside.located,
        profile=beside.profile,
        policy=proof.policy,
        waivers=proof.waivers,
        self_test=proof.self_test,
        why_moved=moved,
        provenance={**facts.provenance, "same_model": same_model},
        data={**facts.data, **beside.facts, **unlabelled(truth)},
        environment=facts.environment,
    )


def run_data_checks(
    settings: Settings, world: World[M], *, why: str = "the data checks alone were run"
) -> Report:
    """The data checks alone, decided on by the same rule; `why` says why nothing is deployed."""
    data = attempt(world.load_data)
    proof = proved_of_data(settings, world, checked(settings, data))
    results = proof.results
    beside = beside_checks(data, results, world, {})
    facts = world.facts()
    return Report(
        decision=decide(results, settings.deploy).holding(why),
        checks=results,
        located=beside.located,
        profile=beside.profile,
        policy=proof.policy,
        waivers=proof.waivers,
        provenance=facts.provenance,
        data={**facts.data, **beside.facts},
        environment=facts.environment,
    )
