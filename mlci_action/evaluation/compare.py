"""How do the two models compare on the same rows? Every metric, overall and slice by slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Comparison, ComparisonRow, Interval, Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Metric
from mlci_action.domain.slices import Slice
from mlci_action.errors import SettingsError
from mlci_action.evaluation.dependence import Dependence, blocks_in_time, units_of
from mlci_action.evaluation.families import FAMILIES, Family
from mlci_action.evaluation.intervals import IDENTICAL, INFLUENCE, not_estimable
from mlci_action.evaluation.paired import (
    Estimate,
    PairedRows,
)
from mlci_action.evaluation.predictions import Predictions, SliceRows, Target
from mlci_action.evaluation.views import views


def compare_models(
    target: Target,
    candidate: Predictions,
    baseline: Predictions | None,
    *,
    metrics: Sequence[Metric],
    slices: Sequence[SliceRows] = (),
    evidence: Evidence,
    units: NDArray[np.int64] | None = None,
    time_order: NDArray[np.int64] | None = None,
    sample_weight: NDArray[np.float64] | None = None,
    same_model: bool = False,
) -> Comparison:
    """One row per metric over all n scored rows, then one per slice and metric.

    All arrays are (n,), the scored rows alone. units: codes >= 0, rows of one code depend on each
    other. time_order: ranks of the rows in time, when neighbours depend on each other. Without a
    baseline only the candidate's values are there. Metrics that do not fit the task are left out.

    One file asked twice (`same_model`), or two whose scores are the same to the last bit on every
    row, differ by nothing: method `identical`, interval [0, 0]. Two that only give the same labels
    keep the width that n rows without a difference leave.
    """
    rows = PairedRows(
        task=target.task,
        classes=target.classes,
        truth=target.values,
        candidate=candidate,
        baseline=baseline,
        weight=sample_weight,
        dependence=_dependence(units, time_order),
        confidence=evidence.confidence,
    )
    # A row of no weight is no row: not for the count, and not for what was not seen.
    counts = np.ones(rows.n, bool) if sample_weight is None else sample_weight > 0
    kept = np.flatnonzero(counts)
    rows = rows.take(kept) if len(kept) < rows.n else rows
    fitting = [metric for metric in metrics if target.task in metric.tasks]
    same = "the two models are the same file" if same_model else _same_scores(candidate, baseline)
    table = _compare_rows(rows, fitting, None, same_scores=same)
    for part in slices:
        inside = rows.take(np.flatnonzero(part.rows[kept]))
        table += _compare_rows(inside, fitting, part.slice, same_scores=same)
    return Comparison(
        task=target.task,
        n_rows=rows.n,
        confidence=evidence.confidence,
        rows=tuple(table),
        disagreement=_disagreement(rows),
        notes=_notes(rows, evidence),
    )


def _dependence(
    units: NDArray[np.int64] | None, time_order: NDArray[np.int64] | None
) -> Dependence | None:
    if units is not None and time_order is not None:
        raise SettingsError(
            "evidence names both a unit and a time",
            hint="keep the one along which rows depend on each other more",
        )
    if units is not None:
        return units_of(units)
    return None if time_order is None else blocks_in_time(time_order)


def _compare_rows(
    rows: PairedRows, metrics: Sequence[Metric], part: Slice | None, *, same_scores: str
) -> list[ComparisonRow]:
    """Every metric on one set of rows, in the order of the settings."""
    if rows.n == 0:
        return [
            ComparisonRow(metric=metric, slice=part, n=0, candidate=None, note="there are no rows")
            for metric in metrics
        ]
    said: dict[str, _Said] = {}
    for seen, alike in views(rows, metrics):
        for family in FAMILIES:
            said |= _ask(family, seen, family.of(alike), same_scores=same_scores)
    return [_row(rows.n, metric, part, said[metric.name]) for metric in metrics]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """What there is of one metric; without a baseline only the candidate's value."""

    ours: Estimate
    theirs: Estimate | None = None
    interval: Interval | None = None


def _ask(
    family: Family, rows: PairedRows, metrics: Sequence[Metric], *, same_scores: str
) -> dict[str, _Said]:
    """Both models' values and the intervals, by metric name."""
    if not metrics:
        return {}
    ours = family.estimates(rows, rows.candidate, metrics)
    if rows.baseline is None:
        return {name: _Said(ours=value) for name, value in ours.items()}
    theirs = family.estimates(rows, rows.baseline, metrics)
    known = [
        metric
        for metric in metrics
        if ours[metric.name].value is not None and theirs[metric.name].value is not None
    ]
    if same_scores:
        intervals = {metric.name: _identical(same_scores) for metric in known}
    elif rows.dependence is not None and rows.dependence.too_few:
        nothing = not_estimable(INFLUENCE, rows.dependence.too_few)
        intervals = {metric.name: nothing for metric in known}
    else:
        intervals = family.intervals(rows, known, ours, theirs)
    return {
        name: _Said(ours=value, theirs=theirs[name], interval=intervals.get(name))
        for name, value in ours.items()
    }


def _identical(why: str) -> Interval:
    return Interval(method=IDENTICAL, standing=Standing.SETTLES, low=0.0, high=0.0, note=why)


def _row(n: int, metric: Metric, part: Slice | None, said: _Said) -> ComparisonRow:
    ours, theirs = said.ours, said.theirs
    if theirs is None:
        return ComparisonRow(metric=metric, slice=part, n=n, candidate=ours.value, note=ours.note)
    if ours.value is None or theirs.value is None or said.interval is None:
        whose = "candidate" if ours.value is None else "baseline"
        note = f"{whose}: {ours.note or theirs.note}"
        return ComparisonRow(
            metric=metric,
            slice=part,
            n=n,
            candidate=ours.value,
            baseline=theirs.value,
            interval=not_estimable(INFLUENCE, note),
            note=note,
        )
    return ComparisonRow(
        metric=metric,
        slice=part,
        n=n,
        candidate=ours.value,
        baseline=theirs.value,
        diff=ours.value - theirs.value,
        interval=said.interval,
        note=said.interval.note,
    )


def _same_scores(candidate: Predictions, baseline: Predictions | None) -> str:
    """Why the two count as one model, or an empty text.

    Scores of two values are labels by another name: that they agree says little of other rows.
    """
    ours, theirs = candidate.raw_scores, None if baseline is None else baseline.raw_scores
    if ours is None or theirs is None or not len(ours):
        return ""
    if ours.dtype != theirs.dtype or not np.array_equal(ours, theirs):
        return ""
    hard = ((ours == ours.min()) | (ours == ours.max())).all()
    return "" if hard else "the two models give the same scores on every row"


def _disagreement(rows: PairedRows) -> float | None:
    ours = rows.candidate.labels
    theirs = None if rows.baseline is None else rows.baseline.labels
    if ours is None or theirs is None or rows.n == 0:
        return None
    return int(np.count_nonzero(ours != theirs)) / rows.n


def _notes(rows: PairedRows, evidence: Evidence) -> tuple[str, ...]:
    notes = []
    if rows.dependence is not None and rows.dependence.order is None:
        column = "" if evidence.unit is None else f" of {evidence.unit!r}"
        notes.append(f"rows are counted by {rows.dependence.count} independent units{column}")
    elif rows.dependence is not None:
        column = "" if evidence.time is None else f" along {evidence.time!r}"
        notes.append(f"rows are counted by {rows.dependence.count} blocks of time{column}")
    if rows.weight is not None:
        notes.append("rows are weighted")
    return tuple(notes)
