"""What does the first line say: names of columns, or is it a row?"""

from __future__ import annotations

import pytest

from mlci_action.adapters.tables.header import has_header, looks_like_a_row
from mlci_action.errors import DatasetError


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1 2 3", True),
        ("0 1 2 3", False),
        ("4 3 2 1", True),
        ("0.5 1.5 2.5 3.5", True),
        ("1,5 2,5", True),
        ("yes 1.5", True),
        ("yes 3 7", True),
        ("yes 7", False),
        ("id 2019 2020 2021", False),
        ("1e9999 a", False),
        ("1_000 2_000", False),
        ("٣ ٤", False),
        ("a b", False),
        ("", False),
    ],
)
def test_numbers_are_a_row_unless_they_count(line: str, expected: bool) -> None:  # noqa: FBT001
    assert looks_like_a_row(line.split(" ")) is expected


def test_columns_without_a_name_are_no_columns_of_one_name() -> None:
    assert has_header("a.csv", ["", "", "a"], None)
    with pytest.raises(DatasetError, match="two columns named 'a'"):
        has_header("a.csv", ["a", "", "a"], None)
