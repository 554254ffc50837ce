"""Clean tables seldom alarm: all checks on numbers together, on columns of many kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mlci_action.checks.constant import find_constant
from mlci_action.checks.disguised_numbers import find_disguised_numbers
from mlci_action.checks.drift import find_drift
from mlci_action.checks.findings import Compared, Finding
from mlci_action.checks.outliers import find_outliers
from mlci_action.checks.range import find_range
from mlci_action.checks.sign import find_sign
from mlci_action.checks.spike import find_spike
from tests.unit.checks.profiles import compared, numbers

CHECKS: tuple[Callable[[Compared], Iterator[Finding]], ...] = (
    find_constant,
    find_disguised_numbers,
    find_drift,
    find_outliers,
    find_range,
    find_sign,
    find_spike,
)
DRAWS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "long tail": lambda rng, n: rng.lognormal(0, 1.5, n),
    "very long tail": lambda rng, n: rng.standard_cauchy(n),
    "bounded": lambda rng, n: rng.uniform(size=n),
    "counts": lambda rng, n: rng.poisson(3, n).astype(float),
    "mostly zero": lambda rng, n: rng.normal(size=n) * (rng.uniform(size=n) < 0.1),
    "two values": lambda rng, n: rng.integers(0, 2, n).astype(float),
    "rounded": lambda rng, n: rng.normal(100, 9, n).round(),
}


def halves(rng: np.random.Generator, n_before: int, n_now: int) -> Compared:
    before = [numbers(draw(rng, n_before).tolist(), name) for name, draw in DRAWS.items()]
    now = [
        numbers(draw(rng, n_now).tolist(), name, reference=reference)
        for (name, draw), reference in zip(DRAWS.items(), before, strict=True)
    ]
    return compared(before, now)


def test_clean_tables_seldom_alarm() -> None:
    rng = np.random.default_rng(0)
    sizes = [(100, 100)] * 20 + [(300, 300)] * 10 + [(1_000, 100)] * 5 + [(100, 1_000)] * 5
    tables = (halves(rng, *size) for size in sizes)
    alarms = [found.message for data in tables for check in CHECKS for found in check(data)]

    assert alarms == []
