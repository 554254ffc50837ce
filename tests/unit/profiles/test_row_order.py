"""Runs and steps are those of the whole column, however it came in chunks."""

from __future__ import annotations

from itertools import groupby, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.profiles.distinct import number_hashes
from mlci_action.profiles.row_order import OrderAccumulator

MISSING = np.uint64(1)
CELLS = st.lists(st.one_of(st.none(), st.integers(0, 2)), min_size=1, max_size=40)


def order_of(chunks: list[list[int | None]]) -> tuple[int, int, int, int]:
    accumulator = OrderAccumulator()
    for chunk in chunks:
        values = np.array([np.nan if cell is None else cell for cell in chunk])
        hashes = np.where(np.isnan(values), MISSING, number_hashes(values))
        accumulator.add(values[~np.isnan(values)], hashes, MISSING)
    found = accumulator.order(None)
    return found.longest_run, found.run_start, found.rising, found.falling


@given(st.lists(CELLS, min_size=1, max_size=5))
def test_the_longest_run_is_found_across_chunks(chunks: list[list[int | None]]) -> None:
    cells = [cell for chunk in chunks for cell in chunk]
    runs, row = [(0, 0)], 0
    for cell, group in groupby(cells):
        length = len(list(group))
        if cell is not None:
            runs.append((length, row))
        row += length
    longest = max(length for length, _ in runs)
    start = next(start for length, start in runs if length == longest)
    numbers = [cell for cell in cells if cell is not None]
    steps = [after - before for before, after in pairwise(numbers)]
    assert order_of(chunks) == (
        longest,
        start,
        sum(step > 0 for step in steps),
        sum(step < 0 for step in steps),
    )


def test_a_run_over_three_chunks_keeps_its_beginning() -> None:
    assert order_of([[1, 2], [2, 2], [2, 3]]) == (4, 1, 2, 0)
