"""What is known of how often a value comes?"""

from __future__ import annotations

from mlci_action.checks.value_counts import value_counts
from tests.unit.checks.profiles import numbers


def test_numbers_and_text_are_counted_together() -> None:
    counts = value_counts(numbers([1, 1, "a", "a", "a", None, "1"]))

    assert counts.listed == {1.0: 3, "a": 3}
    assert counts.cells == 6
    assert counts.top == 3
    assert counts.most_frequent(1) == [1.0]
    assert (counts.at_most("b"), counts.at_most(2.0)) == (0, 0)


def test_a_value_that_was_not_kept_is_no_more_frequent_than_the_last_that_was() -> None:
    counts = value_counts(numbers([f"n{i}" for i in range(5_001) for _ in range(3)]))

    assert len(counts.listed) == 200
    assert counts.at_most("n5000") == 3
    assert counts.at_most(1.0) == 0


def test_an_empty_column_has_no_values() -> None:
    counts = value_counts(numbers([None]))

    assert (counts.cells, counts.top, counts.most_frequent(3)) == (0, 0, [])
