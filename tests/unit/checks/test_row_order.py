"""Which columns go along with their rows?"""

from __future__ import annotations

from mlci_action.checks.row_order import free_pairs, in_row_order, is_numbering
from tests.unit.checks.profiles import compared, numbers, text
from tests.unit.checks.samples import normal, shuffled


def test_a_sorted_column_is_in_row_order_either_way() -> None:
    assert in_row_order(numbers(sorted(normal(100))))
    assert in_row_order(numbers(sorted(normal(100), reverse=True)))
    assert not in_row_order(numbers(normal(100)))


def test_a_counter_that_begins_anew_is_in_row_order() -> None:
    """Files one behind the other: no rank correlation, but nearly all steps go up."""
    column = numbers([*range(50), *range(50), *range(50)])

    assert column.order.rank_correlation is not None
    assert column.order.rank_correlation < 0.95
    assert in_row_order(column)


def test_a_few_steps_one_way_are_no_order() -> None:
    assert not in_row_order(numbers([0] * 70 + [1] * 30))
    assert not in_row_order(numbers([]))
    assert not in_row_order(text(["a", "b", "c"] * 20))


def test_whole_numbers_that_never_repeat_number_the_rows() -> None:
    assert is_numbering(numbers(shuffled([float(i) for i in range(100)])))
    assert not is_numbering(numbers([1, 2, 2]))
    assert not is_numbering(numbers([1.5, 2.5]))
    assert not is_numbering(numbers([1]))
    assert not is_numbering(text(["a", "b"]))


def test_declared_id_and_time_columns_are_no_free_ones() -> None:
    columns = [numbers([1], name) for name in "abc"]

    assert [p.name for p in free_pairs(compared(columns, columns, id="a", time="c"))] == ["b"]
