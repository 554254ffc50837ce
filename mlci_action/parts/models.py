"""The part of the models: what each says of the rows, as they are and a little different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.evaluation.reading.columns import find_column
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.evaluation.reading.variants import Answers, Variant
from mlci_action.evaluation.scored_rows import Truth, read_truth
from mlci_action.parts.outside import Failure, M, Model, World, attempt, of
from mlci_action.settings.values import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What one model said of the rows and of the `variants`; its checked predictions."""

    answers: Answers
    predictions: Predictions
    variants: tuple[Variant, ...] = ()

    def of(self, variants: Sequence[Variant]) -> Answers | None:
        """Its answers, of all variants to these alone; None where it was not asked one of them."""
        places = {id(variant): place for place, variant in enumerate(self.variants)}
        found = [places.get(id(variant)) for variant in variants]
        known = tuple(self.answers.variants[place] for place in found if place is not None)
        return replace(self.answers, variants=known) if len(known) == len(variants) else None


def truth_of(settings: Settings, rows: pd.DataFrame) -> Truth:
    """The target's column, read as the metrics want it."""
    column = find_column(rows, settings.data.target, asked_by="data.target")
    metrics = [limits.metric for limits in settings.metrics]
    if not metrics and (settings.fairness or settings.flips):
        # They alone say that the target holds classes, as any metric of labels does.
        metrics = [METRICS["accuracy"]]
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
    variants: tuple[Variant, ...] | Failure,
    threshold: float | None,
    *,
    who: str,
) -> Said | Failure:
    """What the model says of all it is asked; whatever is missing for it is why it says nothing."""

    def said() -> Said:
        reads, asks = of(truth), of(variants)
        answers = world.predict(of(model), of(rows), who=who, variants=asks)
        predictions = reads.read(answers.output, threshold=threshold, who=who)
        return Said(answers=answers, predictions=predictions, variants=asks)

    return attempt(said)


def far_from_expected(*models: tuple[str, Said | Failure]) -> tuple[CheckResult, ...]:
    """A warning for each column whose values lie far from what a model was fitted on."""
    return tuple(
        CheckResult(
            id="provenance.inputs",
            area=Area.PROVENANCE,
            outcome=Outcome.WARNED,
            severity=Severity.WARN,
            message=f"{who}: {sentence}",
        )
        for who, said in models
        if isinstance(said, Said)
        for sentence in said.answers.unexpected
    )
