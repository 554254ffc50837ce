"""One number far beyond the reference is found, and what a tail may bring is not."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from mlci_action.checks.findings import Compared, Finding, Kind
from mlci_action.checks.outliers import find_outliers
from mlci_action.domain.data_limits import DataChecks
from tests.unit.checks.profiles import Cell, compared, edited, numbers, text
from tests.unit.checks.samples import lognormal, normal, pareto, shuffled, uniform


def found(before: list[float], now: list[float], *, show_values: bool = False) -> list[Finding]:
    return list(find_outliers(_data(before, now, show_values=show_values)))


def _data(before: list[float], now: list[float], *, show_values: bool = False) -> Compared:
    return edited([numbers(before)], [numbers(now)], show_values=show_values)


def test_one_number_far_above_is_found_with_its_row() -> None:
    [finding] = found(normal(1_000), [*normal(999, seed=1), 1_000.0])

    assert finding.kind is Kind.FORM
    assert finding.rows == 1
    assert finding.observed is not None
    assert finding.limit is not None
    assert finding.observed > finding.limit > 0
    assert finding.cells is not None
    assert finding.cells.above is not None
    assert 5 < finding.cells.above < 1_000
    assert finding.cells.below is None


def test_both_sides_are_one_finding_that_counts_them() -> None:
    [finding] = found(normal(1_000), [*normal(997, seed=1), 1e4, 2e4, -3e4])

    assert finding.rows == 3
    assert "far above in 2 rows and far below in 1 row," in finding.message
    assert finding.cells is not None
    assert finding.cells.above is not None
    assert finding.cells.below is not None


def test_the_message_tells_no_value_unless_it_may() -> None:
    now = [*normal(997, seed=1), 12_345.0, 12_345.0, -98_765.0]
    [quiet] = found(normal(1_000), now)
    [loud] = found(normal(1_000), now, show_values=True)

    assert "12345" not in quiet.message.replace(",", "")
    assert quiet.evidence == {}
    assert loud.message.endswith(": 12345, -98765")
    assert loud.evidence == {"values": [12_345.0, -98_765.0]}


def test_more_outliers_than_the_extremes_hold_are_all_counted() -> None:
    [finding] = found(normal(5_000), [*normal(900, seed=1), *uniform(100, low=5e5, high=6e5)])

    assert finding.rows == 100


@pytest.mark.parametrize("draw", [normal, uniform, lognormal, pareto])
@pytest.mark.parametrize("seed", range(20))
def test_the_same_distribution_has_no_outliers(
    draw: Callable[[int, int], list[float]], seed: int
) -> None:
    before = draw(300, seed)

    assert found(before, draw(300, 100 + seed)) == []


def test_the_bound_is_that_of_the_note() -> None:
    before = lognormal(2_000)
    ordered = sorted(before)
    middle = ordered[999]
    tail = [x - middle for x in ordered[-50:]]
    hill = sum(math.log(z / tail[0]) for z in tail) / 50
    exponent = max(0.2, hill * (1 + 2 / math.sqrt(50)))
    bound = middle + tail[-1] * (1_000 / 2_000 * 2 * 1 / 0.0002) ** exponent

    assert found(before, [*before[:999], bound * 0.999]) == []
    [finding] = found(before, [*before[:999], bound * 1.001])
    assert finding.cells is not None
    assert finding.cells.above == pytest.approx(bound, rel=1e-9)


def test_too_few_reference_numbers_are_silent() -> None:
    assert found(normal(99), [1e9]) == []
    assert len(found(normal(100), [1e9])) == 1


def test_without_a_tail_a_hundred_ranges_off_is_far() -> None:
    """Fewer than five numbers beyond the median say nothing of a tail; 200 in all are asked."""
    before = [0.0] * 297 + [1.0, 2.0, 3.0]

    assert found(before, [0.0, 302.0]) == []
    assert [finding.rows for finding in found(before, [0.0, 304.0])] == [1]
    assert found(before[150:], [0.0, 304.0]) == []


def test_a_few_codes_have_no_tail() -> None:
    """Mostly 0 or the mean that was filled in: a 1 is no outlier, though far beyond the mean."""
    codes = [0.0] * 80 + [0.03] * 20

    assert found(codes, [0.0, 1.0]) == []
    assert found(codes * 2, [0.0, 1.0]) == []
    assert len(found(codes * 2, [0.0, 4.0])) == 1


def test_numbers_that_stand_for_missing_values_are_named_once() -> None:
    before, now = normal(500), [*normal(498, seed=1), -999.0, -999.0]
    off = compared(
        [numbers(before)], [numbers(now)], limits=DataChecks(off=frozenset({"disguised"}))
    )

    assert found(before, now) == []
    assert len(list(find_outliers(off))) == 1
    assert [finding.rows for finding in found(before, [*now, -5_000.0])] == [3]


def test_a_constant_reference_has_no_scale() -> None:
    assert found([5.0] * 500, [5.0, 1e12]) == []


def test_a_counter_that_goes_on_has_no_outliers() -> None:
    """Seconds since 1970: a later batch is far from an hour of the reference, and sound."""
    before = [1.7e9 + second for second in range(3_600)]
    later = [1.8e9 + second for second in range(3_600)]

    assert found(before, later) == []
    assert len(found(shuffled(before), later)) == 1
    assert [finding.rows for finding in found(before, [*later, 1.8e12])] == [1]


def test_a_longer_stretch_of_a_counter_has_no_outliers() -> None:
    assert found([float(i) for i in range(100)], [float(i) for i in range(100, 50_100)]) == []


def test_declared_id_and_time_columns_are_not_looked_at() -> None:
    for role in ("id", "time"):
        data = compared([numbers(normal(500))], [numbers([1e9])], **{role: "x"})  # type: ignore[arg-type]
        assert list(find_outliers(data)) == []


def test_columns_without_numbers_are_silent() -> None:
    for before, now in [([], []), ([None], [None]), (normal(500), [None]), ([None], [1e9])]:
        assert list(find_outliers(compared([numbers(before)], [numbers(now)]))) == []  # type: ignore[arg-type]
    assert list(find_outliers(compared([text(["a"] * 300)], [text(["b"])]))) == []


def test_numbers_at_the_ends_of_the_scale_do_not_overflow() -> None:
    huge = [*normal(498), 1.7e308, -1.7e308]

    assert found(huge, huge) == []
    [finding] = found(normal(500), [1.7e308, -1.7e308])
    assert finding.rows == 2
    assert finding.observed is not None
    assert math.isfinite(finding.observed)


def test_an_id_lies_out_only_when_it_is_of_another_size() -> None:
    """Ids of two systems differ tenfold; times a thousand is a fault."""
    ids: list[Cell] = [1_000_000.0 + 37 * number for number in range(400)]
    names = ("customer_id", "amount")
    ninefold = {name: _said(name, ids, [*ids, 1_000_000.0 + 9 * 37 * 400]) for name in names}
    assert ninefold == {"customer_id": 0, "amount": 1}
    assert _said("customer_id", ids, [*ids, 1e9]) == 1


def _said(name: str, before: list[Cell], now: list[Cell]) -> int:
    reference = numbers(before, name)
    return len(list(find_outliers(edited([reference], [numbers(now, name, reference=reference)]))))
