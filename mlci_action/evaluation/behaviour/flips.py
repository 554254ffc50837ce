"""Which rows changed sides? Right in one model, wrong in the other, and how often that is."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.behaviour import FlippedRow, Flips, Value
from mlci_action.domain.metric import Task
from mlci_action.evaluation.intervals.methods import critical_value
from mlci_action.evaluation.reading.dependence import Dependence, DesignEffect
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, Target

_Mask = NDArray[np.bool_]


def flips(rows: PairedRows, *, same: str = "") -> Flips | None:
    """How many rows turned wrong and how many right; None without labels of both models.

    same: why the two models count as one, when they do; nothing can flip then, on any row.
    """
    if rows.weight is not None:
        # A row of no weight is no row.
        rows = rows.take(np.flatnonzero(rows.weight > 0))
    turned = _turned(rows.truth, rows.candidate, rows.baseline)
    if rows.task is Task.REGRESSION or turned is None:
        return None
    negative, positive = turned
    nothing = Value(value=0.0, low=0.0, high=0.0, note=same)
    return Flips(
        n=rows.n,
        negative_rows=int(np.count_nonzero(negative)),
        positive_rows=int(np.count_nonzero(positive)),
        negative=nothing if same else _share(rows, negative),
        positive=nothing if same else _share(rows, positive),
    )


def flipped_rows(
    target: Target,
    candidate: Predictions,
    baseline: Predictions | None,
    *,
    ids: pd.Series | None = None,
    sample_weight: NDArray[np.float64] | None = None,
) -> tuple[FlippedRow, ...]:
    """The rows that `flips` counts, in the order of the data, for a file.

    ids: (N,) of the evaluation data, as `target.rows` is. sample_weight: (n,) of the scored rows;
    those of no weight are left out.
    """
    turned = _turned(target.values, candidate, baseline)
    ours, theirs = candidate.labels, None if baseline is None else baseline.labels
    if target.task is Task.REGRESSION or turned is None or ours is None or theirs is None:
        return ()
    changed = turned[0] | turned[1]
    if sample_weight is not None:
        changed &= sample_weight > 0
    where = np.flatnonzero(changed)
    place = np.flatnonzero(target.rows)[where]
    names = _texts(None if ids is None else ids.iloc[place], len(where))
    classes = np.asarray(target.classes, dtype=object)
    codes = (target.values, ours, theirs)  # noqa: PD011 - not a table's
    columns = (classes[code[where]].tolist() for code in codes)
    return tuple(
        FlippedRow(row=row, id=name, truth=truth, baseline=before, candidate=now)
        for row, name, truth, now, before in zip((place + 1).tolist(), names, *columns, strict=True)
    )


def _turned(
    truth: NDArray[np.int64], candidate: Predictions, baseline: Predictions | None
) -> tuple[_Mask, _Mask] | None:
    """(n,) rows that turned wrong, and rows that turned right."""
    if candidate.labels is None or baseline is None or baseline.labels is None:
        return None
    right, before = candidate.labels == truth, baseline.labels == truth
    return before & ~right, right & ~before


def _texts(ids: pd.Series | None, count: int) -> list[str | None]:
    if ids is None:
        return [None] * count
    missing = ids.isna().tolist()
    texts = ids.astype(object).map(str).tolist()
    return [None if gone else text for gone, text in zip(missing, texts, strict=True)]


def _share(rows: PairedRows, turned: _Mask) -> Value:
    """The share of all rows and its score interval (Wilson 1927).

    Weighted rows count as (Σw)² / Σw² (Kish 1965), dependent ones as fewer by the design effect.
    """
    if rows.n == 0:
        return Value(value=None, note="there are no rows")
    weight = np.ones(rows.n) if rows.weight is None else rows.weight
    total = float(weight.sum())
    share = float(weight[turned].sum()) / total
    effective, df = total**2 / float((weight**2).sum()), None
    if rows.dependence is not None:
        if rows.dependence.too_few:
            return Value(value=share, note=rows.dependence.too_few)
        effect = _effect(rows.dependence, weight, weight * (turned - share) / total)
        effective, df = effective / effect.times, effect.df
    low, high = score_of_share(share, effective, critical_value(rows.confidence, df))
    return Value(value=share, low=low, high=high)


def _effect(
    dependence: Dependence, weight: NDArray[np.float64], moved: NDArray[np.float64]
) -> DesignEffect:
    return DesignEffect.of(
        sums=dependence.sums(moved),
        squares=dependence.sums(moved**2),
        sizes=dependence.sums(weight) ** 2 / dependence.sums(weight**2),
        in_time=dependence.order is not None,
    )


def score_of_share(share: float, rows: float, critical: float) -> tuple[float, float]:
    """The interval of Wilson (1927) for a share of so many independent rows."""
    squared = critical**2 / rows
    centre = (share + squared / 2) / (1 + squared)
    half = math.sqrt(share * (1 - share) * squared + squared**2 / 4) / (1 + squared)
    return max(centre - half, 0.0), min(centre + half, 1.0)
