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
from mlci_action.evaluation.intervals.methods import (
    CELLS,
    INFLUENCE,
    SCORE,
    Discordant,
    mean_of_two,
    not_estimable,
    power_of_two,
    resting_on,
    score_interval,
    spread_from_moments,
    t_interval,
    two_rows,
)
from mlci_action.evaluation.intervals.relative import with_moments
from mlci_action.evaluation.metrics.confusion import (
    ClassCounts,
    cell_gradients,
    class_counts,
    label_value,
)
from mlci_action.evaluation.metrics.joint_cells import JointCells, joint_cells
from mlci_action.evaluation.metrics.operating_point import why_no_labels
from mlci_action.evaluation.reading.dependence import FEWEST_UNITS, DesignEffect
from mlci_action.evaluation.reading.paired import Estimate, PairedRows, estimate
from mlci_action.evaluation.reading.predictions import Predictions

_Float = NDArray[np.float64]
_Labels = NDArray[np.int64]
_Mask = NDArray[np.bool_]
# With one label per row these are all the share of rows that are right.
_SHARE_RIGHT = frozenset(
    {"accuracy", "precision_micro", "recall_micro", "f1_micro", "recall_weighted"}
)
_MEAN_RECALL = frozenset({"balanced_accuracy", "recall_macro"})


def label_estimates(
    rows: PairedRows, model: Predictions, metrics: Sequence[Metric]
) -> dict[str, Estimate]:
    """One model's values, by metric name."""
    if not metrics:
        return {}
    if model.labels is None:
        return {metric.name: Estimate(note=why_no_labels(metric, model)) for metric in metrics}
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
    cells = joint_cells(rows, ours, theirs)
    halved = cells.with_half_rows() if rows.task is Task.BINARY else None
    tables = [cells] if halved is None else [cells, halved]
    labels = [cells.ours, cells.theirs] * len(tables)
    counts = class_counts(np.concatenate([table.confusions() for table in tables]))
    values, slopes = _values_and_slopes(metrics, counts)
    moved = slopes[:, np.arange(len(labels))[:, None], cells.truth, np.stack(labels)]
    variances, covariances = _baseline_moments(cells, slopes, moved)
    intervals: dict[str, Interval] = {}
    for place, metric in enumerate(metrics):
        pair = _Pair(
            rows=rows,
            cells=cells,
            halved=halved,
            present=counts.present,
            values=values[place],
            slopes=slopes[place],
            moved=moved[place],
        )
        intervals[metric.name] = with_moments(
            _interval(metric, pair), float(variances[place]), float(covariances[place])
        )
    return intervals


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Pair:
    """One metric of both models' labels on the rows.

    halved: the cells with half rows, of two classes alone. Of the candidate, the baseline and, of
    two classes, both with half rows: values: (2 or 4,), slopes: (..., k, k) gradients by the cells
    of the confusion matrix, NaN without, moved: (..., m) those of the joint cells, present:
    (..., k) the classes that are there.
    """

    rows: PairedRows
    cells: JointCells
    halved: JointCells | None
    present: _Mask
    values: _Float
    slopes: _Float
    moved: _Float


def _values_and_slopes(metrics: Sequence[Metric], counts: ClassCounts) -> tuple[_Float, _Float]:
    """(M, ...) values and (M, ..., k, k) gradients by the cells of the confusion matrices."""
    values, slopes = cell_gradients(metrics, counts)
    classes = np.minimum(np.count_nonzero(counts.truth, -1), np.count_nonzero(counts.said, -1))
    for metric, slope in zip(metrics, slopes, strict=True):
        if metric.function == "matthews_corrcoef":
            # A correlation with a constant has none, and sums of weights are too inexact for it.
            slope[classes == 1] = np.nan
    return values, slopes


def _baseline_moments(cells: JointCells, slopes: _Float, moved: _Float) -> tuple[_Float, _Float]:
    """(M,) how uncertain the baseline's own values are, and how the differences go with them."""
    before = moved[:, 1]
    difference = moved[:, 0] - before
    if cells.units is None:
        variance = (cells.second * before**2).sum(-1)
        covariance = (cells.second * difference * before).sum(-1)
    else:
        own = np.stack([cells.units.sums(one) for one in before])
        together = np.stack([cells.units.sums(one) for one in difference])
        inflation = cells.units.dependence.inflation
        variance, covariance = (own**2).sum(-1) * inflation, (together * own).sum(-1) * inflation
    known = np.isfinite(slopes[:, :2]).all((1, 2, 3))
    return np.where(known, variance, np.nan), np.where(known, covariance, np.nan)


def _interval(metric: Metric, pair: _Pair) -> Interval:
    rows, cells, function = pair.rows, pair.cells, metric.function
    # One unit may hold rows of both classes, whose recalls then move together.
    independent = rows.weight is None and rows.dependence is None
    if rows.weight is None and function in _SHARE_RIGHT:
        return _share_right(pair, np.ones(len(cells.truth), bool))[1]
    if pair.halved is None:
        return _from_classes(metric, pair)
    if _balances(function) and len(set(cells.truth[cells.rows > 0].tolist())) == 1:
        return not_estimable(CELLS, "the rows hold only one class")
    if rows.weight is None and function == "recall":
        return _share_right(pair, cells.truth == 1)[1]
    if independent and function in _MEAN_RECALL:
        recalls = [_share_right(pair, cells.truth == code) for code in (1, 0)]
        return resting_on(mean_of_two(*recalls), cells.differing)
    return _from_cells(metric, pair, pair.halved)


def _balances(name: str) -> bool:
    """Whether the metric says nothing about rows of one class."""
    return name.endswith("_macro") or name == "matthews_corrcoef"


