"""Negative numbers in a column clear of zero, and only there."""

from __future__ import annotations

from mlci_action.checks.findings import Finding, Kind
from mlci_action.checks.sign import find_sign
from mlci_action.domain.cells import CellTest
from tests.unit.checks.profiles import compared, numbers
from tests.unit.checks.samples import lognormal, uniform

CLEAR = uniform(500, low=10, high=90)


def found(before: list[float], now: list[float], *, show_values: bool = False) -> list[Finding]:
    return list(find_sign(compared([numbers(before)], [numbers(now)], show_values=show_values)))


def test_two_flipped_numbers_are_found() -> None:
    [finding] = found(CLEAR, [*CLEAR[:98], -20.0, -30.0])

    assert finding == Finding(
        column="x",
        message="column 'x' is negative in 2 rows, and nowhere in the reference; without the sign "
        "they lie in its range",
        kind=Kind.FORM,
        rows=2,
        cells=CellTest(column="x", below=0.0),
    )


def test_one_may_be_a_slip() -> None:
    assert found(CLEAR, [*CLEAR[:99], -20.0]) == []


def test_the_whole_column_may_be_flipped() -> None:
    assert [finding.rows for finding in found(CLEAR, [-x for x in CLEAR])] == [500]


def test_negative_numbers_of_another_size_are_another_fault() -> None:
    assert found(CLEAR, [*CLEAR[:90], *[-9_999.0] * 10]) == []
    assert found(CLEAR, [*CLEAR[:90], *[-0.5] * 10]) == []
    assert found(CLEAR, [*CLEAR[:90], *[-20.0] * 9, -9_999.0])[0].rows == 10


def test_a_column_near_zero_may_go_below() -> None:
    assert found(lognormal(500, sigma=2.0), [-1.0, -1.1, -1.2]) == []
    assert found([*CLEAR, 0.0], [-20.0, -30.0]) == []


def test_codes_and_short_references_are_silent() -> None:
    assert found([1.0, 2.0, 3.0, 4.0, 5.0] * 100, [-1.0, -2.0]) == []
    assert found(CLEAR[:199], [-20.0, -30.0]) == []
    assert len(found(CLEAR[:200], [-20.0, -30.0])) == 1


def test_values_are_quoted_only_where_they_may_be() -> None:
    [finding] = found(CLEAR, [-20.0, -30.0], show_values=True)

    assert finding.message.endswith(": -30, -20")
    assert finding.evidence == {"values": [-30.0, -20.0]}


def test_columns_without_numbers_are_silent() -> None:
    assert list(find_sign(compared([numbers(CLEAR)], [numbers(["a"])]))) == []
    assert list(find_sign(compared([numbers([])], [numbers([-1.0, -2.0])]))) == []
