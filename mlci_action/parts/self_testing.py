"""Can this policy say no? Candidates that must be refused, through the very rules of the gate."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import cache

import pandas as pd

from mlci_action.domain.comparison import Comparison, ComparisonRow
from mlci_action.domain.decision import LED_TO, Policy
from mlci_action.domain.limits import MetricLimits
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.domain.self_test import CANDIDATES, Sabotage, SelfTest, Trial
from mlci_action.errors import BaselineError, BaselineMissing
from mlci_action.evaluation.evaluate import Evaluated
from mlci_action.evaluation.metrics.custom_metrics import CUSTOM
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.evaluation.sabotage.answers import (
    constant,
    inverted,
    inverted_where,
    permuted,
    say_the_same,
    without_numbers,
)
from mlci_action.evaluation.sabotage.few_rows import MOST
from mlci_action.evaluation.scored_rows import Truth
from mlci_action.parts.judging import why_none
from mlci_action.parts.models import Said, thresholds
from mlci_action.parts.outside import Failure, attempt, of
from mlci_action.parts.trial_ground import Answer, Ground, Waive, built_in, ground_of, ruled
from mlci_action.parts.twins import said_to_copy, said_to_equal
from mlci_action.settings.values import Settings

_MOST_CHECKS = 20
# A fall that some rows put this far inside the margin is not found outside of it by all of them.
_DOUBTFUL = 0.9
_ONLY_YOURS = "only the limits on your own metrics could tell, and these run once"


def self_test(
    settings: Settings,
    rows: pd.DataFrame | Failure,
    truth: Truth | Failure,
    candidate: Said | Failure,
    baseline: Said | Failure,
    *,
    comparison: Comparison | None = None,
    waive: Waive = lambda results: results,
) -> SelfTest:
    """What the limits on predictions say to the baseline's own answers, sabotaged.

    Without a baseline the candidate's stand for it. No user code runs: metrics of the user's own
    are left out, and data, robustness and budgets are taken to hold. comparison: that of this run,
    for `SelfTest.equal`. waive: what waivers do to results, before they are decided on.
    """
    own = any(ruled(limit) and _required(limit) for limit in settings.metrics if _is_own(limit))
    if own and not _limits_predictions(built_in(settings)):
        return SelfTest(n=0, skipped="all limits are on your own metrics, and these run once")

    def tested() -> SelfTest:
        said = baseline if isinstance(baseline, Said) else of(candidate)

        @cache
        def ground(most: int) -> Ground:
            return ground_of(settings, of(rows), of(truth), said, waive=waive, most=most)

        few = ground(MOST)
        found = _tried(few, lambda: ground(len(of(rows))))
        if isinstance(baseline, Said):
            copy = said_to_copy(few)
            if copy is Outcome.INCONCLUSIVE and not few.whole:
                copy = said_to_copy(ground(len(of(rows))))
            found = replace(found, copy=copy, equal=said_to_equal(settings, comparison))
        return _without_doubtful(found) if own else found

    found = attempt(tested)
    return SelfTest(n=0, skipped=str(found.error)) if isinstance(found, Failure) else found


def answered(found: SelfTest) -> tuple[CheckResult, ...]:
    """One warning that names what came through; nothing where nothing did."""
    if not found.missed:
        return ()
    came_through = ", or ".join(CANDIDATES[sabotage] for sabotage in found.missed)
    return (
        CheckResult(
            id="provenance.self_test",
            area=Area.PROVENANCE,
            outcome=Outcome.WARNED,
            severity=Severity.WARN,
            rows=found.n,
            observed=float(len(found.missed)),
            message=f"the policy would deploy a candidate {came_through}: it cannot say no",
        ),
    )


def _tried(few: Ground, everything: Callable[[], Ground]) -> SelfTest:
    """All trials that mean something for this policy, in the order of `Sabotage`."""
    trials, unchanged = [], []
    for sabotage, sabotaged in _sabotaged(few):
        if say_the_same(sabotaged, few.said):
            unchanged.append(sabotage.value)
            continue
        trials.append(_trial(sabotage, few.answer(sabotaged, few.said)))
    if few.broken is not None:
        trials.append(_broken_slice(few, everything))
    trials += [_nan(few), *_missing_metric(few), *_without_baseline(few)]
    already = f"{', '.join(unchanged)}: the model already answers like that" if unchanged else ""
    return SelfTest(n=len(few.scored.labels), trials=tuple(trials), note=already)


def _sabotaged(ground: Ground) -> Iterator[tuple[Sabotage, Predictions]]:
    said, target, seed = ground.said, ground.truth.target, ground.settings.evidence.seed
    yield Sabotage.PERMUTED, permuted(said, seed)
    yield Sabotage.CONSTANT, constant(said, target, ground.scored.weight)
    yield Sabotage.INVERTED, inverted(said, target)


def _broken_slice(few: Ground, everything: Callable[[], Ground]) -> Trial:
    """Some rows may be too few to show a regression in a slice: it is then tried on all of them."""
    answer = _inverted_there(few)
    trial = _trial(Sabotage.BROKEN_SLICE, answer)
    doubtful = any(r.evidence.get("p_value", 1.0) <= _DOUBTFUL for r in answer.results)
    if trial.caught or few.whole or not doubtful:
        return trial
    return _trial(Sabotage.BROKEN_SLICE, _inverted_there(everything()))


def _inverted_there(ground: Ground) -> Answer:
    assert ground.broken is not None  # noqa: S101 - only tried where there is one
    sabotaged = inverted_where(ground.said, ground.truth.target, ground.broken)
    return ground.answer(sabotaged, ground.said)


def _nan(ground: Ground) -> Trial:
    """One NaN in what the model says, from where its answers are read on: an error, or missed."""
    read, (threshold, _) = ground.truth.read, thresholds(ground.settings)
    output = without_numbers(ground.output)
    said = attempt(lambda: read(output, threshold=threshold, who="the candidate"))
    evaluated = said if isinstance(said, Failure) else ground.compared(said, ground.said)
    return _trial(Sabotage.NAN, ground.decided(evaluated), only=(Outcome.ERRORED,))


def _missing_metric(ground: Ground) -> Iterator[Trial]:
    """Each required metric in turn: broken, not computed, not a number; none of them may pass."""
    limits = [limit for limit in ground.settings.metrics if ruled(limit)]
    limits = [limit for limit in limits if _required(limit)] or limits
    copy = ground.compared(ground.said, ground.said)
    found: list[Trial] = []
    for limit in limits:
        alone = replace(ground.settings, metrics=(limit,), slices=None, fairness=None, flips=None)
        for lost in _lost(copy, limit.metric.name):
            answer = ground.decided(lost, settings=alone)
            trial = _trial(Sabotage.MISSING_METRIC, answer, only=(Outcome.ERRORED, Outcome.NOT_RUN))
            if any(result.outcome is Outcome.PASSED for result in answer.results):
                trial = replace(trial, caught=False)
            if not trial.caught:
                yield trial
                return
            found.append(trial)
    if found:
        by = dict.fromkeys(name for trial in found for name in trial.by)
        yield replace(found[0], by=tuple(by)[:_MOST_CHECKS])


def _lost(found: Evaluated, metric: str) -> Iterator[Evaluated]:
    """The comparison without a value of that metric, in each way that one can be lost."""
    rows = found.comparison.rows

    def having(rows: tuple[ComparisonRow, ...]) -> Evaluated:
        return replace(found, comparison=replace(found.comparison, rows=rows))

    yield replace(found, broken=((metric, "it could not be computed"),))
    yield having(tuple(row for row in rows if row.metric.name != metric))
    nan = math.nan
    yield having(
        tuple(
            replace(row, candidate=nan, diff=nan) if row.metric.name == metric else row
            for row in rows
        )
    )


def _without_baseline(ground: Ground) -> Iterator[Trial]:
    """No baseline at all, unless the owner lets a first model through, and one that is broken."""
    settings = ground.settings
    if not _compares(settings):
        return
    if settings.deploy.first_model is not Policy.DEPLOY:
        error: BaselineError = BaselineMissing("there is no baseline")
        answer = ground.answer(ground.said, None, why_none(settings, Failure(error=error)))
        yield _trial(Sabotage.MISSING_BASELINE, answer, only=(Outcome.NOT_RUN,))
    error = BaselineError("the baseline cannot be read")
    answer = ground.answer(ground.said, None, why_none(settings, Failure(error=error)))
    yield _trial(Sabotage.UNREADABLE_BASELINE, answer, only=(Outcome.ERRORED,))


def _trial(sabotage: Sabotage, answer: Answer, *, only: Collection[Outcome] = ()) -> Trial:
    """Caught is what is not deployed; with `only`, because a required check ended like that."""
    decision = answer.decision
    outcomes = only or LED_TO[decision.verdict]
    by = dict.fromkeys(r.id for r in answer.results if r.required and r.outcome in outcomes)
    return Trial(
        sabotage=sabotage,
        caught=not decision.deploy and bool(by),
        by=tuple(by)[:_MOST_CHECKS],
        verdict=decision.verdict,
    )


def _without_doubtful(found: SelfTest) -> SelfTest:
    """Without the misses that a limit on a metric of the user's own might have caught."""
    of_predictions = (
        Sabotage.PERMUTED,
        Sabotage.CONSTANT,
        Sabotage.INVERTED,
        Sabotage.BROKEN_SLICE,
    )
    doubtful = [sabotage.value for sabotage in found.missed if sabotage in of_predictions]
    if not doubtful:
        return found
    trials = tuple(trial for trial in found.trials if trial.sabotage.value not in doubtful)
    notes = [found.note, f"{', '.join(doubtful)}: {_ONLY_YOURS}"]
    return replace(found, trials=trials, note="; ".join(note for note in notes if note))


def _limits_predictions(settings: Settings) -> bool:
    return _compares(settings) or any(map(ruled, _limits(settings)))


def _compares(settings: Settings) -> bool:
    flips = settings.flips is not None and settings.flips.max_negative_rate is not None
    compared = any(limit.compares for limit in _limits(settings))
    return flips or compared or settings.slices is not None


def _limits(settings: Settings) -> tuple[MetricLimits, ...]:
    return (*settings.metrics, *(settings.fairness.limits if settings.fairness else ()))


def _is_own(limit: MetricLimits) -> bool:
    return limit.metric.function == CUSTOM


def _required(limit: MetricLimits) -> bool:
    return limit.severity is Severity.FAIL
