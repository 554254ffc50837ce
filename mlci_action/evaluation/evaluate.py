"""What do the two models' predictions say? All of it, from checked predictions to one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.behaviour import Behaviour, FlippedRow
from mlci_action.domain.comparison import Comparison, ComparisonRow
from mlci_action.domain.limits import SliceLimits
from mlci_action.domain.metric import Metric, Needs, Task
from mlci_action.domain.slices import Slice
from mlci_action.errors import MlciError
from mlci_action.evaluation.behaviour.beside_metrics import behaviour, between_groups
from mlci_action.evaluation.behaviour.flips import flipped_rows, flips
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.metrics.custom_metrics import (
    CUSTOM,
    CustomAnswer,
    CustomAnswers,
    CustomQuestion,
    CustomRows,
    bootstrap_levels,
    class_values,
    custom_rows,
)
from mlci_action.evaluation.reading.columns import find_column
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import (
    Predictions,
    SliceRows,
    same_answers,
)
from mlci_action.evaluation.reading.repeated_ids import repeated_ids
from mlci_action.evaluation.scored_rows import Question, ScoredRows, paired_rows

AskCustom = Callable[[CustomQuestion], CustomAnswers]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluated:
    """The comparison, the rows that changed sides, and why which custom metric does not work."""

    comparison: Comparison
    flipped: tuple[FlippedRow, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()


def evaluate(
    question: Question,
    scored: ScoredRows,
    candidate: Predictions,
    baseline: Predictions | None,
    *,
    same_model: bool = False,
    ask_custom: AskCustom,
    beside: bool = True,
) -> Evaluated:
    """Everything that the predictions of the n scored rows say; no baseline, no differences.

    same_model: both are one file, asked at one threshold. `ask_custom` runs the user's own metrics,
    when the question holds some; an MlciError of it leaves the other metrics as they are. Without
    `beside`, what no limit judges (regions, calibration, warnings, flipped rows) is left out.
    """
    comparison = compare_models(
        scored.target,
        candidate,
        baseline,
        metrics=[metric for metric in question.metrics if metric.function != CUSTOM],
        slices=scored.slices,
        evidence=question.evidence,
        units=scored.units,
        time_order=scored.time_order,
        sample_weight=scored.weight,
        same_model=same_model,
    )
    rows = paired_rows(scored, candidate, baseline, question.evidence)
    same = same_answers(candidate, baseline, same_model=same_model)
    custom = _custom(question, scored, rows, same, ask_custom)
    between, rates = between_groups(rows, scored.groups, question.fairness, same=same)
    whole = _with(comparison, custom, question.metrics, scored.slices)
    whole = replace(whole, rows=_overall_first((*whole.rows, *between)))
    broken = tuple(custom.broken.items())
    if not beside:
        judged = Behaviour(flips=flips(rows, same=same[Needs.LABELS]))
        return Evaluated(comparison=replace(whole, behaviour=judged), broken=broken)
    seen = behaviour(
        rows,
        scored.frame.drop(columns=list(question.set_aside), errors="ignore"),
        question.slices or SliceLimits(),
        evidence=question.evidence,
        same=same,
    )
    return Evaluated(
        comparison=replace(
            whole,
            notes=(*comparison.notes, *_thresholds_in_words(question)),
            warnings=_warnings(question, scored),
            behaviour=replace(seen, groups=rates),
        ),
        flipped=flipped_rows(
            scored.target, candidate, baseline, ids=scored.ids, sample_weight=scored.weight
        ),
        broken=broken,
    )


def _overall_first(rows: Sequence[ComparisonRow]) -> tuple[ComparisonRow, ...]:
    """The rows over all rows, fairness last of them, then those of slices."""
    return tuple(sorted(rows, key=lambda row: row.slice is not None))


def _without_unit(rows: int, column: str) -> str:
    how = "1 row has" if rows == 1 else f"{rows:,} rows have"
    return f"{how} no {column!r}: each counts as a unit of its own"


def _warnings(question: Question, scored: ScoredRows) -> tuple[str, ...]:
    """Dependence that nobody declared makes every interval too narrow."""
    unit = question.evidence.unit
    if unit is not None:
        alone = int(find_column(scored.frame, unit, asked_by="evidence.unit").isna().sum())
        return (_without_unit(alone, unit),) if alone else ()
    if scored.units is not None or scored.time_order is not None:
        return ()
    repeated = repeated_ids(scored.frame, declared=question.id)
    return () if repeated is None else (repeated,)


def _thresholds_in_words(question: Question) -> tuple[str, ...]:
    ours, theirs = question.thresholds
    if ours is None and theirs is None:
        return ()
    if ours == theirs:
        return (f"scores of at least {ours:g} are positive",)
    said = ("its own labels" if at is None else f"{at:g} or more" for at in (ours, theirs))
    return ("positive are, of the candidate: {}; of the baseline: {}".format(*said),)


def _custom(
    question: Question,
    scored: ScoredRows,
    rows: PairedRows,
    same: Mapping[Needs, str],
    ask: AskCustom,
) -> CustomRows:
    metrics = tuple(metric for metric in question.metrics if metric.function == CUSTOM)
    if not metrics:
        return CustomRows()
    # A row of no weight is no row.
    kept = np.flatnonzero(np.ones(rows.n) if rows.weight is None else rows.weight)
    rows = rows.take(kept)
    too_few = rows.dependence is not None and rows.dependence.too_few
    pointless = rows.baseline is None or too_few or all(same[one.reads] for one in metrics)
    asked = CustomQuestion(
        metrics=metrics,
        rows=rows,
        classes=_spelling(scored),
        frame=scored.frame.iloc[kept],
        slices=tuple(np.flatnonzero(part.rows[kept]) for part in scored.slices),
        levels=None if pointless else bootstrap_levels(rows, question.evidence.confidence),
        seed=question.evidence.seed,
    )
    try:
        answers = ask(asked)
    except MlciError as error:
        answers = {metric.name: CustomAnswer(error=str(error)) for metric in metrics}
    return custom_rows(asked, answers, [part.slice for part in scored.slices], same)


def _spelling(scored: ScoredRows) -> NDArray[Any] | None:
    target = scored.target
    if target.task is Task.REGRESSION:
        return None
    return class_values(scored.labels, target.values)


def _with(
    comparison: Comparison,
    custom: CustomRows,
    metrics: Sequence[Metric],
    slices: Sequence[SliceRows],
) -> Comparison:
    """The comparison with the rows of custom metrics in the places that the settings give them."""
    if not custom.rows:
        return comparison
    known: dict[tuple[str, Slice | None], ComparisonRow] = {
        (row.metric.name, row.slice): row for row in comparison.rows
    }
    known |= custom.rows
    parts = (None, *(part.slice for part in slices))
    ordered = ((metric.name, part) for part in parts for metric in metrics)
    return replace(comparison, rows=tuple(known[key] for key in ordered if key in known))
