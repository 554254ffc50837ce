"""An edited file leaves nothing to luck; a new draw of rows does."""

from __future__ import annotations

import pandas as pd
import pytest

from mlci_action.checks.disguised import find_disguised_texts
from mlci_action.checks.same_rows import same_rows
from mlci_action.checks.spelling import find_spelling
from mlci_action.profiles.frames import chunks_of
from mlci_action.profiles.table import sum_up
from tests.unit.checks.profiles import Cell, compared, edited, numbers, table, text

CITIES: list[Cell] = ["Boston", "Birmingham", "New York", "Chicago"] * 50


@pytest.mark.parametrize("odd", [" ", "Birminghxm"])
def test_one_odd_cell_in_as_many_new_rows_may_be_luck_and_two_are_not(odd: str) -> None:
    def said(now: list[Cell], before: list[Cell] = CITIES) -> int:
        data = compared([numbers(before)], [numbers(now)])
        return len([*find_spelling(data), *find_disguised_texts(data)])

    assert said([*CITIES, odd]) == 0
    assert said([*CITIES, odd, odd]) == 1
    assert said([*CITIES, odd], before=CITIES * 10) == 1


@pytest.mark.parametrize("odd", [" ", "Birminghxm"])
def test_one_odd_cell_in_an_edited_file_was_put_there(odd: str) -> None:
    data = edited([numbers(CITIES)], [numbers([*CITIES, odd])])
    assert len([*find_spelling(data), *find_disguised_texts(data)]) == 1


def test_rows_are_the_same_when_half_of_them_are_untouched() -> None:
    frame = pd.DataFrame({"x": range(3_000), "y": ["a", "b", "c"] * 1_000})

    before = sum_up(chunks_of(frame)).profile
    some = frame.copy()
    some.loc[:1_000, "x"] = -1
    most = frame.copy()
    most.loc[:2_500, "x"] = -1
    assert same_rows(before, sum_up(chunks_of(frame)).profile)
    assert same_rows(before, sum_up(chunks_of(some)).profile)
    assert not same_rows(before, sum_up(chunks_of(most)).profile)
    halves = [sum_up(chunks_of(frame.iloc[part::2])).profile for part in (0, 1)]
    assert not same_rows(*halves)


def test_rows_are_the_same_when_their_names_are() -> None:
    """Every row may have a wrong cell, and still the rows are those of before."""
    names: list[Cell] = [f"customer {number}" for number in range(400)]
    others: list[Cell] = [f"customer {number}" for number in range(400, 800)]
    assert same_rows(table(text(names)), table(text([*names[:300], *others[:100]])))
    assert not same_rows(table(text(names)), table(text(others)))
    assert not same_rows(table(text(CITIES)), table(text(CITIES)))
