"""How far can each model's probabilities be taken at their word? Reliability, error, slope."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.behaviour import Calibration, CalibrationBin, Value
from mlci_action.evaluation.behaviour.calibration_slope import recalibration
from mlci_action.evaluation.intervals.methods import critical_value
from mlci_action.evaluation.metrics.calibration_error import BINS, calibration_error, stated
from mlci_action.evaluation.metrics.equal_mass import bin_variances, equal_mass_bins
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions

_Float = NDArray[np.float64]


def calibration(rows: PairedRows) -> tuple[Calibration, ...]:
    """One value for each model that gives probabilities, the candidate's first.

    Of two classes the positive's probability is looked at, of more the most likely one's. The bins
    are those of the calibration error, from low to high; each share has Wilson's (1927) interval,
    for as many rows as the weights and the dependent rows are worth.
    """
    models = (("candidate", rows.candidate), ("baseline", rows.baseline))
    found = (_of_model(who, rows, model) for who, model in models if model is not None)
    return tuple(one for one in found if one is not None)


def _of_model(who: str, rows: PairedRows, model: Predictions) -> Calibration | None:
    said = stated(rows, model)
    if isinstance(said, str) or not rows.n:
        return None
    line = recalibration(
        said.probability, said.happened, rows.weight, rows.dependence, confidence=rows.confidence
    )
    return Calibration(
        who=who,
        error=calibration_error(rows, model),
        slope=line.slope,
        intercept=line.intercept,
        bins=_bins(rows, said.probability, said.happened),
    )


def _bins(rows: PairedRows, probability: _Float, happened: _Float) -> tuple[CalibrationBin, ...]:
    bins = equal_mass_bins(probability, rows.weight, BINS)
    weight = np.ones(rows.n) if rows.weight is None else rows.weight
    counts, mass = np.bincount(bins, minlength=BINS), np.bincount(bins, weight, BINS)
    held = mass > 0
    per_mass = np.divide(1.0, mass, out=np.zeros(BINS), where=held)
    means = np.bincount(bins, probability * weight, BINS) * per_mass
    shares = np.bincount(bins, happened * weight, BINS) * per_mass
    worth = _worth(rows, bins, (happened - shares[bins]) * weight, weight)
    df = None if rows.dependence is None else max(rows.dependence.count - 1.0, 1.0)
    critical = critical_value(rows.confidence, df)
    return tuple(
        CalibrationBin(
            n=int(counts[place]),
            mean_score=float(means[place]),
            observed=_wilson(float(shares[place]), float(worth[place]), critical),
        )
        for place in np.flatnonzero(held)
    )


def _worth(rows: PairedRows, bins: NDArray[np.int64], moved: _Float, weight: _Float) -> _Float:
    """(BINS,) how many independent rows of equal weight would tell as much (Kish 1965)."""
    mass, squares = np.bincount(bins, weight, BINS), np.bincount(bins, weight * weight, BINS)
    worth = np.divide(mass**2, squares, out=np.zeros(BINS), where=squares > 0)
    if rows.dependence is None:
        return worth
    within = bin_variances(bins, moved, None, count=BINS)
    between = bin_variances(bins, moved, rows.dependence, count=BINS)
    # Rows that all agree do not tell how far those of a unit do: each unit counts as one row.
    unknown = len(moved) / rows.dependence.count
    effect = np.divide(between, within, out=np.full(BINS, unknown), where=within > 0)
    return np.asarray(worth / np.maximum(effect, 1.0))


def _wilson(share: float, rows: float, critical: float) -> Value:
    """Wilson's (1927) interval of a share of so many rows."""
    pull = critical**2 / rows
    middle = (share + pull / 2) / (1 + pull)
    half = math.sqrt(max(share * (1 - share), 0.0) * pull + pull**2 / 4) / (1 + pull)
    return Value(value=share, low=max(middle - half, 0.0), high=min(middle + half, 1.0))
