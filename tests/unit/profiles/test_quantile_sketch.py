"""Ranks are exact up to one chunk, and within 0.0005 beyond it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.profiles.quantile_sketch import EXACT_ROWS, QuantileSketch

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(st.lists(FINITE, min_size=1, max_size=300), st.integers(1, 7))
def test_up_to_a_chunk_the_counts_are_those_of_the_rows(values: list[float], pieces: int) -> None:
    sketch = QuantileSketch()
    everything = np.array(values)
    for part in np.array_split(everything, pieces):
        sketch.add(np.sort(part))
    points, below, up_to = sketch.points()
    assert np.isin(points, everything).all()
    assert (np.diff(points) > 0).all()
    assert points[0] == everything.min()
    assert points[-1] == everything.max()
    assert below.tolist() == [int((everything < point).sum()) for point in points]
    assert up_to.tolist() == [int((everything <= point).sum()) for point in points]


def test_between_two_points_lies_at_most_a_64th_of_the_rows_without_ties() -> None:
    sketch = QuantileSketch()
    sketch.add(np.arange(1_000.0))
    _, below, _ = sketch.points()
    assert np.diff(below).max() <= np.ceil(1_000 / 64)


@pytest.mark.parametrize("order", ["random", "rising", "two halves"])
def test_beyond_a_chunk_ranks_are_off_by_less_than_one_in_two_thousand(order: str) -> None:
    """Also when the rows are sorted, so that no chunk is like another."""
    n = 12 * EXACT_ROWS
    values = np.random.default_rng(0).lognormal(size=n)
    if order == "rising":
        values.sort()
    if order == "two halves":
        values[: n // 2] = 0.0
    sketch = QuantileSketch()
    for part in np.array_split(values, 30):
        sketch.add(np.sort(part))
    points, below, up_to = sketch.points()
    ordered = np.sort(values)
    true_below = np.searchsorted(ordered, points, side="left")
    true_up_to = np.searchsorted(ordered, points, side="right")
    assert np.abs(below - true_below).max() < 0.0005 * n
    assert np.abs(up_to - true_up_to).max() < 0.0005 * n
    assert (below[0], up_to[-1]) == (0, n)


def test_memory_does_not_grow_with_the_rows() -> None:
    sketch = QuantileSketch()
    chunk = np.sort(np.random.default_rng(0).normal(size=EXACT_ROWS))
    for _ in range(40):
        sketch.add(chunk)
    kept = sum(len(block) for block in sketch._blocks.values())
    assert kept + sketch._n_waiting <= EXACT_ROWS + 16_384 * 8


def test_without_numbers_there_are_no_points() -> None:
    sketch = QuantileSketch()
    sketch.add(np.array([]))
    assert [len(part) for part in sketch.points()] == [0, 0, 0]
