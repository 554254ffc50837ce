"""How differently do the models treat the groups of a sensitive column?

Values are fairlearn's: the widest difference between two groups' rates, or the smallest ratio, of
equalized odds the worse of the two rates'. Unlike there, groups too small to judge and groups
without the rows of a rate are left out, and a ratio of zeros has no value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.behaviour import GroupRates
from mlci_action.domain.comparison import ComparisonRow, Interval, Standing
from mlci_action.domain.metric import Metric
from mlci_action.evaluation.fairness.gap_intervals import (
    GROUPS,
    MOST_GROUPS,
    beside_gap,
    change_of_gap,
    gap_interval,
)
from mlci_action.evaluation.fairness.group_rates import Groups, Rate, group_table, groups_of
from mlci_action.evaluation.fairness.joint_rates import JointRates, joint_rates
from mlci_action.evaluation.intervals.methods import IDENTICAL, not_estimable, resting_on
from mlci_action.evaluation.intervals.relative import with_moments
from mlci_action.evaluation.reading.dependence import FEWEST_UNITS
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, SliceRows

_RATES = {
    "demographic_parity": (Rate.SELECTION,),
    "equal_opportunity": (Rate.TRUE_POSITIVE,),
    "equalized_odds": (Rate.TRUE_POSITIVE, Rate.FALSE_POSITIVE),
}
_FEWEST_GROUPS = 2


def fairness(
    rows: PairedRows,
    parts: Sequence[SliceRows],
    sensitive: str,
    metrics: Sequence[Metric],
    *,
    min_rows: int,
    same: str = "",
) -> tuple[tuple[ComparisonRow, ...], tuple[GroupRates, ...]]:
    """One row per metric between the groups `parts` of two-class `rows`, and every group's rates.

    sensitive: the columns that make the groups, as results name them. metrics: of
    `FAIRNESS_METRICS`. Groups of fewer than `min_rows` rows drive nothing. same: why the two models
    count as one, when they do. Without labels of both models there are rows without values.
    """
    rows, parts = _with_weight(_labels_alone(rows), parts)
    ours, theirs = rows.candidate.labels, rows.candidate.labels
    if rows.baseline is not None:
        theirs = rows.baseline.labels
    if ours is None or theirs is None:
        note = f"{'candidate' if ours is None else 'baseline'}: the model gives no class labels"
        bare = [_without_value(metric, sensitive, rows.n) for metric in metrics]
        compares = rows.baseline is not None
        return tuple(_with_reason(row, note, compares=compares) for row in bare), ()
    groups = groups_of(rows, parts, min_rows)
    gaps = {rates: _gaps(rows, groups, rates) for rates in {_rates_of(m): None for m in metrics}}
    table = tuple(_row(groups, gaps[_rates_of(m)], sensitive, m, same=same) for m in metrics)
    return table, group_table(groups, sensitive)


def _labels_alone(rows: PairedRows) -> PairedRows:
    """The same rows without all that is not read here, which taking parts of them would copy."""
    before = rows.baseline
    return replace(
        rows,
        candidate=Predictions(labels=rows.candidate.labels),
        baseline=None if before is None else Predictions(labels=before.labels),
    )


def _with_weight(
    rows: PairedRows, parts: Sequence[SliceRows]
) -> tuple[PairedRows, Sequence[SliceRows]]:
    """Without the rows of no weight, which are no rows."""
    if rows.weight is None or bool((rows.weight > 0).all()):
        return rows, parts
    kept = np.flatnonzero(rows.weight > 0)
    return rows.take(kept), [replace(part, rows=part.rows[kept]) for part in parts]


def _rates_of(metric: Metric) -> tuple[Rate, ...]:
    return _RATES[metric.function.rpartition("_")[0]]


def _is_ratio(metric: Metric) -> bool:
    return metric.function.endswith("_ratio")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Gaps:
    """What the intervals of some rates' gaps are made of, or `why_none`.

    kind: (K,) which of `rates` each of the joint rates is. differing: rows on which the models do.
    """

    rates: tuple[Rate, ...]
    joint: JointRates | None = None
    kind: NDArray[np.int64]
    confidence: float
    differing: int = 0
    why_none: str = ""


def _gaps(rows: PairedRows, groups: Groups, rates: tuple[Rate, ...]) -> _Gaps:
    code, kind = groups.rate_of_rows(rows.truth, rates)
    inside = rows.take(np.flatnonzero(code >= 0))
    ours = inside.candidate.labels
    theirs = ours if inside.baseline is None else inside.baseline.labels
    none = _Gaps(rates=rates, kind=kind, confidence=rows.confidence)
    if inside.dependence is not None and inside.dependence.too_few:
        return replace(none, why_none=inside.dependence.too_few)
    if not len(kind) <= MOST_GROUPS * len(rates):
        why = f"{len(kind) // len(rates)} groups, of which at most {MOST_GROUPS} make an interval"
        return replace(none, why_none=why)
    if ours is None or theirs is None or not len(ours):
        return replace(none, why_none="there are no rows")
    joint = joint_rates(inside, ours, theirs, code[code >= 0], len(kind))
    if joint.fewest_units is not None and joint.fewest_units < FEWEST_UNITS:
        why = f"only {joint.fewest_units} independent units in one of the groups"
        return replace(none, why_none=why)
    return replace(none, joint=joint, differing=int(np.count_nonzero(ours != theirs)))


def _row(
    groups: Groups, gaps: _Gaps, sensitive: str, metric: Metric, *, same: str
) -> ComparisonRow:
    """Values and intervals, or a note why there are none; left out groups are always noted."""
    left_out, compares = groups.left_out(gaps.rates), groups.baseline is not None
    row = _without_value(metric, sensitive, int(groups.rows[groups.judged].sum()))
    for rate in gaps.rates:
        if not len(groups.counting(rate)) >= _FEWEST_GROUPS:
            why = _joined(_too_few_groups(groups, rate), left_out)
            return _with_reason(row, why, compares=compares)
    ours, why_not = _value(groups, groups.candidate, gaps.rates, metric)
    row = replace(row, candidate=ours, candidate_interval=_own(gaps, metric, ours))
    theirs = None
    if groups.baseline is not None:
        theirs, why = _value(groups, groups.baseline, gaps.rates, metric)
        swapped = replace(gaps, joint=None if gaps.joint is None else gaps.joint.swapped)
        row = replace(row, baseline=theirs, baseline_interval=_own(swapped, metric, theirs))
        why_not = f"candidate: {why_not}" if why_not else why and f"baseline: {why}"
    if ours is None or theirs is None:
        return _with_reason(row, _joined(why_not, left_out), compares=compares)
    interval = _change(gaps, metric, ours - theirs, same=same)
    note = _joined(interval.note, left_out)
    return replace(row, diff=ours - theirs, interval=interval, note=note)


def _without_value(metric: Metric, sensitive: str, n: int) -> ComparisonRow:
    return ComparisonRow(metric=metric, slice=None, n=n, candidate=None, sensitive=sensitive)


def _with_reason(row: ComparisonRow, note: str, *, compares: bool) -> ComparisonRow:
    """A row of which a value is missing; where a baseline is there, its interval says so too."""
    return replace(row, note=note, interval=not_estimable(GROUPS, note) if compares else None)


def _too_few_groups(groups: Groups, rate: Rate) -> str:
    count = len(groups.counting(rate))
    having = f"at least {groups.min_rows:,} rows"
    if rate is not Rate.SELECTION:
        having += f" and a {rate.value.replace('_', ' ')}"
    return f"{'only one group has' if count else 'no group has'} {having}"


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _value(
    groups: Groups, said: NDArray[np.float64], rates: tuple[Rate, ...], metric: Metric
) -> tuple[float | None, str]:
    """The metric's value, or why there is none."""
    found = []
    for rate in rates:
        counting = groups.rates(said, rate)[groups.counting(rate)]
        low, high = float(counting.min()), float(counting.max())
        if not _is_ratio(metric):
            found.append(high - low)
        elif high > 0:
            found.append(low / high)
        else:
            return None, f"the {rate.value.replace('_', ' ')} of every group is 0"
    return (min(found) if _is_ratio(metric) else max(found)), ""


