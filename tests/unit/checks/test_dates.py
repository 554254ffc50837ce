"""Dates far beyond the reference's, and dates that name no day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from mlci_action.checks.dates import find_dates
from mlci_action.checks.findings import Finding, Kind
from mlci_action.domain.cells import CellTest
from tests.unit.checks.profiles import Cell, compared, text

DAYS: list[Cell] = [f"{2000 + i % 10}-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(200)]
MOMENTS: list[Cell] = [
    datetime(2020, 1, 1) + timedelta(days=day)  # noqa: DTZ001 - what a file without zones holds
    for day in range(100)
]


def found(
    before: Sequence[Cell], now: Sequence[Cell], *, show_values: bool = False
) -> list[Finding]:
    return list(find_dates(compared([text(before)], [text(now)], show_values=show_values)))


def test_a_date_two_centuries_ahead_is_found() -> None:
    [finding] = found(DAYS, [*DAYS, "2207-01-05"], show_values=True)

    assert finding.message == (
        "column 'x' holds 1 date up to 197 years after the last in the reference, which spans 9.9"
    )
    assert (finding.kind, finding.rows) == (Kind.FORM, 1)
    assert finding.observed == pytest.approx(197.1, abs=0.1)
    assert finding.limit == pytest.approx(20)
    assert finding.cells == CellTest(column="x", texts=frozenset({"2207-01-05"}), exact=True)
    assert finding.evidence == {"values": ["2207-01-05"]}


def test_and_one_long_before_the_first() -> None:
    [finding] = found(DAYS, [*DAYS, "1900-01-01", "1900-01-01"])

    assert "holds 2 dates up to 100 years before the first in the reference" in finding.message


def test_a_later_batch_is_no_fault() -> None:
    assert found(DAYS, ["2021-05-01", "2028-01-01"]) == []


def test_twice_the_span_of_a_long_history_is_allowed() -> None:
    long: list[Cell] = [f"{1800 + i}-01-01" for i in range(200)]

    assert found(long, ["2300-01-01"]) == []
    assert found(long, ["2500-01-01"]) != []


def test_moments_are_judged_alike() -> None:
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001

    [finding] = found(MOMENTS, [*MOMENTS, epoch])

    assert finding.message == (
        "column 'x' holds dates up to 50 years before the first in the reference, which spans 0.3"
    )
    assert (finding.rows, finding.cells) == (None, None)


def test_few_dates_do_not_tell_what_is_far() -> None:
    assert found(DAYS[:49], ["2207-01-05"]) == []


@pytest.mark.parametrize("day", ["2004-13-05", "2004-02-30", "31/04/2004", "0000-00-00"])
def test_a_date_that_no_calendar_has_is_found(day: str) -> None:
    [finding] = found(DAYS, [*DAYS, day, "not 31-31"])

    assert finding.message == (
        "column 'x' holds 1 date that no calendar has, and none in the reference: a 13th month, or "
        "a day that its month lacks"
    )
    assert finding.cells == CellTest(column="x", texts=frozenset({day}), exact=True)


def test_known_impossible_dates_must_become_more() -> None:
    known = [*DAYS, "2004-02-30"]

    assert found(known, known) == []
    [finding] = found(known, [*known, *["2004-02-31"] * 40])
    assert (finding.kind, finding.rows) == (Kind.COUNT, 41)
    assert "and 1 of 201 in the reference" in finding.message


def test_columns_without_dates_are_silent() -> None:
    assert found(["a", "b"] * 50, ["a", "2207-01-05"]) == []
    assert found(DAYS, []) == []
    assert found([], DAYS) == []
