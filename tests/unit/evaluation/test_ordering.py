"""The order is that of an argsort, for scores of any size and sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlci_action.evaluation.ordering import ascending


@settings(max_examples=200, deadline=None)
@given(scores=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=50))
def test_scores_come_out_sorted_and_every_row_once(scores: list[float]) -> None:
    given_scores = np.array(scores, dtype=np.float64)
    rows = ascending(given_scores)
    assert given_scores[rows].tolist() == sorted(scores)
    assert sorted(rows.tolist()) == list(range(len(scores)))


@pytest.mark.parametrize("spread", [1e-16, 1e-13, 1.0])
def test_scores_that_differ_in_their_last_bits_alone_are_told_apart(spread: float) -> None:
    """So many rows need so many bits that the scores' own lowest are left out of the words."""
    draw = np.random.default_rng(1)
    scores = np.append(0.5 + spread * draw.random(20_000), [1e-300, -1e300, -0.0, 0.0])
    assert (np.diff(scores[ascending(scores)]) >= 0).all()


def test_a_single_row_has_an_order() -> None:
    assert ascending(np.array([0.3])).tolist() == [0]
