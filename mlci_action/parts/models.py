"""The part of the models: what each says of the rows, as they are and a little different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from mlci_action.checks.context import DataToCheck
from mlci_action.checks.facts import moved_columns
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.behaviour.drift_importance import importances, question
from mlci_action.evaluation.reading.columns import find_column
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.evaluation.reading.variants import Answers, Variant
from mlci_action.evaluation.scored_rows import Truth, read_truth
from mlci_action.parts.outside import Failure, M, Model, World, attempt, of
from mlci_action.settings.values import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What one model said, and its checked predictions of the scored rows."""

    answers: Answers
    predictions: Predictions


def truth_of(settings: Settings, rows: pd.DataFrame) -> Truth:
    """The target's column, read as the metrics want it."""
    column = find_column(rows, settings.data.target, asked_by="data.target")
    metrics = [limits.metric for limits in settings.metrics]
    # Flips and fairness alone say that the target holds classes, as any metric of labels does.
    metrics = metrics or [METRICS["accuracy"]]
    return read_truth(column, positive=settings.data.positive, metrics=metrics)


def unlabelled(truth: Truth | Failure) -> dict[str, int]:
    """How many rows are left out of every number, for want of a label."""
    return {} if isinstance(truth, Failure) else {"unlabelled": int((~truth.target.rows).sum())}


def thresholds(settings: Settings) -> tuple[float | None, float | None]:
    """The candidate's and the baseline's, which is the same unless the settings say another."""
    ours, theirs = settings.candidate.threshold, settings.baseline_threshold
    return ours, ours if theirs is None else theirs


def same_bytes(candidate: Model | Failure, baseline: Model | Failure) -> bool:
    """Whether both are one file."""
    if isinstance(candidate, Failure) or isinstance(baseline, Failure):
        return False
    return candidate.digest == baseline.digest


def asked(
    world: World[M],
    model: M | Failure,
    rows: pd.DataFrame | Failure,
    truth: Truth | Failure,
    *,
    threshold: float | None,
    variants: Sequence[Variant] | Failure = (),
    who: str,
) -> Said | Failure:
    """What the model says; whatever is missing for it is why it says nothing."""

    def said() -> Said:
        reads = of(truth)
        answers = world.predict(of(model), of(rows), who=who, variants=of(variants))
        predictions = reads.read(answers.output, threshold=threshold, who=who)
        return Said(answers=answers, predictions=predictions)

    return attempt(said)


def importance(
    data: DataToCheck | Failure,
    rows: pd.DataFrame | Failure,
    baseline: M | Failure,
    world: World[M],
) -> Mapping[str, float | None]:
    """How much the baseline's answers depend on each column that moved; empty where none did."""
    moved = () if isinstance(data, Failure) else moved_columns(data)
    if not moved or isinstance(rows, Failure) or isinstance(baseline, Failure):
        return {}
    wanted = question(rows, moved)
    said = attempt(lambda: world.predict(baseline, wanted, who="the baseline"))
    if isinstance(said, Failure):
        return {}
    found = importances(said.output, len(moved))
    return {column.name: value for column, value in zip(moved, found, strict=True)}
