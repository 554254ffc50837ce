"""Equal rows have equal hashes, however they come in chunks, and stay together in samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.profile import LabelConflicts, RowRepeats
from mlci_action.profiles.cell_hashes import column_hashes
from mlci_action.profiles.row_hashes import (
    RowHasher,
    conflicts,
    repeated_rows,
    repeats,
)
from tests.unit.profiles.tables import columns_of, hashed, people


def test_rows_do_not_depend_on_chunks_or_the_order_of_columns() -> None:
    frame = people()
    whole = hashed(frame, target="y", id="id")
    for other in (
        hashed(frame, rows=77, target="y", id="id"),
        hashed(frame[["y", "x", "id", "city"]], target="y", id="id"),
        hashed(frame.astype({"x": object, "id": str}), target="y", id="id"),
    ):
        assert other.features.tolist() == whole.features.tolist()
        assert other.whole.tolist() == whole.whole.tolist()
        assert other.labels.tolist() == whole.labels.tolist()
        assert other.at.tolist() == list(range(1_000))


def test_hashes_at_hand_are_not_made_again() -> None:
    (columns,) = columns_of(people())
    hasher = RowHasher(target="y")
    hasher.add(columns, [column_hashes(cells) for cells in columns])
    assert hasher.result().whole.tolist() == hashed(people(), target="y").whole.tolist()


def test_the_same_values_in_other_columns_are_another_row() -> None:
    hashes = hashed(pd.DataFrame({"a": [1, 2], "b": [2, 1]}))
    assert repeats(hashes) == RowRepeats(rows=2, repeated=0)


def test_two_columns_with_one_name_are_told_apart() -> None:
    frame = pd.DataFrame([[1, 2], [2, 1]], columns=["a", "a"])
    assert repeats(hashed(frame)).repeated == 0


def test_rows_that_equal_an_earlier_one_but_for_the_id_are_counted() -> None:
    frame = pd.DataFrame({"id": range(5), "x": [1.0, 2.0, 1.0, None, None], "y": list("aabcc")})
    assert repeats(hashed(frame, target="y", id="id")) == RowRepeats(
        rows=5, repeated=1, ignoring=("id",)
    )
    assert repeated_rows(hashed(frame, target="y", id="id")) == (4,)
    assert repeats(hashed(frame)).repeated == 0


def test_repeats_are_those_of_pandas() -> None:
    drawn = np.random.default_rng(3)
    frame = pd.DataFrame({"a": drawn.integers(0, 9, 500), "b": drawn.choice(list("xyz"), 500)})
    hashes = hashed(frame, rows=99)
    assert repeats(hashes).repeated == int(frame.duplicated().sum())
    assert list(repeated_rows(hashes)) == np.flatnonzero(frame.duplicated()).tolist()


def test_rows_of_nothing_but_an_id_do_not_repeat() -> None:
    assert repeats(hashed(pd.DataFrame({"id": [1, 2, 3]}), id="id")).repeated == 0


def test_no_rows_are_no_problem() -> None:
    empty = RowHasher(target="y").result()
    assert (empty.rows, empty.sampled_share) == (0, 1.0)
    assert repeats(empty) == RowRepeats(rows=0, repeated=0)
    assert conflicts(hashed(people(0), target="y")) == LabelConflicts(
        rows=0, conflicting=0, groups=0
    )


# Samples


def _large(rows: int = 60_000) -> pd.DataFrame:
    """Every row twice, far from each other, but for 200 that are there 50 times more."""
    once = people(rows // 2)
    often = pd.concat([once.iloc[:200]] * 50)
    return pd.concat([once, once, often], ignore_index=True)


def test_memory_is_bounded_and_equal_rows_stay_together() -> None:
    frame = _large()
    sample = hashed(frame, rows=5_000, target="y", id="id", cap=8_000)
    assert len(sample.at) <= 8_000
    assert sample.rows == len(frame)
    assert 0 < sample.sampled_share < 1
    exact = repeats(hashed(frame, target="y", id="id"))
    found = repeats(sample)
    assert not found.exact
    assert found.rows == sample.sampled
    assert found.repeated / found.rows == pytest.approx(exact.repeated / exact.rows, abs=0.03)


def test_a_sample_does_not_depend_on_chunks_where_rows_differ() -> None:
    frame = people(20_000)
    one, other = (hashed(frame, rows=n, cap=3_000).thinned(4) for n in (512, 20_000))
    assert one.at.tolist() == other.at.tolist()
    assert one.halvings == other.halvings == 4


def test_exact_keeps_every_row() -> None:
    exact = hashed(_large(), rows=5_000, exact=True, cap=8_000)
    assert len(exact.at) == exact.rows == len(_large())


def test_few_different_rows_are_all_known_however_many_there_are() -> None:
    drawn = np.random.default_rng(0)
    frame = pd.DataFrame({"a": drawn.integers(0, 3, 50_000), "y": drawn.integers(0, 2, 50_000)})
    sample = hashed(frame, rows=5_000, target="y", cap=6_000)
    assert sample.sampled == sample.rows == 50_000
    assert repeats(sample) == RowRepeats(rows=50_000, repeated=49_994)


def test_rows_that_no_hash_can_part_still_keep_to_the_bound() -> None:
    frame = pd.DataFrame({"a": 1, "y": np.arange(50_000)})
    sample = hashed(frame, rows=5_000, target="y", cap=6_000)
    assert 0 < len(sample.at) <= 6_000
    assert sample.rows == 50_000


# Labels


def test_rows_with_another_label_than_most_of_their_equals_conflict() -> None:
    frame = pd.DataFrame(
        {"x": [1, 1, 1, 2, 2, 3, 4, 4], "y": ["a", "a", "b", "a", "b", "a", "a", None]}
    )
    assert conflicts(hashed(frame, target="y")) == LabelConflicts(rows=7, conflicting=2, groups=4)


def test_no_target_has_no_conflicts() -> None:
    assert conflicts(hashed(people())) is None
    assert conflicts(hashed(pd.DataFrame({"y": [1, 2]}), target="y")) is None
