"""Ids are counted exactly, and cost nothing while they count up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from mlci_action.profiles.id_counts import IdCounter, IdCounts
from tests.unit.profiles.tables import cells


def _counted(*chunks: Sequence[object]) -> IdCounts:
    counter = IdCounter()
    for chunk in chunks:
        counter.add(cells(chunk))
    return counter.counts()


@pytest.mark.parametrize(
    ("chunks", "counts"),
    [
        ([[1, 2, 3], [4, 5]], (5, 0, 0)),
        ([[1, 2, 3], [3, 4]], (5, 0, 1)),
        ([[1, 2, 3], [10, 11, 2]], (6, 0, 1)),
        ([[1, 2], ["2", "a"], ["a"]], (5, 0, 2)),
        ([["u1", "u2"], ["u1", None]], (4, 1, 1)),
        ([[None, None]], (2, 2, 0)),
        ([[1.5, 2.5], [1.5]], (3, 0, 1)),
        ([[5, 4, 3], [3]], (4, 0, 1)),
        ([[2**53, 2**53 + 1], [2**53 + 1]], (3, 0, 1)),
        ([[], [1]], (1, 0, 0)),
    ],
)
def test_ids_are_counted_exactly(chunks: list[list[object]], counts: tuple[int, int, int]) -> None:
    rows, missing, repeated = counts
    assert _counted(*chunks) == IdCounts(rows=rows, missing=missing, repeated=repeated)


def test_ids_that_count_up_cost_no_memory() -> None:
    counter = IdCounter()
    for start in range(0, 50_000, 5_000):
        counter.add(cells(np.arange(start, start + 5_000)))
    assert counter._hashes == []
    assert counter.counts() == IdCounts(rows=50_000, missing=0, repeated=0)
