"""Which margins can the rows at hand settle? Two models that should be equal are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pandas as pd

from mlci_action.adapters.model_files import ModelFile, read_model_file
from mlci_action.adapters.world import RealWorld
from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.margins import MarginAdvice
from mlci_action.errors import BaselineMissing, MlciError
from mlci_action.evaluation.margins import advise
from mlci_action.evaluation.scored_rows import Truth
from mlci_action.parts.comparing import compared
from mlci_action.parts.models import Said, asked, thresholds, truth_of
from mlci_action.parts.outside import of

Retrain = Callable[[int], Path]
_TWO = (
    "compare a candidate that is another file than the baseline, or say --retrain 3 where"
    " mlci.yml has `train`"
)


def calibrate(
    world: RealWorld, *, retrain: Retrain | None = None, times: int = 0
) -> tuple[MarginAdvice, ...]:
    """Advice on the margin of every metric of the settings, by what two equal models differ.

    retrain: the path of a model that was trained with that seed; `times` of them are asked for.
    Without them the candidate and the baseline are the two, taken to be equally good. MlciError
    where there are no two models, and for whatever they cannot be asked.
    """
    settings = world.settings
    rows = world.load_rows()
    truth = truth_of(settings, rows)
    if retrain is not None and times:
        said = _retrained(world, retrain, times, rows, truth)
    else:
        said = list(_at_hand(world, rows, truth))
    pairs = [
        compared(settings, rows, truth, later, earlier, world).comparison.rows
        for earlier, later in pairwise(said)
    ]
    advice = []
    for limits in settings.metrics:
        found = [row for rows_ in pairs if (row := _overall(rows_, limits.metric.name))]
        values = _values(found) if times else ()
        advice.append(advise(limits, found, values=values, confidence=settings.evidence.confidence))
    return tuple(advice)


def _retrained(
    world: RealWorld, retrain: Retrain, times: int, rows: pd.DataFrame, truth: Truth
) -> list[Said]:
    names = [f"retraining {number}" for number in range(1, times + 1)]
    models = [read_model_file(retrain(seed), who=who) for seed, who in enumerate(names)]
    if len({model.digest for model in models}) == 1:
        raise MlciError(
            f"{times} trainings gave the same bytes",
            hint="let train.command depend on its seed: {seed} in it, or the variable MLCI_SEED",
        )
    return [_said(world, model, rows, truth, who) for model, who in zip(models, names, strict=True)]


def _at_hand(world: RealWorld, rows: pd.DataFrame, truth: Truth) -> Iterator[Said]:
    candidate = world.find_candidate()
    try:
        baseline = world.find_baseline()
    except BaselineMissing as error:
        raise MlciError(f"there is one model only: {error.message}", hint=_TWO) from error
    if candidate.digest == baseline.digest:
        raise MlciError("candidate and baseline are the same bytes", hint=_TWO)
    yield _said(world, baseline, rows, truth, "the baseline")
    yield _said(world, candidate, rows, truth, "the candidate")


def _said(world: RealWorld, model: ModelFile, rows: pd.DataFrame, truth: Truth, who: str) -> Said:
    ours, theirs = thresholds(world.settings)
    at = theirs if who == "the baseline" else ours
    return of(asked(world, model, rows, truth, (), at, who=who))


def _overall(rows: tuple[ComparisonRow, ...], metric: str) -> ComparisonRow | None:
    found = (row for row in rows if row.metric.name == metric)
    return next((row for row in found if row.slice is None and row.sensitive is None), None)


def _values(pairs: list[ComparisonRow]) -> tuple[float, ...]:
    """Of each model once: the first's, and then each later one's."""
    values = [pairs[0].baseline, *(row.candidate for row in pairs)] if pairs else []
    return tuple(value for value in values if value is not None)
