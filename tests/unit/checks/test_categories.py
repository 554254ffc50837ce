"""Categories that the reference lacks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mlci_action.checks.categories import find_categories, unknown_columns
from mlci_action.checks.findings import Finding, Kind
from mlci_action.domain.cells import CellTest
from mlci_action.domain.data_limits import CategoryLimits, DataChecks
from tests.unit.checks.profiles import Cell, compared, numbers, table

CITIES: list[Cell] = ["Bern", "Basel", "Zug", "Uri"] * 100


def found(
    before: Sequence[Cell],
    now: Sequence[Cell],
    limits: CategoryLimits | None = None,
    off: Sequence[str] = (),
    *,
    show_values: bool = False,
) -> list[Finding]:
    checks = DataChecks(categories=limits, off=frozenset(off))
    data = compared([numbers(before)], [numbers(now)], limits=checks, show_values=show_values)
    return list(find_categories(data))


def test_a_new_category_that_comes_too_often_is_found() -> None:
    assert found(CITIES, [*CITIES, *["Lugano"] * 20], show_values=True) == [
        Finding(
            column="x",
            message="column 'x' holds a category in 20 cells, 'Lugano', that none of 400 in the "
            "reference has",
            kind=Kind.COUNT,
            rows=20,
            observed=20 / 420,
            cells=CellTest(column="x", texts=frozenset({"Lugano"}), exact=True),
            evidence={"values": ["Lugano"], "categories": 1},
        )
    ]


def test_a_few_cells_may_be_chance() -> None:
    assert found(CITIES, [*CITIES, *["Lugano"] * 5]) == []


def test_many_categories_that_come_once_count_together() -> None:
    once: list[Cell] = [f"{'abcdefghijklmnopqrst'[i]}.." for i in range(20)]

    [finding] = found(CITIES, [*CITIES, *once])

    assert finding.rows == 20
    assert "holds 20 categories in 20 cells, of the form 'a..', that" in finding.message


def test_a_column_whose_rare_categories_always_change_is_silent() -> None:
    before: list[Cell] = [f"{'abcdefghijklmnopqrst'[i]}!" for i in range(20)]
    now: list[Cell] = [f"{'abcdefghijklmnopqrst'[i]}?" for i in range(20)]

    assert found([*CITIES, *before], [*CITIES, *now]) == []


def test_known_categories_that_grow_are_drift_and_no_new_ones() -> None:
    assert found(CITIES, [*CITIES, *["Uri"] * 200]) == []


def test_texts_that_hardly_repeat_are_no_categories() -> None:
    names: list[Cell] = [f"person {i}" for i in range(100)]

    assert found(names, [*names, *["new"] * 50]) == []


def test_dates_bring_new_ones_every_day() -> None:
    before: list[Cell] = [f"2020-01-{1 + i % 20:02}" for i in range(400)]

    assert found(before, ["2020-02-01"] * 100) == []


@pytest.mark.parametrize(
    ("now", "check"),
    [
        (["BERN"] * 30, "spelling"),
        (["unknown"] * 30, "disguised"),
        ([" "] * 30, "disguised"),
        (["ZÃ¼rich"] * 30, "encoding"),
    ],
)
def test_what_a_sharper_check_names_is_not_named_again(now: list[Cell], check: str) -> None:
    assert found(CITIES, [*CITIES, *now]) == []
    assert found(CITIES, [*CITIES, *now], off=[check]) != []


def test_what_has_another_form_is_named_once() -> None:
    codes: list[Cell] = ["AB", "CD", "EF", "GH", "IJ"] * 60

    assert found(codes, [*codes, *["Zurich"] * 40]) == []
    assert found(codes, [*codes, *["Zurich"] * 40], off=["format"]) != []


def test_a_closed_column_takes_no_new_category_at_all() -> None:
    assert found(CITIES, [*CITIES, "Lugano"], CategoryLimits(closed=True)) == [
        Finding(
            column="x",
            message="column 'x' holds a category in 1 cell, of the form 'Aaaaaa', that none of 400 "
            "in the reference has",
            rows=1,
            observed=1 / 401,
            limit=0.0,
            cells=CellTest(column="x", texts=frozenset({"Lugano"}), exact=True),
            settled=True,
            evidence={"categories": 1},
        )
    ]
    assert found(CITIES, CITIES, CategoryLimits(closed=True)) == []


def test_a_closed_column_refuses_what_other_checks_name_as_well() -> None:
    """The owner's limit must hold by itself, however the other checks are set."""
    [finding] = found(CITIES, [*CITIES, "BERN"], CategoryLimits(columns=("x",)))
    assert finding.settled


def test_a_column_that_is_closed_by_name_may_hold_codes_that_are_numbers() -> None:
    codes: list[Cell] = [1, 2, 3] * 20
    limits = CategoryLimits(columns=("x",))

    assert found(codes, codes, limits) == []
    [finding] = found(codes, [*codes, 4], limits)
    assert finding.cells == CellTest(column="x", numbers=frozenset({4.0}), exact=True)
    assert found(codes, [*codes, 4], CategoryLimits(closed=True)) == []
    assert found(["a", "b"] * 20, [*codes], limits) != []


def test_a_column_with_too_many_values_cannot_be_closed() -> None:
    names: list[Cell] = [f"person {i}" for i in range(5_001)]

    [finding] = found(names, names, CategoryLimits(columns=("x",)))

    assert finding.settled
    assert "cannot be closed" in finding.message
    assert found(names, names, CategoryLimits(closed=True)) == []


def test_columns_to_be_closed_that_are_not_there_are_told() -> None:
    limits = CategoryLimits(columns=("x", "y"))
    assert unknown_columns(table(numbers([1.0])), limits) == ["y"]


@pytest.mark.parametrize("now", [[], [None], [1.0, 2.0]])
def test_a_column_without_text_is_silent(now: list[Cell]) -> None:
    assert found(CITIES, now) == []
    assert found(now, CITIES) == []
