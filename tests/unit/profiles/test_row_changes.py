"""How many rows are new or gone?"""

from __future__ import annotations

import pandas as pd
import pytest

from mlci_action.profiles.distinct import Hashes
from mlci_action.profiles.frames import chunks_of
from mlci_action.profiles.row_changes import RowChanges, row_changes, whole_rows

TABLE = pd.DataFrame({"id": [1, 2, 3, 3], "x": [0.5, 1.0, None, None], "y": list("abcc")})


def hashes(table: pd.DataFrame, rows: int = 100) -> Hashes:
    return whole_rows(chunks_of(table, rows=rows))


def test_equal_rows_count_as_often_as_they_are_there() -> None:
    now = pd.concat([TABLE.iloc[1:], TABLE.iloc[[3, 3]], TABLE.iloc[[1]].assign(id=9)])
    found = row_changes(hashes(TABLE), hashes(now))
    assert found == RowChanges(same=3, new=3, gone=1)
    assert found.share == pytest.approx(4 / 7)


def test_the_order_of_rows_and_columns_and_how_they_are_stored_do_not_count() -> None:
    other = TABLE.iloc[::-1][["y", "x", "id"]].assign(id=["3", "3", "2", "1"])
    found = row_changes(hashes(TABLE), hashes(other, rows=2))
    assert found == RowChanges(same=4, new=0, gone=0)
    assert found.share == 0


@pytest.mark.parametrize(
    "other",
    [
        TABLE.rename(columns={"x": "z"}),
        TABLE.assign(more=1),
        TABLE.rename(columns={"x": "y", "y": "x"}),
    ],
    ids=["renamed", "more", "swapped"],
)
def test_other_columns_make_other_rows(other: pd.DataFrame) -> None:
    assert row_changes(hashes(TABLE), hashes(other)).share == 1


def test_values_that_change_places_within_a_row_are_another_row() -> None:
    one = pd.DataFrame({"a": [1, 2], "b": [2, 1]})
    two = pd.DataFrame({"a": [1, 2], "b": [1, 2]})
    assert row_changes(hashes(one), hashes(two)) == RowChanges(same=0, new=2, gone=2)


def test_an_empty_table_has_no_rows_in_common() -> None:
    assert row_changes(hashes(TABLE[:0]), hashes(TABLE)) == RowChanges(same=0, new=4, gone=0)
    assert RowChanges(same=0, new=0, gone=0).share == 0
