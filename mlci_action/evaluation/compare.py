"""How do the two models compare on the same rows? Every metric, overall and slice by slice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Comparison, ComparisonRow, Interval, Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Metric, Needs
from mlci_action.domain.slices import Slice
from mlci_action.errors import SettingsError
from mlci_action.evaluation.intervals.methods import IDENTICAL, INFLUENCE, not_estimable
from mlci_action.evaluation.metrics.families import FAMILIES, Family
from mlci_action.evaluation.metrics.views import views
from mlci_action.evaluation.reading.dependence import Dependence, blocks_in_time, units_of
from mlci_action.evaluation.reading.paired import Estimate, PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, SliceRows, Target, same_answers


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

    One file asked twice (`same_model`), or two whose scores (and labels, where a metric reads them)
    are the same to the last bit on every row, differ by nothing: method `identical`, interval
    [0, 0]. Two that only give the same labels keep the width that n rows without a difference have.
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
    inside = [part.rows for part in slices]
    if sample_weight is not None and not (sample_weight > 0).all():
        # A row of no weight is no row: not for the count, and not for what was not seen.
        kept = np.flatnonzero(sample_weight > 0)
        rows, inside = rows.take(kept), [mask[kept] for mask in inside]
    fitting = [metric for metric in metrics if target.task in metric.tasks]
    same = same_answers(candidate, baseline, same_model=same_model)
    said = _ask_all(rows, inside, fitting, seed=evidence.seed, same=same)
    counts = [rows.n, *(int(np.count_nonzero(mask)) for mask in inside)]
    names = [None, *(part.slice for part in slices)]
    table = [
        _row(n, metric, name, of_part.get(metric.name))
        for n, name, of_part in zip(counts, names, said, strict=True)
        for metric in fitting
    ]
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


def _ask_all(
    rows: PairedRows,
    slices: Sequence[NDArray[np.bool_]],
    metrics: Sequence[Metric],
    *,
    seed: int,
    same: Mapping[Needs, str],
) -> list[dict[str, _Said]]:
    """What there is by metric name: of all rows, then of each slice that holds some."""
    said: list[dict[str, _Said]] = [{} for _ in (rows, *slices)]
    if rows.n == 0:
        return said
    for seen, alike in views(rows, metrics, seed=seed):
        asked = [(family, family.of(alike)) for family in FAMILIES]
        asked = [(family, of_family) for family, of_family in asked if of_family]
        said[0] |= _ask_families(seen, asked, same)
        for place, inside in enumerate(slices, start=1):
            index = np.flatnonzero(inside)
            if len(index):
                said[place] |= _ask_families(seen.take(index), asked, same)
    return said


def _ask_families(
    rows: PairedRows, asked: Sequence[tuple[Family, Sequence[Metric]]], same: Mapping[Needs, str]
) -> dict[str, _Said]:
    said: dict[str, _Said] = {}
    for family, metrics in asked:
        said |= _ask(family, rows, metrics, same=same)
    return said


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """What there is of one metric; without a baseline only the candidate's value.

    note: what a reader should know of the rows that it saw.
    """

    ours: Estimate
    theirs: Estimate | None = None
    interval: Interval | None = None
    note: str = ""


def _ask(
    family: Family, rows: PairedRows, metrics: Sequence[Metric], *, same: Mapping[Needs, str]
) -> dict[str, _Said]:
    """Both models' values and the intervals, by metric name."""
    ours = family.estimates(rows, rows.candidate, metrics)
    if rows.baseline is None:
        return {name: _Said(ours=_bare(one), note=rows.note) for name, one in ours.items()}
    theirs = family.estimates(rows, rows.baseline, metrics)
    known = [
        metric
        for metric in metrics
        if ours[metric.name].value is not None and theirs[metric.name].value is not None
    ]
    intervals = {
        metric.name: _identical(same[metric.reads]) for metric in known if same[metric.reads]
    }
    differing = [metric for metric in known if metric.name not in intervals]
    if rows.dependence is not None and rows.dependence.too_few:
        nothing = not_estimable(INFLUENCE, rows.dependence.too_few)
        intervals |= {metric.name: nothing for metric in differing}
    elif differing:
        intervals |= family.intervals(rows, differing, ours, theirs)
    return {
        name: _Said(
            ours=_bare(one),
            theirs=_bare(theirs[name]),
            interval=intervals.get(name),
            note=rows.note,
        )
        for name, one in ours.items()
    }


def _bare(known: Estimate) -> Estimate:
    """Without the influence of each row, which is long."""
    return Estimate(value=known.value, note=known.note)


def _identical(why: str) -> Interval:
    return Interval(method=IDENTICAL, standing=Standing.SETTLES, low=0.0, high=0.0, note=why)


def _row(n: int, metric: Metric, part: Slice | None, said: _Said | None) -> ComparisonRow:
    if said is None:
        note = "there are no rows"
        return ComparisonRow(metric=metric, slice=part, n=n, candidate=None, note=note)
    ours, theirs, interval = said.ours, said.theirs, said.interval
    if theirs is None:
        note = _joined(ours.note, said.note)
        return ComparisonRow(metric=metric, slice=part, n=n, candidate=ours.value, note=note)
    diff = None
    if ours.value is None or theirs.value is None or interval is None:
        whose, lacking = ("candidate", ours) if ours.value is None else ("baseline", theirs)
        interval = not_estimable(INFLUENCE, f"{whose}: {lacking.note}")
    else:
        diff = ours.value - theirs.value
    return ComparisonRow(
        metric=metric,
        slice=part,
        n=n,
        candidate=ours.value,
        baseline=theirs.value,
        diff=diff,
        interval=interval,
        note=_joined(interval.note, said.note),
    )


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


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
