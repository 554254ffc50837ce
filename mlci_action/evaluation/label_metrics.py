"""How do the two models compare by the labels they give?

Proportions take the paired score interval, other metrics of two classes the joint counts with half
a row in each discordant cell (after Agresti and Min 2005), those of several classes one influence
value per row. Half rows keep the interval wide where hardly a row tells the models apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Interval
from mlci_action.domain.metric import Metric, Task
from mlci_action.evaluation.confusion import ClassCounts, cell_gradient, class_counts, label_value
from mlci_action.evaluation.dependence import FEWEST_UNITS, units_of
from mlci_action.evaluation.intervals import (
    CELLS,
    INFLUENCE,
    SCORE,
    Discordant,
    mean_of_two,
    not_estimable,
    resting_on,
    score_interval,
    spread_from_moments,
    spread_of,
    t_interval,
    two_rows,
)
from mlci_action.evaluation.paired import Estimate, PairedRows, estimate
from mlci_action.evaluation.predictions import Predictions
from mlci_action.evaluation.relative import beside_baseline, with_moments

_Labels = NDArray[np.int64]
_Mask = NDArray[np.bool_]
# With one label per row these are all the share of rows that are right.
_SHARE_RIGHT = frozenset(
    {"accuracy", "precision_micro", "recall_micro", "f1_micro", "recall_weighted"}
)
_MEAN_RECALL = frozenset({"balanced_accuracy", "recall_macro"})
# The joint cells [truth, candidate, baseline] of two classes where the models differ.
_HALF_ROWS = 0.5 * np.array([[[0.0, 1.0], [1.0, 0.0]]] * 2)


def label_estimates(
    rows: PairedRows, model: Predictions, metrics: Sequence[Metric]
) -> dict[str, Estimate]:
    """One model's values, by metric name."""
    if not metrics:
        return {}
    if model.labels is None:
        return {metric.name: Estimate(note="the model gives no class labels") for metric in metrics}
    counts = class_counts(_confusion(rows, model.labels))
    return {
        metric.name: estimate(label_value(metric, counts), note=_why_undefined(metric.function))
        for metric in metrics
    }


def label_intervals(rows: PairedRows, metrics: Sequence[Metric]) -> dict[str, Interval]:
    """The intervals of metrics that both models have a value of, by metric name."""
    ours = rows.candidate.labels
    theirs = None if rows.baseline is None else rows.baseline.labels
    if not metrics or ours is None or theirs is None:
        return {}
    labels = (ours, theirs)
    joint = _joint_cells(rows, *labels) if rows.task is Task.BINARY else None
    intervals: dict[str, Interval] = {}
    one_class = rows.truth.min() == rows.truth.max()
    # One unit may hold rows of both classes, whose recalls then move together.
    independent = rows.weight is None and rows.dependence is None
    for metric in metrics:
        function = metric.function
        if joint is not None and one_class and _balances(function):
            intervals[metric.name] = not_estimable(CELLS, "the rows hold only one class")
        elif rows.weight is None and function in _SHARE_RIGHT:
            intervals[metric.name] = _share_right(rows, *labels)[1]
        elif rows.weight is None and joint is not None and function == "recall":
            intervals[metric.name] = _share_right(rows, *labels, among=rows.truth == 1)[1]
        elif independent and joint is not None and function in _MEAN_RECALL:
            intervals[metric.name] = _mean_recall(rows, *labels)
        elif joint is not None:
            intervals[metric.name] = _from_cells(metric, rows, joint)
        else:
            intervals[metric.name] = _from_rows(metric, rows, *labels)
    return {
        metric.name: _beside_baseline(metric, intervals[metric.name], rows, *labels, joint=joint)
        for metric in metrics
    }


