"""Few rows that stand for many: classes and slices are still there, and the draw is seeded."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from mlci_action.evaluation.sabotage.few_rows import few_rows

N = 20_000
CODES = (np.random.default_rng(0).random(N) < 0.01).astype(np.int64)


def test_as_many_as_fit_are_all_taken() -> None:
    assert_array_equal(few_rows(CODES[:300], most=300, seed=0), np.arange(300))


def test_classes_keep_their_share_and_rare_ones_fifty_rows() -> None:
    taken = CODES[few_rows(CODES, most=1_000, seed=0)]
    assert 50 <= taken.sum() <= 51
    assert (taken == 0).sum() == pytest.approx(990, abs=2)


def test_each_class_is_there_however_many_there_are() -> None:
    codes = np.arange(N) % 900
    taken = few_rows(codes, most=1_000, seed=0)
    assert len(set(codes[taken])) == 900
    assert len(taken) <= 2_000


def test_the_draw_hangs_on_the_seed_alone() -> None:
    one, other = (few_rows(CODES, most=500, seed=1) for _ in "ab")
    assert_array_equal(one, other)
    assert len(set(one) ^ set(few_rows(CODES, most=500, seed=2))) > 100


def test_parts_get_the_rows_that_are_wanted_of_them() -> None:
    rare, none = np.arange(N) < 80, np.zeros(N, bool)
    taken = few_rows(CODES, [(rare, 60), (none, 60)], most=1_000, seed=0)
    assert rare[taken].sum() == 60
    assert rare[few_rows(CODES, most=1_000, seed=0)].sum() < 60


def test_parts_never_make_more_than_twice_the_rows() -> None:
    parts = [(np.arange(N) % 100 == part, 200) for part in range(100)]
    assert len(few_rows(CODES, parts, most=1_000, seed=0)) == 2_000


def test_rows_that_do_not_count_are_not_taken() -> None:
    counting = np.arange(N) % 2 == 0
    parts = [(np.arange(N) < 80, 60)]
    taken = few_rows(CODES, parts, counting=counting, most=1_000, seed=0)
    assert counting[taken].all()
    assert (taken < 80).sum() == 40
