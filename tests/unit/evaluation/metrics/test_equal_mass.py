"""Bins of equal mass: sizes, ties, weights and dependent rows."""

from __future__ import annotations

import numpy as np
import pytest

from mlci_action.evaluation.metrics.equal_mass import bin_variances, equal_mass_bins
from mlci_action.evaluation.reading.dependence import units_of


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("n", [10, 23, 100])
def test_bins_of_different_scores_hold_as_many_rows_as_can_be(n: int, *, weighted: bool) -> None:
    scores = np.random.default_rng(1).permutation(n) / n
    bins = equal_mass_bins(scores, np.full(n, 0.3) if weighted else None, 10)
    sizes = np.bincount(bins, minlength=10)
    assert sizes.max() - sizes.min() <= 1
    assert (np.diff(bins[np.argsort(scores)]) >= 0).all()


def test_tied_scores_stay_together() -> None:
    scores = np.array([0.0] * 35 + [0.2] * 20 + [0.9] * 45)
    bins = equal_mass_bins(scores, None, 10)
    assert [np.unique(bins[scores == score]).tolist() for score in (0.0, 0.2, 0.9)] == [
        [3],
        [5],
        [9],
    ]


def test_weights_count_as_so_many_rows() -> None:
    draw = np.random.default_rng(2)
    scores, times = draw.random(60).round(1), draw.integers(1, 4, size=60)
    weighted = equal_mass_bins(scores, times.astype(np.float64), 5)
    repeated = equal_mass_bins(np.repeat(scores, times), None, 5)
    assert repeated.tolist() == np.repeat(weighted, times).tolist()


def test_no_rows_are_in_no_bin() -> None:
    assert equal_mass_bins(np.empty(0), None, 10).tolist() == []


def test_rows_of_one_unit_are_summed_before_they_are_squared() -> None:
    bins, moved = np.array([0, 0, 1, 1]), np.array([1.0, 1.0, 2.0, -2.0])
    units = units_of(np.array([0, 0, 0, 1]))
    assert bin_variances(bins, moved, None, count=3).tolist() == [2.0, 8.0, 0.0]
    assert bin_variances(bins, moved, units, count=3).tolist() == [8.0, 16.0, 0.0]
