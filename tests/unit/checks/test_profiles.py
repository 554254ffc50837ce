"""The builder of the other tests is right: against scipy, and by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from scipy.stats import spearmanr

from mlci_action.domain.profile import AtReference, RowOrder, TimeSummary
from tests.unit.checks.profiles import compared, numbers, pair, table, text, times
from tests.unit.checks.samples import normal


def test_cells_are_numbers_text_moments_or_nothing() -> None:
    column = numbers([1, " 2.5", True, None, float("nan"), float("inf"), date(1970, 1, 3), "1_0"])

    assert column.rows == 8
    assert column.missing == 2
    assert column.numbers is not None
    assert column.numbers.values == ((1.0, 1), (2.5, 1))
    assert column.text is not None
    assert dict(column.text.values) == {"True": 1, "inf": 1, "1_0": 1}
    assert column.times == TimeSummary(count=1, first=2.0, last=2.0)


def test_points_are_quantiles_with_their_counts() -> None:
    made = numbers(normal(1_000)).numbers
    assert made is not None

    assert len(made.points) == 65
    assert np.abs(np.array(made.up_to) / 1_000 - np.linspace(0, 1, 65)).max() < 0.002
    assert made.below == tuple(n - 1 for n in made.up_to)
    assert made.sd == pytest.approx(np.std(normal(1_000)))


def test_order_is_that_of_the_rows() -> None:
    order = numbers([3, 3, None, 3, 3, 3, 1, 2]).order

    assert (order.longest_run, order.run_start, order.rising, order.falling) == (3, 3, 1, 1)
    expected = spearmanr(range(7), [3, 3, 3, 3, 3, 1, 2]).statistic
    assert order.rank_correlation == pytest.approx(expected)
    assert text(["a"] * 3).order == RowOrder(longest_run=3, run_start=0)


def test_a_batch_is_counted_at_the_reference_s_points() -> None:
    batch = pair([1, 2, 3], [0, 2, 2, 9]).batch.numbers
    assert batch is not None

    assert batch.at_reference == AtReference(below=(1, 1, 3), up_to=(1, 3, 3), under=1, over=1)


def test_text_is_summed_up_with_its_shapes_dates_and_faults() -> None:
    made = text(
        ["2020-01-31", "31/01/2020", "1/31/2020", "2020-02-30", "31 Jan 2020", "cafÃ©"]
    ).text
    assert made is not None

    assert dict(made.dates) == {"slash": 2, "iso": 1, "named": 1}
    assert made.impossible == 1
    assert made.first == made.last == (date(2020, 1, 31) - date(1970, 1, 1)).days
    assert made.damaged == 1
    assert made.unique
    assert ("aaaaaaaa", 0) not in made.shapes


def test_moments_count_the_days_since_1970() -> None:
    made = times([date(1970, 1, 2), datetime(1970, 1, 3, 12, tzinfo=UTC)]).times

    assert made == TimeSummary(count=2, first=1.0, last=2.5)


def test_tables_take_their_rows_from_the_longest_column() -> None:
    assert table(numbers([1, 2]), numbers([1], "y")).rows == 2
    assert table(rows=7).rows == 7
    assert [p.name for p in compared([numbers([1])], [numbers([1]), numbers([1], "y")]).pairs] == [
        "x"
    ]
