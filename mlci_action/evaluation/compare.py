"""How do the two models compare on the same rows? Every metric, overall and slice by slice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Comparison, ComparisonRow, Interval, Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metrics import Metric, Needs
from mlci_action.domain.slices import Slice
from mlci_action.errors import SettingsError
from mlci_action.evaluation.dependence import Dependence, blocks_in_time, units_of
from mlci_action.evaluation.intervals import IDENTICAL, INFLUENCE, not_estimable
from mlci_action.evaluation.label_metrics import label_estimates, label_intervals
from mlci_action.evaluation.paired import (
    Estimate,
    PairedRows,
)
from mlci_action.evaluation.predictions import Predictions, SliceRows, Target
from mlci_action.evaluation.score_metrics import score_estimates, score_intervals
from mlci_action.evaluation.value_metrics import value_estimates, value_intervals


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

    One file asked twice (`same_model`) differs by nothing: method `identical`, interval [0, 0]. Two
    files that answer alike on every row keep the width that n rows without a difference leave, and
    have no interval where nothing bounds it (losses, errors).
    """
    rows = PairedRows(
        task=target.task,
        n_classes=len(target.classes),
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
    table = _compare_rows(rows, fitting, None, same_model=same_model)
    for part in slices:
        inside = rows.take(np.flatnonzero(part.rows[kept]))
        table += _compare_rows(inside, fitting, part.slice, same_model=same_model)
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
    rows: PairedRows, metrics: Sequence[Metric], part: Slice | None, *, same_model: bool
) -> list[ComparisonRow]:
    """Every metric on one set of rows, in the order of the settings."""
    if rows.n == 0:
        return [
            ComparisonRow(metric=metric, slice=part, n=0, candidate=None, note="there are no rows")
            for metric in metrics
        ]
    ours = _estimates(rows, rows.candidate, metrics)
    if rows.baseline is None:
        return [_row(rows, metric, part, ours[metric.name]) for metric in metrics]
    theirs = _estimates(rows, rows.baseline, metrics)
    intervals = _intervals(rows, metrics, ours, theirs)
    if same_model:
        intervals = dict.fromkeys(intervals, _IDENTICAL)
    return [
        _row(rows, metric, part, ours[metric.name], theirs[metric.name], intervals)
        for metric in metrics
    ]


def _estimates(
    rows: PairedRows, model: Predictions, metrics: Sequence[Metric]
) -> dict[str, Estimate]:
    return {
        **label_estimates(rows, model, _reading(Needs.LABELS, metrics)),
        **score_estimates(rows, model, _reading(Needs.SCORES, metrics)),
        **value_estimates(rows, model, _reading(Needs.VALUES, metrics)),
    }


def _intervals(
    rows: PairedRows,
    metrics: Sequence[Metric],
    ours: dict[str, Estimate],
    theirs: dict[str, Estimate],
) -> dict[str, Interval]:
    """The intervals of all metrics that both models have a value of."""
    known = [
        metric
        for metric in metrics
        if ours[metric.name].value is not None and theirs[metric.name].value is not None
    ]
    if rows.dependence is not None and rows.dependence.too_few:
        nothing = not_estimable(INFLUENCE, rows.dependence.too_few)
        return {metric.name: nothing for metric in known}
    return {
        **label_intervals(rows, _reading(Needs.LABELS, known)),
        **score_intervals(rows, _reading(Needs.SCORES, known), ours, theirs),
        **value_intervals(rows, _reading(Needs.VALUES, known), ours, theirs),
    }


_IDENTICAL = Interval(
    method=IDENTICAL,
    standing=Standing.SETTLES,
    low=0.0,
    high=0.0,
    note="the two models are the same file",
)


def _reading(needs: Needs, metrics: Sequence[Metric]) -> list[Metric]:
    return [metric for metric in metrics if metric.needs is needs]


def _row(
    rows: PairedRows,
    metric: Metric,
    part: Slice | None,
    ours: Estimate,
    theirs: Estimate | None = None,
    intervals: dict[str, Interval] | None = None,
) -> ComparisonRow:
    if theirs is None or intervals is None:
        return ComparisonRow(
            metric=metric, slice=part, n=rows.n, candidate=ours.value, note=ours.note
        )
    if ours.value is None or theirs.value is None:
        whose = "candidate" if ours.value is None else "baseline"
        note = f"{whose}: {ours.note or theirs.note}"
        return ComparisonRow(
            metric=metric,
            slice=part,
            n=rows.n,
            candidate=ours.value,
            baseline=theirs.value,
            interval=not_estimable(INFLUENCE, note),
            note=note,
        )
    return ComparisonRow(
        metric=metric,
        slice=part,
        n=rows.n,
        candidate=ours.value,
        baseline=theirs.value,
        diff=ours.value - theirs.value,
        interval=intervals[metric.name],
        note=intervals[metric.name].note,
    )


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
