"""In which regions does the candidate do worst beside the baseline? Found, shown, never judged.

Honest after Athey and Imbens (2016): one half of the rows says where to look, the other half how
much worse the candidate is there, so that having looked for the worst does not make it look worse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.behaviour import FoundSlice, Value
from mlci_action.domain.comparison import Interval
from mlci_action.domain.expressions import parse_where
from mlci_action.domain.metrics import METRICS
from mlci_action.errors import DatasetError
from mlci_action.evaluation.behaviour.regions import highest_regions
from mlci_action.evaluation.intervals.influence import loss_interval
from mlci_action.evaluation.metrics.label_metrics import label_intervals
from mlci_action.evaluation.metrics.losses import absolute_errors, mean_of, squared_errors
from mlci_action.evaluation.reading.conditions import rows_where
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions

_Float: TypeAlias = NDArray[np.float64]
_Index: TypeAlias = NDArray[np.int64]

_ZERO_ONE, _BRIER, _ABSOLUTE = "zero_one_loss", "brier_score", "mean_absolute_error"
_SMALLEST_SHARE = 0.02
# More rows, or more cells of a wide frame, find no better regions and take seconds.
_MOST_ROWS = 200_000
_MOST_CELLS = 4_000_000


def found_slices(
    rows: PairedRows, frame: pd.DataFrame, *, most: int, seed: int, min_rows: int
) -> tuple[FoundSlice, ...]:
    """At most `most` regions where the candidate is worse, the surest first; none is an answer.

    `frame` holds the n rows of `rows`, and the columns that may describe a region. The loss of a
    row is the squared error of its probabilities where both models have them, else whether the
    label is wrong; of numbers the absolute error, which no single row dominates. The halves are
    drawn with `seed`, whole units where there are units; in time they are every other block. The
    regions are looked for in at most 200,000 rows of one half. Shown are those with `min_rows` rows
    in the other half, if the candidate's mean loss is the higher one there as well.
    """
    losses = _losses(rows)
    if losses is None or not most > 0:
        return ()
    looking, measuring = _halves(rows, seed)
    if len(looking) > (limit := min(_MOST_ROWS, _MOST_CELLS // max(frame.shape[1], 1))):
        looking = np.sort(np.random.default_rng(seed).choice(looking, limit, replace=False))
    regions = highest_regions(
        frame.iloc[looking],
        (losses.candidate - losses.baseline)[looking],
        None if rows.weight is None else rows.weight[looking],
        most=most,
        min_rows=max(min_rows, math.ceil(_SMALLEST_SHARE * len(looking))),
    )
    found = [
        slice_
        for region in regions
        if (slice_ := _measured(rows, losses, measuring, frame, region.where, min_rows)) is not None
    ]
    return tuple(sorted(found, key=_surest))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Losses:
    """Both models' (n,) losses, and what they are called."""

    name: str
    candidate: _Float
    baseline: _Float


def _losses(rows: PairedRows) -> _Losses | None:
    """None without a baseline, or where a model says nothing finite."""
    if rows.baseline is None:
        return None
    for name, loss in ((_ABSOLUTE, _absolute), (_BRIER, _brier), (_ZERO_ONE, _zero_one)):
        ours, theirs = loss(rows, rows.candidate), loss(rows, rows.baseline)
        if ours is not None and theirs is not None:
            finite = np.isfinite(ours).all() and np.isfinite(theirs).all()
            return _Losses(name=name, candidate=ours, baseline=theirs) if finite else None
    return None


def _absolute(rows: PairedRows, model: Predictions) -> _Float | None:
    said = model.values  # noqa: PD011 - not a pandas object
    return None if said is None else absolute_errors(rows.truth, said)


def _brier(rows: PairedRows, model: Predictions) -> _Float | None:
    if model.scores is None or not model.probabilities:
        return None
    if model.scores.ndim == 1:
        return squared_errors(rows.truth == 1, model.scores)
    # Halved, so that two classes in two columns have the loss that one column gives.
    of_class = np.eye(rows.n_classes)[rows.truth]
    return np.asarray(squared_errors(of_class, model.scores).sum(axis=1) / 2)


def _zero_one(rows: PairedRows, model: Predictions) -> _Float | None:
    return None if model.labels is None else (model.labels != rows.truth).astype(np.float64)


def _halves(rows: PairedRows, seed: int) -> tuple[_Index, _Index]:
    """Rows to look in, and rows to measure on, in their order."""
    if rows.dependence is None:
        unit, count = np.arange(rows.n), rows.n
    else:
        unit, count = rows.dependence.codes, rows.dependence.count
    if rows.dependence is not None and rows.dependence.order is not None:
        looking = np.arange(count) % 2 == 0
    else:
        looking = np.random.default_rng(seed).permutation(count) < count / 2
    return np.flatnonzero(looking[unit]), np.flatnonzero(~looking[unit])


def _measured(
    rows: PairedRows,
    losses: _Losses,
    measuring: _Index,
    frame: pd.DataFrame,
    where: str,
    min_rows: int,
) -> FoundSlice | None:
    """The region on the other half; None when it is too small or not worse there."""
    asked = parse_where(where)
    named = frame.loc[:, [str(name) in asked.columns for name in frame.columns]]
    try:
        inside = measuring[rows_where(named.iloc[measuring], asked)]
    except DatasetError:
        return None  # the column holds values of other kinds in this half
    if not len(inside) >= max(min_rows, 1):
        return None
    part = rows.take(inside)
    ours, theirs = (
        mean_of(loss[inside], part.weight) for loss in (losses.candidate, losses.baseline)
    )
    if ours.value is None or theirs.value is None or not ours.value > theirs.value:
        return None
    if part.dependence is not None and part.dependence.too_few:
        diff = Value(value=ours.value - theirs.value, note=part.dependence.too_few)
    elif losses.name == _ZERO_ONE:
        share = label_intervals(part, [METRICS["accuracy"]])["accuracy"]
        diff = _value(ours.value - theirs.value, share, sign=-1)
    else:
        interval = loss_interval(METRICS[losses.name], part, ours, theirs)
        diff = _value(ours.value - theirs.value, interval, sign=1)
    return FoundSlice(
        where=where,
        n=part.n,
        loss=losses.name,
        baseline=theirs.value,
        candidate=ours.value,
        diff=diff,
    )


def _value(difference: float, interval: Interval, *, sign: int) -> Value:
    ends = [sign * end for end in (interval.low, interval.high) if end is not None]
    low, high = (min(ends), max(ends)) if ends else (None, None)
    return Value(value=difference, low=low, high=high, note=interval.note)


def _surest(found: FoundSlice) -> tuple[float, float]:
    low = -math.inf if found.diff.low is None else found.diff.low
    return -low, -(found.diff.value or 0.0)
