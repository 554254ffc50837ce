"""How do the candidate's scores differ from the baseline's on the same rows? Never judged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

from mlci_action.domain.behaviour import ScoreShift, Value
from mlci_action.domain.metric import Task
from mlci_action.evaluation.intervals.methods import critical_value, spread_of
from mlci_action.evaluation.metrics.equal_mass import equal_mass_bins
from mlci_action.evaluation.metrics.losses import mean_of
from mlci_action.evaluation.metrics.ordering import ascending
from mlci_action.evaluation.metrics.quantiles import quantiles
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions

_Float = NDArray[np.float64]
_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
_BINS = 10
_LARGEST = 1e150


def score_shift(rows: PairedRows) -> ScoreShift | None:
    """From the baseline's scores to the candidate's, in the scores' own unit; None without both.

    Scores are the positive's probability (or decision value), of more than two classes the most
    likely one's probability, in regression the predicted values. distances: `ks` (the largest
    difference of the distribution functions) and `wasserstein` (the area between them) of the
    scores themselves; `jensen_shannon` (the distance of base 2, from 0 to 1) and `psi` (population
    stability index, half a row added to each bin) over ten bins of equal mass of both models'
    scores together. quantiles: share, as text, -> (baseline, candidate).
    """
    baseline = None if rows.baseline is None else _scores(rows, rows.baseline)
    candidate = _scores(rows, rows.candidate)
    if baseline is None or candidate is None or not rows.n:
        return None
    if rows.baseline is not None and rows.baseline.probabilities != rows.candidate.probabilities:
        return None
    change = candidate - baseline
    mean, absolute = (mean_of(moved, rows.weight) for moved in (change, np.abs(change)))
    if mean.value is None or mean.influence is None or absolute.value is None:
        return None
    before, after = (quantiles(scores, rows.weight, _SHARES) for scores in (baseline, candidate))
    return ScoreShift(
        mean_change=_with_interval(rows, mean.value, mean.influence),
        mean_absolute_change=absolute.value,
        distances=_distances(baseline, candidate, rows.weight),
        quantiles={
            f"{share:g}": (one, other)
            for share, one, other in zip(_SHARES, before, after, strict=True)
        },
    )


def _scores(rows: PairedRows, model: Predictions) -> _Float | None:
    """(n,) numbers, one a row, or None where there are none that can be squared."""
    scores = model.values if rows.task is Task.REGRESSION else model.scores
    if scores is None or not (np.abs(scores) < _LARGEST).all():
        return None
    if rows.task is not Task.MULTICLASS:
        return scores.astype(np.float64, copy=False)
    return scores.max(axis=1).astype(np.float64, copy=False) if model.probabilities else None


def _with_interval(rows: PairedRows, mean: float, influence: _Float) -> Value:
    if rows.dependence is not None and rows.dependence.too_few:
        return Value(value=mean, note=rows.dependence.too_few)
    spread = spread_of(influence, rows.dependence)
    if not spread.se > 0:
        return Value(value=mean, note="every row changes by the same")
    half = critical_value(rows.confidence, spread.df) * spread.se
    return Value(value=mean, low=mean - half, high=mean + half)


def _distances(baseline: _Float, candidate: _Float, weight: _Float | None) -> dict[str, float]:
    n, both = len(baseline), np.concatenate([baseline, candidate])
    order = ascending(both)
    scores, ours = both[order], order >= n
    if weight is None:
        gaps = np.cumsum(np.where(ours, 1, -1)) / n
    else:
        gaps = np.cumsum(np.where(ours, 1.0, -1.0) * weight[order % n]) / weight.sum()
    steps = np.diff(scores)
    apart = np.abs(gaps[:-1])
    bins = equal_mass_bins(both, None if weight is None else np.tile(weight, 2), _BINS)
    before, after = np.bincount(bins[:n], weight, _BINS), np.bincount(bins[n:], weight, _BINS)
    middle = (before + after) / 2
    divergence = (rel_entr(before, middle).sum() + rel_entr(after, middle).sum()) / 2
    half = 0.5 if weight is None else float(weight.mean()) / 2
    shares = [(one + half) / (one + half).sum() for one in (before, after)]
    return {
        "ks": float(apart[steps > 0].max(initial=0.0)),
        "wasserstein": float(np.einsum("i,i->", apart, steps)),
        "jensen_shannon": float(np.sqrt(divergence / (before.sum() * np.log(2)))),
        "psi": float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum()),
    }
