"""Are stated probabilities too bold or too timid? The calibration slope and intercept (Cox 1958).

A logistic regression of what happened on the logit of what was stated: slope 1 and intercept 0 of a
calibrated model, a slope below 1 of an overconfident one. By Newton's method; the intervals take
the influence of each row or unit on the estimate (the sandwich of Huber 1967).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from mlci_action.domain.behaviour import Value
from mlci_action.evaluation.intervals.methods import critical_value, spread_of
from mlci_action.evaluation.reading.dependence import Dependence

_Float = NDArray[np.float64]
# A probability of 0 or 1 has no logit: it is taken as one in a million off.
_CERTAIN = 1e-6
_MOST_STEPS, _MOST_HALVINGS = 100, 40
_CONVERGED, _ROUNDING = 1e-20, 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class Recalibration:
    """The line that puts stated probabilities right, in logits."""

    slope: Value
    intercept: Value


def recalibration(
    probability: _Float,
    happened: _Float,
    weight: _Float | None,
    dependence: Dependence | None,
    *,
    confidence: float,
) -> Recalibration:
    """(n,) probabilities, (n,) 0/1 -> both coefficients, or why there are none."""
    x = logit(probability.clip(_CERTAIN, 1 - _CERTAIN))
    counts = slice(None) if weight is None else weight > 0
    note = _why_none(x[counts], happened[counts])
    if note:
        return Recalibration(
            slope=Value(value=None, note=note), intercept=Value(value=None, note=note)
        )
    ones = np.ones(len(x)) if weight is None else weight / weight.mean()
    # Centred and scaled, so that no step loses its digits.
    centre, scale = float(x.mean()), float(x.std())
    try:
        (level, tilt), (of_level, of_tilt) = _fit((x - centre) / scale, happened, ones)
    except np.linalg.LinAlgError:
        none = Value(value=None, note="the rows in which the outcomes overlap weigh too little")
        return Recalibration(slope=none, intercept=none)
    slope, of_slope = tilt / scale, of_tilt / scale
    return Recalibration(
        slope=_with_interval(slope, of_slope, dependence, confidence),
        intercept=_with_interval(
            level - slope * centre, of_level - of_slope * centre, dependence, confidence
        ),
    )


def _why_none(x: _Float, happened: _Float) -> str:
    """A finite line exists where, and only where, the two outcomes overlap."""
    yes, no = x[happened == 1], x[happened == 0]
    if not (len(yes) and len(no)):
        return "only one outcome occurs"
    if not x.max() > x.min():
        return "all probabilities are the same"
    if no.max() <= yes.min() or yes.max() <= no.min():
        return "the probabilities separate the outcomes, so no slope is finite"
    return ""


def _fit(
    x: _Float, happened: _Float, weight: _Float
) -> tuple[tuple[float, float], tuple[_Float, _Float]]:
    """Intercept and slope of the most likely line, and each row's (n,) influence on both."""

    def loss_of(line: _Float) -> float:
        logits = line[0] + line[1] * x
        return float(np.einsum("i,i->", weight, np.logaddexp(0.0, logits) - happened * logits))

    line, steps = np.array([logit(float((happened * weight).sum() / weight.sum())), 0.0]), 0
    loss = loss_of(line)
    step, gain, inverse, error = _newton(line, x, happened, weight)
    while gain > _CONVERGED * len(x) and steps < _MOST_STEPS:
        # A whole step may lead away from the end; a part of it never does.
        parts = (line + step / 2**halvings for halvings in range(_MOST_HALVINGS))
        tried = ((part, loss_of(part)) for part in parts)
        most = loss * (1 + _ROUNDING)
        line, loss = next((found for found in tried if found[1] <= most), (line, loss))
        step, gain, inverse, error = _newton(line, x, happened, weight)
        steps += 1
    level, tilt = ((one + other * x) * error for one, other in inverse)
    return (float(line[0]), float(line[1])), (level, tilt)


def _newton(
    line: _Float, x: _Float, happened: _Float, weight: _Float
) -> tuple[_Float, float, _Float, _Float]:
    """The (2,) step to take, what it gains, the (2, 2) inverse information, (n,) errors."""
    chance = expit(line[0] + line[1] * x)
    error, curvature = (happened - chance) * weight, chance * (1 - chance) * weight
    first, second = (float(np.einsum("i,i->", curvature, power)) for power in (x, x * x))
    inverse = np.linalg.inv(np.array([[float(curvature.sum()), first], [first, second]]))
    gradient = np.array([float(error.sum()), float(np.einsum("i,i->", error, x))])
    step = inverse @ gradient
    return step, float(gradient @ step), inverse, error


def _with_interval(
    value: float, influence: _Float, dependence: Dependence | None, confidence: float
) -> Value:
    if dependence is not None and dependence.too_few:
        return Value(value=value, note=dependence.too_few)
    spread = spread_of(influence, dependence)
    half = critical_value(confidence, spread.df) * spread.se
    return Value(value=value, low=value - half, high=value + half)
