"""D, p and the interval of one column, held against scipy's."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2_contingency, ks_2samp

from mlci_action.checks.drift_measure import Drift, column_drift
from mlci_action.checks.findings import ColumnPair
from tests.unit.checks.profiles import Cell, pair
from tests.unit.checks.samples import letters, normal


def measured(
    before: Sequence[Cell], now: Sequence[Cell], columns: int = 1, limit: float = 0.1
) -> Drift:
    return column_drift(pair(before, now), columns=columns, limit=limit)


def test_few_values_are_measured_as_kolmogorov_and_smirnov_do() -> None:
    """Up to 65 values the reference's points are all there is, so D is exact."""
    rng = np.random.default_rng(0)
    before = rng.integers(0, 20, 900).astype(float).tolist()
    now = rng.integers(2, 25, 600).astype(float).tolist()
    drift = measured(before, now)
    expected = ks_2samp(before, now, method="asymp")

    assert drift.d == pytest.approx(expected.statistic)
    assert drift.p == pytest.approx(expected.pvalue, rel=0.2)  # scipy's p is of a finite n
    assert (drift.n_before, drift.n_now) == (900, 600)


def test_many_values_lose_little_at_65_points() -> None:
    before, now = normal(2_000), normal(2_000, seed=1, mean=0.3)
    expected = ks_2samp(before, now).statistic

    assert expected - 2 / 64 < measured([*before], [*now]).d <= expected


def test_numbers_all_beyond_the_reference_moved_altogether() -> None:
    assert measured([*normal(100)], [*normal(100, mean=99)]).d == 1.0
    assert measured([*normal(100)], [*normal(100, mean=-99)]).d == 1.0


def test_the_interval_is_distribution_free_and_stays_in_zero_to_one() -> None:
    drift = measured([*normal(1_000)], [*normal(500, seed=1, mean=1.0)], columns=7)
    margin = math.sqrt(math.log(2 * 7 / 0.01) / (2 * 1_000 * 500 / 1_500))

    assert drift.low == pytest.approx(drift.d - margin)
    assert drift.high == pytest.approx(drift.d + margin)
    same = measured([*normal(50)], [*normal(50)])
    assert (same.d, same.low, same.p) == (0.0, 0.0, 1.0)


def test_categories_are_measured_by_pearson_and_total_variation() -> None:
    before, now = letters(900), letters(600, seed=1, shares=(0.3, 0.3, 0.4))
    counts = np.array([[Counter(side)[letter] for letter in "abc"] for side in (before, now)])
    pooled = counts.sum(axis=0) / 1_500
    moved = np.abs(counts[0] / 900 - counts[1] / 600).sum() / 2
    chance = np.sqrt(2 / math.pi * pooled * (1 - pooled) * 1_500 / (900 * 600)).sum() / 2
    drift = measured([*before], [*now])

    assert drift.p == pytest.approx(chi2_contingency(counts).pvalue)
    assert drift.d == pytest.approx(moved - chance)


@pytest.mark.parametrize(
    ("before", "now"),
    [([0.0, 1.0], [1.0]), ([True, False], [False]), (["yes", "no"], ["no"])],
    ids=["two-valued numbers", "booleans", "text"],
)
def test_two_values_are_categories(before: list[Cell], now: list[Cell]) -> None:
    half = measured(before * 500, [*(before * 250), *(now * 500)])

    assert half.d == pytest.approx(0.25 - math.sqrt(2 / math.pi * 3 / 8 * 5 / 8 / 500), abs=1e-9)
    assert half.drifted


def test_rare_categories_are_one_cell() -> None:
    """Names that hardly repeat say nothing of drift, however different they are."""
    drift = measured([f"name {i}" for i in range(500)], [f"other {i}" for i in range(500)])

    assert (drift.d, drift.p, drift.drifted) == (0.0, 1.0, False)


def test_rare_categories_that_take_over_are_drift() -> None:
    before: list[Cell] = [*["a"] * 400, *[f"name {i}" for i in range(100)]]
    now: list[Cell] = [*["a"] * 100, *[f"other {i}" for i in range(400)]]

    assert measured(before, now).d == pytest.approx(0.6, abs=0.05)


def test_categories_that_were_not_kept_are_no_drift() -> None:
    """Of 6,000 names the 200 most frequent are kept; those that were lost may still be there."""
    before: list[Cell] = [f"n{i:05}" for i in range(5_001) for _ in range(6)]
    now: list[Cell] = [f"n{5_000 - i:05}" for i in range(5_001) for _ in range(6)]

    assert measured(before, now).d == 0.0


def test_a_column_is_what_most_of_its_reference_is() -> None:
    numeric: list[Cell] = [*normal(200), *["?"] * 50]
    textual: list[Cell] = [*letters(200), *["1", "2"] * 25]

    assert measured(numeric, numeric).n_before == 200
    assert measured(textual, textual).n_before == 250


def test_the_alarm_needs_both_a_small_p_and_a_large_d() -> None:
    shift = [*normal(1_000)], [*normal(1_000, seed=1, mean=0.5)]
    few = [*normal(40)], [*normal(40, seed=1, mean=0.5)]

    assert measured([*shift[0]], [*shift[1]]).drifted
    assert not measured([*shift[0]], [*shift[1]], limit=0.5).drifted
    assert not measured([*few[0]], [*few[1]]).drifted


@pytest.mark.parametrize(
    ("before", "now"), [([], []), ([1.0] * 29, [2.0] * 99), ([1.0] * 99, [None]), ([None], [1.0])]
)
def test_too_few_values_say_nothing(before: list[Cell], now: list[Cell]) -> None:
    drift = measured(before, now)

    assert (drift.d, drift.p, drift.low, drift.high, drift.drifted) == (0.0, 1.0, 0.0, 1.0, False)


def test_a_constant_column_does_not_move() -> None:
    drift = measured([1.0] * 50, [1.0] * 50)

    assert (drift.d, drift.p) == (0.0, 1.0)


def test_a_summary_without_points_does_not_fail() -> None:
    both = pair([*normal(100)], [*normal(100, seed=1)])
    assert both.reference.numbers is not None
    bare = replace(both.reference.numbers, points=(), below=(), up_to=())
    odd = ColumnPair(reference=replace(both.reference, numbers=bare), batch=both.batch)

    assert column_drift(odd, columns=1, limit=0.1).d == 0.0
