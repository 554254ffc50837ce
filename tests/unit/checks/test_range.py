"""Numbers beyond the reference's ends: a few are chance, more are a finding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlci_action.checks.findings import Finding, Kind
from mlci_action.checks.range import find_range
from mlci_action.domain.cells import CellTest
from mlci_action.domain.data_limits import DataChecks, RangeLimits
from tests.unit.checks.profiles import compared, numbers
from tests.unit.checks.samples import normal, uniform

CLOSED = DataChecks(range=RangeLimits(closed=True))


def found(
    before: list[float], now: list[float], *, limits: DataChecks | None = None, **fields: bool
) -> list[Finding]:
    reference = numbers(before)
    return list(
        find_range(
            compared(
                [reference],
                [numbers(now, reference=reference)],
                limits=limits or DataChecks(),
                show_values=fields.get("show_values", False),
            )
        )
    )


def test_many_rows_above_the_range_are_found() -> None:
    [finding] = found(uniform(1_000), [*uniform(980, seed=1), *[1.5] * 20])

    assert finding.kind is Kind.COUNT
    assert finding.rows == 20
    assert not finding.settled
    assert finding.cells == CellTest(column="x", above=max(uniform(1_000)))
    assert finding.message == (
        "column 'x' has 20 rows above the reference's range, by chance it would be about 2 rows"
    )


def test_the_first_count_that_chance_does_not_explain_is_found() -> None:
    """Two ends share the level: the chance of k in 2,000 is about 2 to the minus k."""
    before = uniform(1_000)

    assert found(before, [*before[:988], *[1.5] * 11]) == []
    assert found(before, [*before[:987], *[1.5] * 12])[0].rows == 12


def test_each_end_is_tested_by_itself() -> None:
    before = uniform(1_000)

    assert found(before, [*before[:980], *[1.5] * 10, *[-1.5] * 10]) == []
    [finding] = found(before, [*before[:980], *[1.5] * 15, *[-1.5] * 5])
    assert finding.rows == 20
    assert finding.evidence["above"] == 15
    assert finding.evidence["below"] == 5


def test_the_level_counts_every_column() -> None:
    """Tarone's count would leave out all that found too little, and alarm in 3 % of wide tables."""
    before = uniform(1_000)
    reference = [numbers(before, str(place)) for place in range(30)]
    sound = [numbers(before, str(place)) for place in range(1, 30)]

    def alarms(beyond: int) -> int:
        odd = numbers([*before[: 1_000 - beyond], *[1.5] * beyond], "0")
        return len(list(find_range(compared(reference, [odd, *sound]))))

    assert (alarms(16), alarms(17)) == (0, 1)


def test_a_column_in_row_order_goes_on() -> None:
    before = [float(i) for i in range(500)]

    assert found(before, [float(i) for i in range(500, 1_000)]) == []


def test_numbers_that_stand_for_missing_values_are_named_once() -> None:
    before = uniform(1_000)

    assert found(before, [*before[:970], *[-999.0] * 30]) == []
    [finding] = found(before, [*before[:950], *[-999.0] * 30, *[1.5] * 20], show_values=True)
    assert finding.rows == 20
    assert finding.evidence["values"] == [1.5]


def test_a_spread_too_large_for_a_number_has_no_scores() -> None:
    before = numbers([1.0, 2.0])
    assert before.numbers is not None
    huge = replace(before, numbers=replace(before.numbers, mean=0.0, sd=0.0))
    limits = DataChecks(range=RangeLimits(max_z=3.0))

    assert list(find_range(compared([huge], [before], limits=limits))) == []


def test_a_closed_range_takes_no_number_beyond() -> None:
    [finding] = found([1.0, 2.0, 3.0], [2.0, 3.5, 0.5], limits=CLOSED)

    assert finding.settled
    assert finding.rows == 2
    assert (finding.observed, finding.limit) == (2, 0)
    assert finding.message == (
        "column 'x' has 1 row below and 1 row above the reference's range, none may"
    )
    assert found([1.0, 2.0, 3.0], [1.0, 3.0], limits=CLOSED) == []


def test_a_closed_range_holds_for_columns_in_row_order_too() -> None:
    before = [float(i) for i in range(500)]

    assert len(found(before, [500.0], limits=CLOSED)) == 1


def test_standard_scores_are_judged_where_the_owner_asks() -> None:
    before, now = normal(500), [*normal(99, seed=1), 9.0]
    limits = DataChecks(range=RangeLimits(max_z=6.0))
    [finding] = found(before, now, limits=limits)

    assert finding.settled
    assert finding.rows == 1
    assert finding.observed == pytest.approx((9.0 - np.mean(before)) / np.std(before))
    assert finding.limit == 6.0
    assert found(before, now) == []
    assert found(before, now[:-1], limits=limits) == []


def test_a_reference_without_spread_has_no_score_to_tell() -> None:
    [finding] = found([1.0] * 50, [1.0, 2.0], limits=DataChecks(range=RangeLimits(max_z=3.0)))

    assert finding.observed is None
    assert finding.rows == 1


def test_values_are_quoted_only_where_they_may_be() -> None:
    before, now = [1.0, 2.0, 3.0], [7.0, 7.0, -4.0]
    [quiet] = found(before, now, limits=CLOSED)
    [loud] = found(before, now, limits=CLOSED, show_values=True)

    assert "values" not in quiet.evidence
    assert loud.evidence["values"] == [7.0, -4.0]
    assert loud.message.endswith("none may: 7, -4")


def test_without_the_counts_of_the_maker_the_summary_gives_them() -> None:
    before = numbers(uniform(1_000))
    [finding] = find_range(compared([before], [numbers([*uniform(980), *[1.5] * 20])]))

    assert finding.rows == 20


def test_id_time_and_empty_columns_are_silent() -> None:
    columns = [numbers([1.0, 2.0])], [numbers([9.0])]

    assert list(find_range(compared(*columns, id="x", limits=CLOSED))) == []
    assert list(find_range(compared(*columns, time="x", limits=CLOSED))) == []
    assert list(find_range(compared([numbers([None])], [numbers([1.0])], limits=CLOSED))) == []
    assert list(find_range(compared([numbers([1.0])], [numbers([])], limits=CLOSED))) == []
