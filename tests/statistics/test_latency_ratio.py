"""Simulated machines: equal models are not called slower, and the interval covers the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from mlci_action.evaluation.costs import ratio_of_rounds

RUNS = 1000
Noise = Callable[[np.random.Generator, int], NDArray[np.float64]]
# What `ratio_of_rounds` allows for between two processes, which is none of these machines' noise.
BETWEEN_PROCESSES = 0.05


def quiet(random: np.random.Generator, calls: int) -> NDArray[np.float64]:
    return random.normal(0, 0.1, calls)


def drifting(random: np.random.Generator, calls: int) -> NDArray[np.float64]:
    """Nearly three times as slow at the end as at the beginning."""
    return np.linspace(0, 1, calls) + random.normal(0, 0.1, calls)


def wandering(random: np.random.Generator, calls: int) -> NDArray[np.float64]:
    """How slow a call is depends on how slow the one before it was."""
    steps, found = random.normal(0, 0.1, calls), np.empty(calls)
    level = 3 * steps[0]
    for i, step in enumerate(steps):
        level = 0.95 * level + step
        found[i] = level
    return found


def bursty(random: np.random.Generator, calls: int) -> NDArray[np.float64]:
    """Neighbours on the machine: for some forty calls everything takes up to four times as long."""
    found, begin = random.normal(0, 0.08, calls), 0
    while begin < calls:
        length = int(random.geometric(1 / 40))
        if random.random() < 0.3:
            found[begin : begin + length] += np.log(random.uniform(1.5, 4))
        begin += length
    return found


def with_outliers(random: np.random.Generator, calls: int) -> NDArray[np.float64]:
    """One call in thirty takes up to a hundred times as long."""
    rare = (random.random(calls) < 0.03) * random.exponential(2, calls)
    return random.normal(0, 0.05, calls) + rare


def measured(
    random: np.random.Generator, rounds: int, ratio: float, noise: Noise
) -> tuple[list[float], list[float]]:
    """Seconds of both by round; coming second after the other costs a tenth more."""
    candidate = np.tile([True, False, False, True], rounds // 2)
    second = np.tile([False, True], rounds)
    of_row = np.repeat(random.normal(0, 0.1, rounds), 2)
    logs = of_row + noise(random, 2 * rounds) + 0.1 * second + np.log(ratio) * candidate
    return np.exp(logs[candidate]).tolist(), np.exp(logs[~candidate]).tolist()


@pytest.mark.parametrize("rounds", [12, 20, 100])
@pytest.mark.parametrize("noise", [quiet, drifting, wandering, bursty, with_outliers])
def test_equal_models_are_not_called_slower_and_the_interval_covers(
    noise: Noise, rounds: int
) -> None:
    """Coverage of the sign test is never below nominal but for chance: 0.93 is 3 errors away."""
    random, covered, slower = np.random.default_rng(20_260_110), 0, 0
    for _ in range(RUNS):
        found = ratio_of_rounds(*measured(random, rounds, 1.0, noise), confidence=0.95)
        assert found.low is not None
        assert found.high is not None
        covered += bool(
            np.log(found.low) + BETWEEN_PROCESSES <= 0 <= np.log(found.high) - BETWEEN_PROCESSES
        )
        slower += found.low > 1.5
    assert slower == 0
    assert covered / RUNS >= 0.93


@pytest.mark.parametrize("noise", [drifting, bursty])
def test_a_model_three_times_as_slow_is_found_out(noise: Noise) -> None:
    random = np.random.default_rng(20_260_111)
    lows = [
        ratio_of_rounds(*measured(random, 40, 3.0, noise), confidence=0.95).low for _ in range(100)
    ]
    assert all(low is not None and low > 1.5 for low in lows)


def test_processes_of_one_model_that_differ_are_not_called_slower() -> None:
    """By 2 % (standard deviation), which no number of rounds averages out."""
    random, slower = np.random.default_rng(20_260_112), 0
    for _ in range(RUNS):
        apart = float(np.exp(random.normal(0, 0.02)))
        low = ratio_of_rounds(*measured(random, 400, apart, quiet), confidence=0.95).low
        slower += low is not None and low > 1
    assert slower / RUNS <= 0.025
