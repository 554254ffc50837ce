"""The figures that are only shown: equal to the textbook's on exact cases."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance

from mlci_action.checks.drift_figures import decile_table, figures, jensen_shannon, psi, wasserstein
from mlci_action.checks.findings import ColumnPair
from mlci_action.domain.profile import NumberSummary
from tests.unit.checks.profiles import Cell, pair
from tests.unit.checks.samples import letters, normal

TABLE = np.array([[500.0, 300.0, 200.0], [100.0, 150.0, 250.0]])


def summaries(before: list[float], now: list[float]) -> tuple[NumberSummary, NumberSummary]:
    both = pair(before, now)
    assert both.reference.numbers is not None
    assert both.batch.numbers is not None
    return both.reference.numbers, both.batch.numbers


def test_the_population_stability_index_is_that_of_the_shares() -> None:
    one, other = (row / row.sum() for row in TABLE)

    assert psi(TABLE) == pytest.approx(((other - one) * np.log(other / one)).sum(), rel=0.01)
    assert psi(np.array([[10.0, 0.0], [0.0, 10.0]])) > 1


def test_the_jensen_shannon_distance_is_scipy_s() -> None:
    assert jensen_shannon(TABLE) == pytest.approx(jensenshannon(*TABLE, base=2))
    assert jensen_shannon(np.array([[10.0, 0.0], [0.0, 10.0]])) == 1.0
    assert jensen_shannon(np.array([[10.0], [20.0]])) == 0.0


def test_the_wasserstein_distance_is_scipy_s_where_all_values_are_kept() -> None:
    before, now = normal(300), normal(200, seed=1, mean=1.0, sd=2.0)

    assert wasserstein(*summaries(before, now)) == pytest.approx(wasserstein_distance(before, now))


def test_the_wasserstein_distance_of_quantiles_is_near() -> None:
    before, now = normal(3_000), normal(3_000, seed=1, mean=0.2)
    kept = [replace(one, complete=False, values=()) for one in summaries(before, now)]

    expected = wasserstein_distance(before, now)
    assert wasserstein(kept[0], kept[1]) == pytest.approx(expected, rel=0.05)


def test_deciles_hold_a_tenth_of_the_reference_each() -> None:
    both = pair(normal(6_401), normal(1_000, seed=1))
    assert both.reference.numbers is not None
    assert both.batch.numbers is not None
    table = decile_table(both, both.reference.numbers, both.batch.numbers)

    assert table.shape == (2, 10)
    assert table.sum(axis=1).tolist() == [6_401, 1_000]
    assert np.abs(table[0] / 6_401 - 0.1).max() < 1 / 64


def test_numbers_have_five_figures() -> None:
    before, now = normal(500), normal(500, seed=1, mean=0.5)
    found = figures(pair(before, now))

    assert found["ks"] == pytest.approx(ks_2samp(before, now).statistic, abs=2 / 64)
    assert found["wasserstein_per_sd"] == pytest.approx(
        wasserstein_distance(before, now) / np.std(before)
    )
    assert found.keys() == {"psi", "jensen_shannon", "chi2", "ks", "wasserstein_per_sd"}


def test_categories_have_three() -> None:
    before, now = letters(500), letters(400, seed=1, shares=(0.3, 0.3, 0.4))
    counts = np.array([[side.count(letter) for letter in "abc"] for side in (before, now)])
    found = figures(pair(before, now))

    assert found["chi2"] == pytest.approx(chi2_contingency(counts).statistic)
    assert found.keys() == {"psi", "jensen_shannon", "chi2"}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([1.0, 2.0, 3.0] * 20, [3.0] * 50),
        ([0.0, 1.0, 1e150] * 20, [-1e150, 1.7e150] * 20),
        ([1.0] * 50, [2.0] * 50),
    ],
    ids=["ties", "huge", "constant"],
)
def test_odd_columns_have_finite_figures_or_none(before: list[Cell], now: list[Cell]) -> None:
    found = figures(pair(before, now))

    assert all(value is None or math.isfinite(value) for value in found.values())


def test_a_summary_without_points_does_not_fail() -> None:
    both = pair(normal(100), normal(100, seed=1))
    assert both.reference.numbers is not None
    bare = replace(both.reference.numbers, points=(), below=(), up_to=())
    odd = ColumnPair(reference=replace(both.reference, numbers=bare), batch=both.batch)

    assert figures(odd)["psi"] == 0.0
