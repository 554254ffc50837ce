"""Seeded lists of cells: columns whose like a table has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def normal(n: int, seed: int = 0, mean: float = 0.0, sd: float = 1.0) -> list[float]:
    """Bell-shaped numbers."""
    return _cells(np.random.default_rng(seed).normal(mean, sd, n))


def uniform(n: int, seed: int = 0, low: float = 0.0, high: float = 1.0) -> list[float]:
    """Numbers with a hard bound."""
    return _cells(np.random.default_rng(seed).uniform(low, high, n))


def lognormal(n: int, seed: int = 0, sigma: float = 1.0) -> list[float]:
    """Numbers with a long tail."""
    return _cells(np.random.default_rng(seed).lognormal(0.0, sigma, n))


def pareto(n: int, seed: int = 0, shape: float = 1.5) -> list[float]:
    """Numbers with a very long tail."""
    return _cells(1 + np.random.default_rng(seed).pareto(shape, n))


def letters(n: int, seed: int = 0, shares: tuple[float, ...] = (0.5, 0.3, 0.2)) -> list[str]:
    """Categories a, b, c, ... with these shares."""
    drawn = np.random.default_rng(seed).choice(len(shares), n, p=shares)
    return [chr(ord("a") + place) for place in drawn.tolist()]


def shuffled(values: list[float], seed: int = 0) -> list[float]:
    """The same in another order."""
    return _cells(np.random.default_rng(seed).permutation(values))


def _cells(drawn: NDArray[np.float64]) -> list[float]:
    return [float(value) for value in drawn]