def _beside_baseline(
    metric: Metric,
    interval: Interval,
    rows: PairedRows,
    ours: _Labels,
    theirs: _Labels,
    *,
    joint: _JointCells | None,
) -> Interval:
    """The interval with how uncertain the baseline's value is, from counts where that is enough."""
    of_ours, of_theirs = (
        cell_gradient(metric, class_counts(_confusion(rows, labels))) for labels in (ours, theirs)
    )
    if not (np.isfinite(of_ours).all() and np.isfinite(of_theirs).all()):
        return interval
    if joint is not None and rows.dependence is None:
        before = np.broadcast_to(of_theirs[:, None, :], (2, 2, 2))
        seen = joint.second - joint.half_second
        moved = (of_ours[:, :, None] - before) * before
        return with_moments(interval, float((seen * before**2).sum()), float((seen * moved).sum()))
    before = of_theirs[rows.truth, theirs] * _weights(rows)
    after = of_ours[rows.truth, ours] * _weights(rows)
    return beside_baseline(interval, after - before, before, rows.dependence)


def _balances(name: str) -> bool:
    """Whether the metric says nothing about rows of one class."""
    return name.endswith("_macro") or name == "matthews_corrcoef"


def _confusion(rows: PairedRows, labels: _Labels) -> NDArray[np.float64]:
    k = rows.n_classes
    cells = np.bincount(rows.truth * k + labels, rows.weight, k * k)
    return cells.reshape(k, k).astype(np.float64)


def _why_undefined(name: str) -> str:
    kind, _, average = name.partition("_")
    reasons = {
        "precision": "a class that is there is never predicted",
        "recall": "a class that is predicted has no rows",
        "f1": "the class is neither in the data nor predicted",
        "balanced": "the rows hold fewer than two classes",
    }
    if kind == "precision" and not average:
        return "the positive class is never predicted"
    if kind == "recall" and not average:
        return "no row is of the positive class"
    return reasons.get(kind, "there are no rows")


def _share_right(
    rows: PairedRows, ours: _Labels, theirs: _Labels, among: _Mask | None = None
) -> tuple[float, Interval]:
    """The difference in the share right of the rows that count, and its score interval."""
    right, other = ours == rows.truth, theirs == rows.truth
    won, lost = right & ~other, other & ~right
    if among is not None:
        won, lost = won & among, lost & among
    counts = Discordant(
        only_candidate=float(np.count_nonzero(won)),
        only_baseline=float(np.count_nonzero(lost)),
        rows=float(rows.n if among is None else np.count_nonzero(among)),
    )
    interval = _score_of(rows, counts, won, lost, among)
    return counts.difference, resting_on(
        interval, int(counts.only_candidate + counts.only_baseline)
    )


def _score_of(
    rows: PairedRows, counts: Discordant, won: _Mask, lost: _Mask, among: _Mask | None
) -> Interval:
    if rows.dependence is None:
        return score_interval(counts, confidence=rows.confidence)
    counting = np.ones(rows.n, bool) if among is None else among
    inside = units_of(rows.dependence.codes[counting])
    if inside.count < FEWEST_UNITS:
        return not_estimable(SCORE, f"only {inside.count} independent units hold rows that count")
    gain = won.astype(np.float64) - lost
    influence = (gain[counting] - counts.difference) / counts.rows
    return score_interval(
        counts.divided_by(inside.effect(influence)),
        confidence=rows.confidence,
        df=inside.count - 1.0,
    )


def _mean_recall(rows: PairedRows, ours: _Labels, theirs: _Labels) -> Interval:
    positives = _share_right(rows, ours, theirs, among=rows.truth == 1)
    negatives = _share_right(rows, ours, theirs, among=rows.truth == 0)
    discordant = int(np.count_nonzero(ours != theirs))
    return resting_on(mean_of_two(positives, negatives), discordant)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _JointCells:
    """Cells [truth, candidate, baseline] of two classes, (2, 2, 2), half rows included.

    first, second, fourth: sums of w, w² and w⁴ (all equal without weights). units: (G, 8) sums of w
    per unit without half rows, None for independent rows. cell: (n,) of each row. differing: rows
    the models differ on.
    """

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    fourth: NDArray[np.float64]
    half_second: NDArray[np.float64]
    half_fourth: NDArray[np.float64]
    cell: NDArray[np.int64]
    units: NDArray[np.float64] | None
    differing: int