def _own(gaps: _Gaps, metric: Metric, value: float | None) -> tuple[float, float] | None:
    """The interval of one model's value."""
    if gaps.joint is None or value is None:
        return None
    ratio = _is_ratio(metric)
    low, high = gap_interval(gaps.joint, gaps.kind, ratio=ratio, confidence=gaps.confidence)
    if ratio:
        low, high = -high, -low
    return max(min(low, value), 0.0), min(max(high, value), 1.0)


def _change(gaps: _Gaps, metric: Metric, diff: float, *, same: str) -> Interval:
    if same:
        return Interval(method=IDENTICAL, standing=Standing.SETTLES, low=0.0, high=0.0, note=same)
    if gaps.joint is None:
        return not_estimable(GROUPS, gaps.why_none)
    ratio = _is_ratio(metric)
    low, high = change_of_gap(gaps.joint, gaps.kind, ratio=ratio, confidence=gaps.confidence)
    if ratio:
        low, high = -high, -low
    interval = Interval(
        method=GROUPS,
        standing=Standing.SETTLES,
        low=max(min(low, diff), -1.0),
        high=min(max(high, diff), 1.0),
    )
    interval = with_moments(interval, *beside_gap(gaps.joint, gaps.kind, ratio=ratio))
    return resting_on(interval, gaps.differing)
