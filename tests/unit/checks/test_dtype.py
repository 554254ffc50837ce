"""Columns that hold another kind of values than before."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mlci_action.checks.dtype import find_dtype
from mlci_action.checks.findings import Finding, Kind
from mlci_action.domain.cells import CellTest
from tests.unit.checks.profiles import Cell, edited, numbers

WHOLE: list[Cell] = list(range(100))
NAMES: list[Cell] = ["heart failure", "pneumonia", "asthma care", "surgery"] * 60
TIMES: list[Cell] = [f"{hour}:{minute:02} a.m." for hour in range(1, 12) for minute in range(20)]
MOMENTS: list[Cell] = [
    datetime(2020, 1, 1) + timedelta(days=day)  # noqa: DTZ001 - what a file without zones holds
    for day in range(100)
]
DAYS: list[Cell] = [f"2020-01-{1 + i % 30:02}" for i in range(150)]


def found(
    before: Sequence[Cell], now: Sequence[Cell], *, show_values: bool = False
) -> list[Finding]:
    return list(find_dtype(edited([numbers(before)], [numbers(now)], show_values=show_values)))


def test_one_text_among_numbers_is_enough() -> None:
    assert found(WHOLE, [*WHOLE, "12 oz"]) == [
        Finding(
            column="x",
            message="column 'x' held numbers alone, and 1 of 101 cells are text of the form "
            "'99 aa': units, thousands separators, or another column",
            rows=1,
            observed=1 / 101,
            cells=CellTest(column="x", texts=frozenset({"12 oz"}), exact=True),
        )
    ]


def test_the_text_is_quoted_only_where_values_may_be_shown() -> None:
    [finding] = found(WHOLE, [*WHOLE, "12 oz"], show_values=True)

    assert "are text '12 oz'" in finding.message
    assert finding.evidence == {"values": ["12 oz"]}


def test_infinity_is_told_as_what_it_is() -> None:
    [finding] = found(WHOLE, [*WHOLE, float("inf"), float("-inf")])

    assert finding.message == "column 'x' held numbers alone, and 2 of 102 cells are infinite"


@pytest.mark.parametrize("token", ["", " ", "?", "n/a", "NULL", "unknown"])
def test_blanks_and_placeholders_are_another_checks_business(token: str) -> None:
    assert found(WHOLE, [*WHOLE, token]) == []
    assert found([*WHOLE, token], [*WHOLE, token, "12 oz"]) != []


def test_text_that_was_there_before_is_no_news() -> None:
    assert found([*WHOLE, "136A"], [*WHOLE, "136A", "137B"]) == []


def test_few_numbers_do_not_tell_what_a_column_is() -> None:
    assert found(WHOLE[:49], ["a", "b"]) == []


def test_whole_numbers_read_as_fractions_because_some_are_missing_are_the_same() -> None:
    assert found(WHOLE, [*WHOLE[:50], *[None] * 50]) == []


def test_fractions_among_whole_numbers_count() -> None:
    few: list[Cell] = [i + 0.5 for i in range(5)]
    many: list[Cell] = [i + 0.5 for i in range(30)]

    assert found(WHOLE, [*WHOLE, *few]) == []
    [finding] = found(WHOLE, [*WHOLE, *many])
    assert (finding.kind, finding.rows) == (Kind.COUNT, 30)
    assert finding.cells == CellTest(column="x", numbers=frozenset(map(float, many)))  # type: ignore[arg-type]
    assert found([0.5, *WHOLE], [*WHOLE, *many]) == []


def test_text_that_became_numbers_is_one_finding() -> None:
    assert found(NAMES, WHOLE) == [
        Finding(
            column="x",
            message="column 'x' held text alone, and all of 100 cells are numbers now: codes for "
            "names, a lost unit or separator, or another column",
            rows=100,
            observed=1.0,
            cells=CellTest(column="x", above=-sys.float_info.max),
        )
    ]


def test_true_and_false_that_became_numbers_are_called_so() -> None:
    [finding] = found([True, False] * 50, [1, 0] * 50)

    assert "held true and false, and all of 100 cells are numbers" in finding.message


def test_one_number_is_enough_where_no_name_has_a_digit_or_all_texts_have_one_form() -> None:
    assert [f.kind for f in found(NAMES, [*NAMES, 17.5])] == [Kind.FORM]
    assert [f.kind for f in found(TIMES, [*TIMES, 710])] == [Kind.FORM]
    assert [f.kind for f in found([*DAYS, *DAYS], [*DAYS, 43_831])] == [Kind.FORM]
    assert found(DAYS, [*DAYS, 43_831]) == []


def test_elsewhere_numbers_among_texts_must_be_many() -> None:
    """Titles of films, say: one of them is 1984."""
    titles: list[Cell] = [f"{'ab' * (1 + i % 7)}{' 2' * (i % 2)}, {i}" for i in range(300)]

    assert found(titles, [*titles, 1984]) == []
    [finding] = found(titles, [*titles, *range(40)])
    assert (finding.kind, finding.rows) == (Kind.COUNT, 40)


def test_a_few_rows_of_numbers_do_not_make_a_column_of_numbers() -> None:
    varied: list[Cell] = [f"{'ab' * (i % 9)} {i}x" for i in range(60)]

    assert found(varied, [1, 2, 3, 4]) == []
    assert found(varied, [1, 2, 3, 4, 5]) != []


def test_moments_as_text_only_warn_since_a_csv_file_has_no_others() -> None:
    as_text: list[Cell] = [str(moment) for moment in MOMENTS]

    assert [(f.warns, f.message) for f in found(MOMENTS, as_text)] == [
        (True, "column 'x' held moments, and its dates are text now: was the file CSV?")
    ]
    assert [(f.warns, f.message) for f in found(as_text, MOMENTS)] == [
        (True, "column 'x' held dates as text, and all of 100 cells are moments now")
    ]


def test_moments_that_became_numbers_or_other_text_fail_and_the_reverse() -> None:
    assert [(f.warns, f.rows) for f in found(MOMENTS, WHOLE)] == [(False, 100)]
    assert [(f.warns, f.rows) for f in found(MOMENTS, [*MOMENTS, "soon"])] == [(False, 1)]
    assert [(f.warns, f.rows) for f in found(WHOLE, MOMENTS)] == [(False, 100)]
    assert [(f.warns, f.rows) for f in found(NAMES, MOMENTS)] == [(False, 100)]


def test_dates_that_became_serial_numbers_are_named() -> None:
    [finding] = found(DAYS, WHOLE)

    assert "held dates as text, and all of 100 cells are numbers" in finding.message


def test_of_too_many_texts_to_list_all_are_meant() -> None:
    column = numbers([*WHOLE, "12 oz", "13 oz"])
    assert column.text is not None
    cut = replace(column, text=replace(column.text, values=(("12 oz", 1),), complete=False))

    [finding] = find_dtype(edited([numbers(WHOLE)], [cut]))

    assert (finding.rows, finding.cells) == (2, CellTest(column="x", all_text=True))


@pytest.mark.parametrize("now", [[], [None, None], [None, 1.0]])
def test_an_empty_column_says_nothing(now: list[Cell]) -> None:
    assert found(WHOLE, now) == []
    assert found(now, WHOLE) == []
