"""From which score on is a row positive? A threshold that is named, or the best of other rows.

A tuned threshold is chosen on one half of the rows and judged on the other, so that no model is
judged where its threshold was made (cross-fitting). Whole units, or alternating blocks of time,
stay together; other rows are split at random within each class.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.metric import Metric
from mlci_action.evaluation.metrics.confusion import ClassCounts, cell_gradient, label_values
from mlci_action.evaluation.metrics.ordering import ascending
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, usable_scores

_Float = NDArray[np.float64]
_Mask = NDArray[np.bool_]


def at_threshold(rows: PairedRows, threshold: float) -> PairedRows:
    """Rows of two classes with the labels `score >= threshold`; none without finite scores."""
    return replace(
        rows,
        candidate=_labelled(rows.candidate, np.float64(threshold)),
        baseline=None if rows.baseline is None else _labelled(rows.baseline, np.float64(threshold)),
    )


def at_tuned_thresholds(
    rows: PairedRows, metrics: Sequence[Metric], *, seed: int
) -> list[PairedRows]:
    """For each metric the rows with labels at the thresholds that the other half finds best for it.

    Each model has thresholds of its own. The rows of a model get no labels when it has no finite
    scores, or when one of the halves holds one class only.
    """
    second = _second_half(rows, seed)
    ours = _tuned(rows, rows.candidate, metrics, second)
    if rows.baseline is None:
        return [replace(rows, candidate=one, note=_note(candidate=one)) for one in ours]
    theirs = _tuned(rows, rows.baseline, metrics, second)
    return [
        replace(rows, candidate=one, baseline=other, note=_note(candidate=one, baseline=other))
        for one, other in zip(ours, theirs, strict=True)
    ]


def why_no_labels(metric: Metric, model: Predictions) -> str:
    """Why a model has no labels that the metric could read."""
    if metric.parameters.threshold is None:
        return "the model gives no class labels"
    scores = usable_scores(model)
    if isinstance(scores, str):
        return scores
    return "one half of the rows holds one class only, so no threshold can be tuned"


def _labelled(model: Predictions, thresholds: np.float64 | _Float) -> Predictions:
    """At one threshold, or at one for each row."""
    if model.scores is None or not np.isfinite(model.scores).all():
        return replace(model, labels=None)
    return replace(model, labels=(model.scores >= thresholds).astype(np.int64))


def _second_half(rows: PairedRows, seed: int) -> _Mask:
    """(n,) which rows are in the second half."""
    second = np.empty(rows.n, bool)
    if rows.dependence is None:
        shuffled = np.random.default_rng(seed).permutation(rows.n)
        positive = rows.truth[shuffled] == 1
        for alike in (shuffled[positive], shuffled[~positive]):
            second[alike] = np.arange(len(alike)) % 2 == 1
        return second
    if rows.dependence.order is not None:
        return np.asarray(rows.dependence.codes % 2 == 1)
    unit = np.random.default_rng(seed).permutation(rows.dependence.count)
    return np.asarray(unit[rows.dependence.codes] % 2 == 1)


def _tuned(
    rows: PairedRows, model: Predictions, metrics: Sequence[Metric], second: _Mask
) -> list[Predictions]:
    """The model with labels for each metric."""
    scores, positive = model.scores, rows.truth == 1
    halves = (~second, second)
    both = all(positive[half].any() and not positive[half].all() for half in halves)
    if scores is None or not both or not np.isfinite(scores).all():
        return [replace(model, labels=None)] * len(metrics)
    points = [
        _points(positive[half], scores[half], None if rows.weight is None else rows.weight[half])
        for half in halves
    ]
    tuned = []
    for metric in metrics:
        of_first, of_second = (point.best(metric) for point in points)
        labelled = _labelled(model, np.where(second, of_first, of_second))
        tuned.append(replace(labelled, thresholds=(of_second, of_first)))
    return tuned


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Points:
    """(t,) all thresholds of some rows, from the highest, and the counts that each gives.

    row: the weight that a row counts with in a variance, sum of squares by sum.
    """

    thresholds: _Float
    counts: ClassCounts
    row: float

    def best(self, metric: Metric) -> float:
        """The middle of the thresholds whose value is within one standard error of the largest.

        Which of them is the largest is chance (Breiman et al. 1984 choose trees likewise). Over
        simulated rows the middle is worth more on new ones, and varies half as much.
        """
        values = label_values(metric, self.counts)
        largest = int(np.nanargmax(values))
        near = values >= values[largest] - self._standard_error(metric, largest)
        candidates = np.flatnonzero(near)
        return float(self.thresholds[candidates[len(candidates) // 2]])

    def _standard_error(self, metric: Metric, at: int) -> float:
        """Of the value at one threshold, 0 where it has no slope."""
        right, truth = self.counts.right[at], self.counts.truth[at]
        cells = np.diag(right) + np.diag(truth - right)[:, ::-1]
        slope = cell_gradient(
            metric, ClassCounts(right=right, truth=truth, said=self.counts.said[at])
        )
        variance = float((cells * np.where(cells > 0, slope, 0) ** 2).sum()) * self.row
        return math.sqrt(variance) if variance > 0 else 0.0


def _points(positive: _Mask, scores: _Float, weight: _Float | None) -> _Points:
    order = ascending(scores)[::-1]
    falling = scores[order]
    ends = np.flatnonzero(np.append(falling[1:] != falling[:-1], True))
    each: NDArray[Any] = np.ones(len(order)) if weight is None else weight[order]
    # Above the highest score no row is positive, which may be the best of a rare class.
    hits = np.append(0.0, np.cumsum(each * positive[order])[ends])
    false = np.append(0.0, np.cumsum(each * ~positive[order])[ends])
    positives, negatives = hits[-1], false[-1]
    # Of sums that are taken apart nothing is left at the end, where rounding would leave a little.
    misses, rejected = positives - hits, negatives - false
    return _Points(
        thresholds=np.append(np.inf, falling[ends]),
        counts=ClassCounts(
            right=np.stack([rejected, hits], axis=-1),
            truth=np.broadcast_to(np.array([negatives, positives]), (len(hits), 2)),
            said=np.stack([rejected + misses, hits + false], axis=-1),
        ),
        row=1.0 if weight is None else float((weight**2).sum() / weight.sum()),
    )


def _note(**models: Predictions) -> str:
    """The thresholds of each model that got some."""
    said = [
        f"{' and '.join(f'{threshold:.3g}' for threshold in model.thresholds)} of the {whose}"
        for whose, model in models.items()
        if model.thresholds
    ]
    return f"thresholds {', '.join(said)}, each tuned on the other half of the rows" if said else ""
