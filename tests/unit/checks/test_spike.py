"""A value that fills more cells than before is found; what chance brings is not."""

from __future__ import annotations

from collections.abc import Sequence

from mlci_action.checks.findings import Finding, Kind
from mlci_action.checks.spike import find_spike
from mlci_action.domain.cells import CellTest
from tests.unit.checks.profiles import Cell, compared, numbers
from tests.unit.checks.samples import letters, normal


def found(
    before: Sequence[Cell], now: Sequence[Cell], *, show_values: bool = False
) -> list[Finding]:
    return list(find_spike(compared([numbers(before)], [numbers(now)], show_values=show_values)))


def test_a_default_that_slipped_in_is_found() -> None:
    [finding] = found([*normal(1_000)], [*normal(960, seed=1), *[0.0] * 40])

    assert finding.kind is Kind.COUNT
    assert finding.rows == 40
    assert finding.observed == 0.04
    assert finding.limit == 0.01
    assert finding.cells == CellTest(column="x", numbers=frozenset({0.0}), exact=True)
    assert finding.message == (
        "one value of column 'x' now fills 40 of 1,000 cells, 0 of 1,000 in the reference"
    )


def test_text_spikes_as_numbers_do() -> None:
    now: list[Cell] = [*letters(800, seed=1), *["c"] * 200]
    [finding] = found([*letters(1_000)], now)

    assert finding.cells == CellTest(column="x", texts=frozenset({"c"}), exact=True)


def test_a_rise_of_a_hundredth_is_too_small() -> None:
    """However many rows make it sure."""
    before = ["a"] * 9_990 + ["b"] * 10

    assert found(before, ["a"] * 9_892 + ["b"] * 108) == []
    assert len(found(before, ["a"] * 9_888 + ["b"] * 112)) == 1


def test_several_values_of_a_column_are_one_finding_that_begins_with_the_worst() -> None:
    now: list[Cell] = [*normal(900, seed=1), *[7.0] * 40, *[8.0] * 60]
    [finding] = found([*normal(1_000)], now, show_values=True)

    assert finding.rows == 100
    assert finding.observed == 0.06
    assert finding.message.endswith("in the reference; 1 more of its values rose: 8, 7")
    assert finding.evidence["values"] == [8.0, 7.0]


def test_missing_values_make_no_spike_of_the_others() -> None:
    before: list[Cell] = [*["a"] * 250, *["b"] * 250, *[None] * 500]

    assert found(before, ["a"] * 500 + ["b"] * 500) == []


def test_numbers_that_stand_for_missing_values_are_named_once() -> None:
    now = [*normal(900, seed=1), *[-999.0] * 100]

    assert found(normal(1_000), now) == []
    assert len(found(normal(1_000), [*now, *[0.5] * 100])) == 1


def test_another_type_is_another_fault() -> None:
    assert found([*normal(1_000)], [*normal(900), *["?"] * 100]) == []


def test_a_value_the_reference_did_not_keep_may_have_been_there() -> None:
    before: list[Cell] = [float(i) for i in range(6_000) for _ in range(2)]
    now: list[Cell] = [*(float(i) for i in range(6_000, 6_980)), *[5_999.0] * 20]
    [finding] = found(before, now)

    assert "20 of 1,000 cells, 2 of 12,000 in the reference" in finding.message


def test_the_classes_of_the_target_are_label_shift() -> None:
    before, now = numbers([*letters(1_000)], "y"), numbers(["a"] * 1_000, "y")

    assert len(list(find_spike(compared([before], [now])))) == 1
    assert list(find_spike(compared([before], [now], target="y"))) == []


def test_a_target_of_numbers_may_spike() -> None:
    before, now = numbers(normal(1_000), "y"), numbers([*normal(900), *[0.0] * 100], "y")

    assert len(list(find_spike(compared([before], [now], target="y")))) == 1


def test_id_time_and_empty_columns_are_silent() -> None:
    before, now = numbers(["a"] * 100 + ["b"] * 100), numbers(["b"] * 200)

    assert len(list(find_spike(compared([before], [now])))) == 1
    assert list(find_spike(compared([before], [now], id="x"))) == []
    assert list(find_spike(compared([before], [now], time="x"))) == []
    assert found([], []) == []
    assert found(["a"], []) == []
    assert found([None], ["a"] * 50) == []
