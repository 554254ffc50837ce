"""The order is that of an argsort, for scores of any size and sign."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlci_action.evaluation.metrics.ordering import ascending, order_of


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


@settings(max_examples=200, deadline=None)
@given(scores=st.lists(st.sampled_from([-1.5, -0.0, 0.0, 0.25, 0.25 + 1e-17, 1e300]), max_size=30))
def test_the_last_row_of_each_group_of_equal_scores_is_marked(scores: list[float]) -> None:
    order = order_of(np.array(scores, dtype=np.float64))
    ordered = sorted(scores)
    higher = [one < other for one, other in pairwise(ordered)]
    assert order.last.tolist() == [*higher, True][: len(scores)]


def test_groups_are_told_apart_by_bits_that_the_words_have_no_room_for() -> None:
    draw = np.random.default_rng(2)
    scores = np.append(0.5 + 1e-16 * draw.integers(0, 9, 20_000), [1e-300, 1e300])
    order = order_of(scores)
    assert order.last[:-1].tolist() == (np.diff(scores[order.rows]) > 0).tolist()
    assert 5 < order.last.sum() < 12


def test_single_precision_orders_as_double() -> None:
    scores = np.random.default_rng(3).normal(size=500).astype(np.float32).round(1)
    assert (np.diff(scores[ascending(scores)]) >= 0).all()
    assert order_of(scores).last.sum() == len(np.unique(scores))
