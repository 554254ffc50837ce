"""The part of the comparison: what both models' answers say, on the rows and on changed ones."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mlci_action.domain.costs import Costs
from mlci_action.domain.results import CheckResult
from mlci_action.evaluation.behaviour.determinism import determinism
from mlci_action.evaluation.behaviour.drift_importance import importances
from mlci_action.evaluation.evaluate import Evaluated, evaluate
from mlci_action.evaluation.robustness.measure import Robustness, robustness
from mlci_action.evaluation.scored_rows import Question, Truth, scored_rows
from mlci_action.parts.models import Said, thresholds
from mlci_action.parts.outside import Failure, M, World, attempt, of
from mlci_action.parts.questions import Questions
from mlci_action.settings.values import Settings


def question_of(settings: Settings, truth: Truth) -> Question:
    """What is asked of both models' predictions."""
    return Question(
        metrics=truth.metrics,
        evidence=settings.evidence,
        slices=settings.slices,
        fairness=settings.fairness,
        sample_weight=settings.data.sample_weight,
        id=settings.data.id,
        set_aside=(settings.data.target, *settings.set_aside),
        thresholds=thresholds(settings),
    )


def compared(
    settings: Settings,
    rows: pd.DataFrame,
    truth: Truth,
    candidate: Said,
    baseline: Said | Failure,
    world: World[M],
) -> Evaluated:
    """The comparison over the rows as they are."""
    question = question_of(settings, truth)
    return evaluate(
        question,
        scored_rows(question, truth, rows),
        candidate.predictions,
        None if isinstance(baseline, Failure) else baseline.predictions,
        same_model=candidate is baseline,
        ask_custom=world.ask_metrics,
    )


def changed_rows(
    settings: Settings,
    questions: Questions | Failure,
    rows: pd.DataFrame | Failure,
    truth: Truth | Failure,
    candidate: Said | Failure,
    baseline: Said | Failure,
) -> Robustness | Failure | None:
    """How far answers move when the rows do, why nobody knows, or None: nobody asks."""
    if settings.robustness is None:
        return None

    def found() -> Robustness:
        asked, known = of(questions), of(truth)
        assert asked.robust is not None  # noqa: S101 - planned where there are limits
        question = question_of(settings, known)
        ours = of(candidate).of(asked.changed)
        assert ours is not None  # noqa: S101 - both are asked these
        return robustness(
            asked.robust,
            question,
            known,
            scored_rows(question, known, of(rows)),
            ours,
            baseline.of(asked.changed) if isinstance(baseline, Said) else None,
            same_model=candidate is baseline,
        )

    return attempt(found)


def costs_of(
    settings: Settings,
    world: World[M],
    candidate: M | Failure,
    baseline: M | Failure,
    rows: pd.DataFrame | Failure,
    said: Said | Failure,
) -> Costs | Failure | None:
    """What it costs to ask the models, why nobody knows, or None: there is no budget.

    A candidate that has `said` nothing is not asked again.
    """
    if not settings.budgets.budgets:
        return None
    if isinstance(said, Failure):
        return said
    other = None if isinstance(baseline, Failure) else baseline
    return attempt(lambda: world.measure(of(candidate), other, of(rows), budgets=settings.budgets))


def repeated(questions: Questions | Failure, candidate: Said | Failure) -> tuple[CheckResult, ...]:
    """Whether the candidate says the same when it is asked again."""
    if isinstance(questions, Failure) or isinstance(candidate, Failure):
        return ()
    said = candidate.of(questions.again)
    return () if said is None else determinism(said, questions.again, first=0)


def importance(
    questions: Questions | Failure, baseline: Said | Failure
) -> Mapping[str, float | None]:
    """How much the baseline's answers depend on each column that moved; empty where none did."""
    if isinstance(questions, Failure) or isinstance(baseline, Failure):
        return {}
    said = baseline.of(questions.back)
    found = () if said is None else importances(said, questions.back)
    return dict(zip(questions.moved, found, strict=False))