def _confusion(rows: PairedRows, labels: _Labels) -> _Float:
    """(k, k) weights by truth and label, scaled: no metric changes when all weights double."""
    k = rows.n_classes
    cell = rows.truth * k
    cell += labels
    sums = np.bincount(cell, rows.weight, k * k).reshape(k, k)
    return sums / power_of_two(float(sums.max()))


def _why_undefined(name: str) -> str:
    kind, _, average = name.partition("_")
    reasons = {
        "precision": "a class that is there is never predicted",
        "recall": "a class that is predicted has no rows",
        "f1": "the class is neither in the data nor predicted",
        "fbeta": "the class is neither in the data nor predicted",
        "jaccard": "the class is neither in the data nor predicted",
        "balanced": "the rows hold fewer than two classes",
    }
    if kind == "precision" and not average:
        return "the positive class is never predicted"
    if kind == "recall" and not average:
        return "no row is of the positive class"
    return reasons.get(kind, "there are no rows")


def _share_right(pair: _Pair, among: _Mask) -> tuple[float, Interval]:
    """The difference in the share right of the rows in some cells, and its score interval."""
    cells = pair.cells
    right, other = cells.ours == cells.truth, cells.theirs == cells.truth
    won, lost = among & right & ~other, among & other & ~right
    counts = Discordant(
        only_candidate=float(cells.rows[won].sum()),
        only_baseline=float(cells.rows[lost].sum()),
        rows=float(cells.rows[among].sum()),
    )
    interval = _score_of(pair, counts, won * 1.0 - lost, among)
    return counts.difference, resting_on(
        interval, int(counts.only_candidate + counts.only_baseline)
    )


def _score_of(pair: _Pair, counts: Discordant, gain: _Float, among: _Mask) -> Interval:
    """The score interval; gain: (m,) what a row of each cell adds to the difference in counts."""
    units, confidence = pair.cells.units, pair.rows.confidence
    if units is None:
        return score_interval(counts, confidence=confidence)
    sizes = units.sums(among.astype(np.float64))
    holding = int(np.count_nonzero(sizes))
    if holding < FEWEST_UNITS:
        return not_estimable(SCORE, f"only {holding} independent units hold rows that count")
    influence: _Float = among * (gain - counts.difference) / counts.rows
    effect = DesignEffect.of(
        sums=units.sums(influence),
        squares=units.sums(influence**2),
        sizes=sizes,
        in_time=units.dependence.order is not None,
    )
    return score_interval(counts.divided_by(effect.times), confidence=confidence, df=effect.df)


def _from_cells(metric: Metric, pair: _Pair, halved: JointCells) -> Interval:
    """Two classes: the t interval over the cells, half rows included."""
    centre = float(pair.values[2] - pair.values[3])
    influence = pair.moved[2] - pair.moved[3]
    second, fourth = halved.second * influence**2, halved.fourth * influence**4
    if halved.units is None:
        moments = float(second.sum()), float(fourth.sum())
        count = halved.n + 2.0  # the half rows count
    else:
        sums = halved.units.sums(influence)
        # Beside rows that move together, what was not seen would move together as well.
        seen = (halved.second - halved.half_second) * influence**2
        effect = halved.units.dependence.effect_of(float(seen.sum()), sums)
        unseen_second = float((halved.half_second * influence**2).sum()) * effect**2
        unseen_fourth = float((halved.half_fourth * influence**4).sum()) * effect**4
        # Those that moved may be small units by chance; large ones would have moved alike.
        lift = max(halved.units.design_effect(influence, sums) / effect, 1.0)
        second, fourth = (sums**2) * lift, (sums**4) * lift**2
        moments = float(second.sum()) + unseen_second, float(fourth.sum()) + unseen_fourth
        count = float(len(sums))
    spread = spread_from_moments(*moments, count, pair.rows.dependence)
    interval = t_interval(CELLS, metric, centre, spread, confidence=pair.rows.confidence)
    return resting_on(interval, halved.differing)


def _from_classes(metric: Metric, pair: _Pair) -> Interval:
    """Several classes: the t interval over the cells, and two rows more for what was not seen."""
    cells, present = pair.cells, pair.present
    if not np.array_equal(present[0], present[1]):
        return not_estimable(INFLUENCE, "the two models' averages do not cover the same classes")
    if not np.isfinite(pair.moved[:2]).all():
        return not_estimable(INFLUENCE, "a model that gives one class alone has no interval")
    influence = pair.moved[0] - pair.moved[1]
    within = float((cells.second * influence**2).sum())
    effect = 1.0
    if cells.units is None:
        moments = within, float((cells.fourth * influence**4).sum())
        count = float(cells.n)
    else:
        sums = cells.units.sums(influence)
        effect = cells.units.dependence.effect_of(within, sums)
        moments = float((sums**2).sum()), float((sums**4).sum())
        count = float(len(sums))
    unseen = math.hypot(
        _reach(pair.slopes[0], present[0], cells, cells.ours),
        _reach(pair.slopes[1], present[1], cells, cells.theirs),
    ) / math.sqrt(2)
    spread = spread_from_moments(*moments, count, pair.rows.dependence)
    spread = spread.plus(two_rows(unseen * effect, None))
    centre = float(pair.values[0] - pair.values[1])
    interval = t_interval(INFLUENCE, metric, centre, spread, confidence=pair.rows.confidence)
    return resting_on(interval, cells.differing)


def _reach(gradient: _Float, present: _Mask, cells: JointCells, labels: _Labels) -> float:
    """How far one row's change to its worst other label moves the metric: root mean square."""
    known = gradient[:, present]
    largest = np.maximum(
        known.max(axis=1)[:, None] - gradient, gradient - known.min(axis=1)[:, None]
    )
    moved = largest[cells.truth, labels]
    return math.sqrt(float((cells.second * moved**2).sum()) / cells.n)
