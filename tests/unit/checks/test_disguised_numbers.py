"""-999 and its like are found where they stand for nothing, and left alone where they may be so."""

from __future__ import annotations

import pytest

from mlci_action.checks.disguised_numbers import MAGIC, find_disguised_numbers
from mlci_action.checks.findings import Finding, Kind
from mlci_action.domain.cells import CellTest
from tests.unit.checks.profiles import compared, numbers
from tests.unit.checks.samples import normal, pareto, uniform

POSITIVE = uniform(500, low=0, high=1_000)


def found(before: list[float], now: list[float], *, show_values: bool = False) -> list[Finding]:
    return list(
        find_disguised_numbers(compared([numbers(before)], [numbers(now)], show_values=show_values))
    )


def test_two_cells_below_zero_in_a_positive_column_are_found() -> None:
    [finding] = found(POSITIVE, [*POSITIVE[:98], -999.0, -999.0])

    assert finding == Finding(
        column="x",
        message="column 'x' holds in 2 rows a number that usually stands for a missing value, and "
        "that the reference never has",
        kind=Kind.FORM,
        rows=2,
        cells=CellTest(column="x", numbers=frozenset({-999.0})),
    )
    assert found(POSITIVE, [*POSITIVE[:99], -999.0]) == []


@pytest.mark.parametrize("value", [-1.0, -9.0])
def test_small_ones_need_three_cells_and_two_hundred_numbers(value: float) -> None:
    assert len(found(POSITIVE, [*POSITIVE[:97], *[value] * 3])) == 1
    assert found(POSITIVE, [*POSITIVE[:98], *[value] * 2]) == []
    assert found(POSITIVE[:199], [*POSITIVE[:97], *[value] * 3]) == []
    # Nor does a narrow range make one of them sure.
    assert found(uniform(500, high=0.1), [0.05, value]) == []


def test_other_negative_numbers_make_a_magic_one_ordinary() -> None:
    assert found(POSITIVE, [*POSITIVE[:90], *[-99.0] * 3, -17.5]) == []


def test_two_cells_a_range_away_are_found_on_any_column() -> None:
    before = normal(500, sd=80.0)  # about -250 to 250

    assert found(before, [*before[:98], 999.0, 999.0])[0].rows == 2
    assert found(before, [*before[:99], 999.0]) == []
    assert found(normal(500, sd=200.0), [999.0, 999.0]) == []


def test_one_cell_three_ranges_away_is_found() -> None:
    before = normal(500, sd=100.0)

    assert found(before, [*before[:99], 99_999.0])[0].rows == 1
    assert found(before, [*before[:99], -1e20])[0].rows == 1
    assert found(before, [*before[:99], float(2**31 - 1)])[0].rows == 1


def test_one_cell_that_a_long_tail_may_bring_is_ordinary() -> None:
    """Counts of up to thousands: 9,999 is one of them."""
    before = pareto(500, shape=1.2)

    assert max(before) * 4 < 9_999.0
    assert found(before, [*before[:99], 9_999.0]) == []
    assert found(before, [*before[:98], 9_999.0, 9_999.0])[0].rows == 2


def test_two_digits_need_three_ranges() -> None:
    ages = uniform(500, low=10.0, high=60.0)

    assert found(ages, [*ages[:95], *[99.0] * 5]) == []
    assert found(uniform(500, low=0.0, high=20.0), [1.0, 99.0])[0].rows == 1


def test_a_value_the_reference_has_is_ordinary() -> None:
    before = [*POSITIVE, -999.0]

    assert found(before, [*POSITIVE[:90], *[-999.0] * 10]) == []


def test_a_number_in_range_is_ordinary() -> None:
    assert found(normal(500, sd=2_000.0), [999.0] * 20) == []


def test_a_column_that_moved_there_as_a_whole_is_another_fault() -> None:
    before = uniform(500, high=10.0)
    moved = [*(float(99_990 + i) for i in range(20)), 99_999.0]

    assert found(before, moved) == []
    assert found(before, [*before[:20], 99_999.0])[0].rows == 1


def test_several_of_a_column_are_one_finding() -> None:
    [finding] = found(POSITIVE, [*POSITIVE[:90], *[-999.0] * 2, *[-9_999.0] * 3], show_values=True)

    assert finding.rows == 5
    assert finding.evidence == {"values": [-9_999.0, -999.0]}
    assert finding.message.endswith(": -9999, -999")


def test_a_few_cells_are_found_among_more_values_than_are_kept() -> None:
    now = [*uniform(6_000, low=0, high=1_000, seed=1), -999.0, -999.0]

    assert found(POSITIVE, now)[0].rows == 2


def test_short_and_empty_references_are_silent() -> None:
    assert found(POSITIVE[:49], [-999.0] * 5) == []
    assert len(found(POSITIVE[:50], [-999.0] * 5)) == 1
    assert found([5.0] * 60, [99_999.0] * 5) == []
    assert list(find_disguised_numbers(compared([numbers([])], [numbers([-999.0])]))) == []
    assert list(find_disguised_numbers(compared([numbers(POSITIVE)], [numbers([])]))) == []


def test_ordinary_small_and_round_numbers_are_not_magic() -> None:
    assert not MAGIC & {0.0, 1.0, 9.0, 100.0, 1_000.0, -100.0, 32_767.0}
