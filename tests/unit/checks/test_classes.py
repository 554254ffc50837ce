"""Which targets hold classes."""

from __future__ import annotations

import pytest

from mlci_action.checks.classes import classes_of
from tests.unit.checks.profiles import Cell, numbers


@pytest.mark.parametrize(
    ("cells", "certain"),
    [
        (["a", "b"] * 20, True),
        ([True, False] * 20, True),
        ([0, 1] * 20, True),
        ([0, 1, 2] * 20, False),
        ([f"k{place}" for place in range(20)] * 2, True),
        ([0.5, 1.5] * 20, None),
        (list(range(21)) * 9, None),
        (list(range(20)), None),
        ([f"k{place}" for place in range(100)], None),
        ([None] * 20, None),
    ],
)
def test_few_texts_or_whole_numbers_are_classes(cells: list[Cell], certain: object) -> None:
    found = classes_of(numbers(cells, "y"))
    assert (None if found is None else found.certain) is certain


def test_any_values_are_classes_where_the_owner_says_so() -> None:
    found = classes_of(numbers([0.5, 1.5], "y"), declared=True)
    assert found is not None
    assert dict(found.counts) == {0.5: 1, 1.5: 1}
    assert classes_of(numbers(list(range(6_000)), "y"), declared=True) is None
