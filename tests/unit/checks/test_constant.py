"""Columns that stand still: all of them, or for a stretch of rows."""

from __future__ import annotations

from collections.abc import Sequence

from mlci_action.checks.constant import find_constant
from mlci_action.checks.findings import Finding, Kind
from mlci_action.domain.cells import CellTest
from tests.unit.checks.profiles import Cell, compared, numbers
from tests.unit.checks.samples import letters, normal


def found(
    before: Sequence[Cell], now: Sequence[Cell], *, show_values: bool = False
) -> list[Finding]:
    return list(find_constant(compared([numbers(before)], [numbers(now)], show_values=show_values)))


def test_a_column_of_one_value_is_found() -> None:
    [finding] = found([*letters(500)], ["a"] * 500)

    assert finding == Finding(
        column="x",
        message="column 'x' holds one value in all its 500 rows, and several in the reference",
        kind=Kind.COUNT,
        rows=500,
        cells=CellTest(column="x", texts=frozenset({"a"}), exact=True),
    )


def test_a_frequent_value_may_fill_a_short_batch() -> None:
    before: list[Cell] = [*["a"] * 950, *["b"] * 50]

    assert found(before, ["a"] * 100) == []
    assert len(found(before, ["a"] * 400)) == 1


def test_a_column_that_was_constant_stays_so() -> None:
    assert found([1.0] * 500, [1.0] * 500) == []


def test_two_reference_rows_prove_nothing() -> None:
    """Taken as one half, the top value's share would make 50 equal cells impossible."""
    assert found(["a", "b"], ["a"] * 500) == []


def test_missing_cells_do_not_hide_a_constant() -> None:
    [finding] = found([*normal(500)], [None, *[2.5] * 300, None], show_values=True)

    assert finding.rows == 300
    assert finding.cells == CellTest(column="x", numbers=frozenset({2.5}))
    assert finding.message.endswith(": 2.5")
    assert finding.evidence == {"values": [2.5]}


def test_a_stretch_of_one_value_is_found_with_its_rows() -> None:
    now: list[Cell] = [*normal(400, seed=1), *[1.5] * 60, *normal(540, seed=2)]
    [finding] = found([*normal(1_000)], now)

    assert finding == Finding(
        column="x",
        message="column 'x' stands still for 60 rows from row 401 on, and for 1 at most in the "
        "reference",
        kind=Kind.COUNT,
        rows=60,
        observed=60,
        limit=1,
        cells=CellTest(column="x", rows=(400, 460)),
    )


def test_short_stretches_are_silent() -> None:
    def stretched(run: int, rows: int) -> list[Cell]:
        return [*normal(rows - run, seed=1), *[1.5] * run]

    before: list[Cell] = [*normal(1_000)]
    assert found(before, stretched(49, 1_000)) == []
    assert len(found(before, stretched(50, 1_000))) == 1
    assert found(before, stretched(50, 3_000)) == []


def test_a_reference_with_such_stretches_explains_them() -> None:
    before: list[Cell] = [*normal(980), *[1.5] * 20]

    assert found(before, [*normal(910), *[2.5] * 90]) == []
    assert len(found(before, [*normal(890), *[2.5] * 110])) == 1


def test_a_longer_batch_may_have_longer_stretches() -> None:
    before: list[Cell] = [*normal(480), *[1.5] * 20]

    assert found(before, [*normal(850), *[2.5] * 150]) == []
    assert len(found(before, [*normal(790), *[2.5] * 210])) == 1


def test_a_common_value_may_stand_for_long() -> None:
    before: list[Cell] = [*["a", "b"] * 10, *["a"] * 980]

    assert found(before, [*["b"] * 10, *["a"] * 190]) == []


def test_a_batch_sorted_by_the_column_has_no_stretch() -> None:
    assert found([*letters(1_000)], [*sorted(letters(1_000, seed=1))]) == []


def test_a_stuck_value_among_others_of_it_is_found() -> None:
    now: list[Cell] = [*letters(500, seed=1), *["b"] * 100, *letters(400, seed=2)]
    [finding] = found([*letters(1_000)], now, show_values=True)

    assert finding.rows is not None
    assert finding.rows >= 100


def test_the_value_of_a_stretch_is_told_where_it_is_sure_and_may_be() -> None:
    now: list[Cell] = [*normal(900, seed=1), *[1.5] * 100]
    [finding] = found([*normal(1_000)], now, show_values=True)

    assert finding.evidence == {"values": [1.5]}


def test_id_time_and_empty_columns_are_silent() -> None:
    before, now = numbers(letters(500)), numbers(["a"] * 500)

    assert len(list(find_constant(compared([before], [now])))) == 1
    assert list(find_constant(compared([before], [now], time="x"))) == []
    assert list(find_constant(compared([before], [now], id="x"))) == []
    assert found([], []) == []
    assert found([*normal(500)], [None] * 500) == []
    assert found([*normal(500)], [1.0]) == []