def _joint_cells(rows: PairedRows, ours: _Labels, theirs: _Labels) -> _JointCells:
    cell = (rows.truth * 2 + ours) * 2 + theirs
    w = rows.weight
    powers = (None, None, None) if w is None else (w, w**2, w**4)
    # A half row has the mean weight (mean square, mean fourth power) of the rows.
    halves = [_HALF_ROWS * (1.0 if power is None else power.mean()) for power in powers]
    sums = [
        np.bincount(cell, power, 8).astype(np.float64).reshape(2, 2, 2) + half
        for power, half in zip(powers, halves, strict=True)
    ]
    units = None
    if rows.dependence is not None:
        count = rows.dependence.count
        of_unit = np.bincount(rows.dependence.codes * 8 + cell, w, 8 * count)
        units = of_unit.reshape(count, 8).astype(np.float64)
    return _JointCells(
        first=sums[0],
        second=sums[1],
        fourth=sums[2],
        half_second=halves[1],
        half_fourth=halves[2],
        cell=cell,
        units=units,
        differing=int(np.count_nonzero(ours != theirs)),
    )


def _from_cells(metric: Metric, rows: PairedRows, joint: _JointCells) -> Interval:
    """Two classes: the influence is the same for all rows of a joint cell."""
    ours, theirs = class_counts(joint.first.sum(axis=2)), class_counts(joint.first.sum(axis=1))
    centre = label_value(metric, ours) - label_value(metric, theirs)
    influence = cell_gradient(metric, ours)[:, :, None] - cell_gradient(metric, theirs)[:, None, :]
    if joint.units is None or rows.dependence is None:
        second = float((joint.second * influence**2).sum())
        fourth = float((joint.fourth * influence**4).sum())
        count = rows.n + 2.0  # the half rows count
    else:
        sums = joint.units @ influence.ravel()
        # Beside rows that move together, what was not seen would move together as well.
        effect = rows.dependence.effect(influence.ravel()[joint.cell] * _weights(rows))
        second = float((sums**2).sum() + (joint.half_second * influence**2).sum() * effect**2)
        fourth = float((sums**4).sum() + (joint.half_fourth * influence**4).sum() * effect**4)
        count = float(len(sums))
    spread = spread_from_moments(second, fourth, count, rows.dependence)
    interval = t_interval(CELLS, metric, centre, spread, confidence=rows.confidence)
    return resting_on(interval, joint.differing)


def _from_rows(metric: Metric, rows: PairedRows, ours: _Labels, theirs: _Labels) -> Interval:
    """Several classes: one influence value per row, and two rows more for what was not seen."""
    counts, other = (class_counts(_confusion(rows, labels)) for labels in (ours, theirs))
    if not np.array_equal(counts.present, other.present):
        return not_estimable(INFLUENCE, "the two models' averages do not cover the same classes")
    gradient = cell_gradient(metric, counts)
    of_other = cell_gradient(metric, other)
    influence = gradient[rows.truth, ours] - of_other[rows.truth, theirs]
    if rows.weight is not None:
        influence *= rows.weight
    differing = int(np.count_nonzero(ours != theirs))
    if not np.isfinite(influence).all():
        return not_estimable(INFLUENCE, "a model that gives one class alone has no interval")
    unseen = math.hypot(
        _reach(rows, gradient, counts, ours), _reach(rows, of_other, other, theirs)
    ) / math.sqrt(2)
    effect = 1.0 if rows.dependence is None else rows.dependence.effect(influence)
    spread = spread_of(influence, rows.dependence).plus(two_rows(unseen * effect, None))
    centre = label_value(metric, counts) - label_value(metric, other)
    interval = t_interval(INFLUENCE, metric, centre, spread, confidence=rows.confidence)
    return resting_on(interval, differing)


def _weights(rows: PairedRows) -> NDArray[np.float64]:
    return np.ones(rows.n) if rows.weight is None else rows.weight


def _reach(
    rows: PairedRows, gradient: NDArray[np.float64], counts: ClassCounts, labels: _Labels
) -> float:
    """How far one row's change to its worst other label moves the metric: root mean square."""
    known = gradient[:, counts.present]
    largest = np.maximum(
        known.max(axis=1)[:, None] - gradient, gradient - known.min(axis=1)[:, None]
    )
    moved = largest[rows.truth, labels]
    if rows.weight is not None:
        moved = moved * rows.weight
    return math.sqrt(float((moved**2).mean()))
