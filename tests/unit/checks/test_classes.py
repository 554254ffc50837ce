"""Which targets hold classes."""

from __future__ import annotations

import pytest

from mlci_action.checks.classes import classes_of
from tests.unit.checks.profiles import Cell, numbers


@pytest.mark.parametrize(
    ("cells", "closed"),
    [
        (["a", "b"] * 20, True),
        ([True, False] * 20, True),
        ([0, 1] * 20, True),
        ([f"k{place}" for place in range(20)] * 5, True),
        ([f"k{place}" for place in range(30)] * 25, True),
        # Others may be as rare.
        ([*["a", "b"] * 20, *["c"] * 4], False),
        ([f"k{place}" for place in range(20)] * 2, False),
        (["a"] * 200, False),
        # They may count something.
        ([0, 1, 2] * 20, False),
    ],
)
def test_few_texts_or_whole_numbers_are_classes(cells: list[Cell], closed: object) -> None:
    found = classes_of(numbers(cells, "y"))
    assert found is not None
    assert found.closed is closed


@pytest.mark.parametrize(
    "cells",
    [
        [0.5, 1.5] * 20,
        list(range(21)) * 9,
        list(range(20)),
        [f"k{place}" for place in range(30)] * 9,
        [f"k{place}" for place in range(100)],
        [None] * 20,
    ],
)
def test_other_values_are_not(cells: list[Cell]) -> None:
    assert classes_of(numbers(cells, "y")) is None


def test_any_values_are_classes_where_the_owner_says_so() -> None:
    found = classes_of(numbers([0.5, 1.5], "y"), declared=True)
    assert found is not None
    assert dict(found.counts) == {0.5: 1, 1.5: 1}
    assert classes_of(numbers(list(range(6_000)), "y"), declared=True) is None
