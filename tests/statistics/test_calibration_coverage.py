"""Simulated test sets for what is no smooth function of the rows: medians and calibration errors.

The true difference comes from a million rows; coverage is measured to about ± 1 point.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit

from mlci_action.domain.comparison import Standing
from mlci_action.domain.metric import Task
from mlci_action.evaluation.behaviour.calibration_slope import recalibration
from mlci_action.evaluation.reading.predictions import Predictions, Target
from tests.unit.evaluation.cases import binary, compared, ends_of, numbers, row_of, target_of

Case = tuple[Target, Predictions, Predictions]
Draw = Callable[[np.random.Generator, int], Case]
POPULATION = 1_000_000


def _covered(draw: Draw, n: int, name: str, *, sets: int) -> tuple[float, float]:
    """How often the interval holds the true difference, and how often it lies below that."""
    truth = row_of(compared(draw(np.random.default_rng(7), POPULATION), name), name).diff
    assert truth is not None
    random, inside, below = np.random.default_rng(20_260_102), 0, 0
    for _ in range(sets):
        interval = row_of(compared(draw(random, n), name), name).interval
        assert interval is not None
        assert interval.standing is Standing.SETTLES
        low, high = ends_of(interval)
        inside += low - 1e-12 <= truth <= high + 1e-12
        below += high < truth
    return inside / sets, below / sets


def _errors(own: float, step: float) -> Draw:
    """Two models that share most of their errors, which are rounded to a step where it is not 0."""

    def draw(random: np.random.Generator, n: int) -> Case:
        shared = random.standard_t(3, size=n)
        both = [shared + own * random.normal(size=n) for _ in range(2)]
        both[0] = both[0] * 1.1
        if step:
            both = [np.round(errors / step) * step for errors in both]
        return target_of(Task.REGRESSION, np.zeros(n)), numbers(both[0]), numbers(both[1])

    return draw


@pytest.mark.parametrize("step", [0.0, 0.1, 0.5])
@pytest.mark.parametrize(("own", "n"), [(0.5, 200), (0.02, 200), (0.5, 1000)])
def test_the_difference_of_two_medians_is_covered(own: float, n: int, step: float) -> None:
    """Heavy tails, twin models and errors that tie: few differences, or steps, decide a median."""
    assert _covered(_errors(own, step), n, "median_absolute_error", sets=500)[0] >= 0.93


def _stated(candidate: tuple[float, float], baseline: tuple[float, float]) -> Draw:
    """Both models see the same; each states it by its own slope and intercept, in logits."""

    def draw(random: np.random.Generator, n: int) -> Case:
        signal = 1.2 * random.normal(size=n) - 0.3
        truth = (random.random(n) < expit(signal)).astype(np.int64)
        one, other = (binary(expit(slope * signal + at)) for slope, at in (candidate, baseline))
        return target_of(Task.BINARY, truth), one, other

    return draw


CALIBRATED, OVERCONFIDENT, SHIFTED = (1.0, 0.0), (1.6, 0.0), (1.0, 0.5)


@pytest.mark.parametrize("n", [300, 1000])
@pytest.mark.parametrize(
    ("candidate", "baseline"),
    [
        (OVERCONFIDENT, CALIBRATED),
        (SHIFTED, CALIBRATED),
        (CALIBRATED, OVERCONFIDENT),
        (SHIFTED, OVERCONFIDENT),
        ((1.02, 0.0), CALIBRATED),
    ],
)
def test_the_difference_of_two_calibration_errors_is_covered(
    n: int, candidate: tuple[float, float], baseline: tuple[float, float]
) -> None:
    """A plain interval misses a worse candidate in a quarter of the sets: its rival's is biased."""
    draw = _stated(candidate, baseline)
    inside, below = _covered(draw, n, "expected_calibration_error", sets=500)
    assert inside >= 0.93
    assert below <= 0.06


def test_slope_and_intercept_of_a_calibrated_model_are_covered() -> None:
    random, inside, sets = np.random.default_rng(5), np.zeros(2), 1000
    for _ in range(sets):
        chance = expit(random.normal(size=300) - 0.5)
        happened = (random.random(300) < chance).astype(np.float64)
        line = recalibration(chance, happened, None, None, confidence=0.95)
        for place, (value, truth) in enumerate(((line.slope, 1.0), (line.intercept, 0.0))):
            assert value.low is not None
            assert value.high is not None
            inside[place] += value.low <= truth <= value.high
    assert (inside / sets >= 0.93).all()
    assert (inside / sets <= 0.97).all()
