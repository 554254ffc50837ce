"""F from a summary is the F of the cells, wherever the summary knows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlci_action.checks.ecdf import Floats, at_reference, beyond_ends, ecdf
from mlci_action.checks.findings import ColumnPair
from mlci_action.domain.profile import NumberSummary
from tests.unit.checks.profiles import numbers, pair
from tests.unit.checks.samples import normal, uniform


def summary(values: list[float], *, complete: bool = True) -> NumberSummary:
    made = numbers(values).numbers
    assert made is not None
    return made if complete else replace(made, complete=False, values=made.values[:5])


def counted(values: list[float], places: Floats) -> tuple[Floats, Floats]:
    ordered = np.sort(values)
    return (
        np.searchsorted(ordered, places).astype(float),
        np.searchsorted(ordered, places, "right").astype(float),
    )


def test_all_values_kept_give_the_exact_counts_anywhere() -> None:
    values = np.random.default_rng(0).integers(0, 30, 500).astype(float).tolist()
    places = np.arange(-2, 33, 0.5)

    np.testing.assert_array_equal(ecdf(summary(values)).at(places), counted(values, places))


def test_extremes_and_points_are_exact_without_all_values() -> None:
    values = normal(3_000)
    made = summary(values, complete=False)
    # The innermost of the extremes may have been cut off from its equals.
    places = np.array([*made.points, *made.smallest[:-1], *made.largest[1:], -99.0, 99.0])

    np.testing.assert_array_equal(ecdf(made).at(places), counted(values, places))


def test_between_two_known_places_numbers_lie_evenly() -> None:
    values = uniform(3_000)
    places = np.linspace(-0.1, 1.1, 500)
    estimated = ecdf(summary(values, complete=False)).at(places)

    assert np.abs(np.array(estimated) - counted(values, places)).max() < 3_000 / 64


def test_ties_at_the_innermost_extreme_are_not_miscounted() -> None:
    values = [1.0] * 400 + [2.0] * 400 + [3.0] * 400
    known = ecdf(summary(values, complete=False))

    assert known.above(2.0) == 400
    assert known.under(2.0) == 400
    assert known.above(3.0) == 0
    assert known.under(1.0) == 0


def test_the_count_of_a_value_tells_how_many_extremes_were_cut_off() -> None:
    made = summary([-999.0] * 201 + normal(5_000) + [999.0] * 301)
    kept = replace(made, complete=False, values=made.values[:2])

    assert ecdf(kept).under(-500.0) == 201
    assert ecdf(kept).above(500.0) == 301


def test_the_counts_above_and_under_are_of_whole_rows() -> None:
    known = ecdf(summary([1.0, 2.0, 3.0, 4.0]))

    assert (known.above(2.0), known.under(2.0)) == (2, 1)
    assert (known.above(-9.0), known.under(9.0)) == (4, 4)
    assert (known.above(2.5), known.under(2.5)) == (2, 2)
    assert (known.above(np.inf), known.under(-np.inf)) == (0, 0)
    assert known.median == 2.0


def test_an_empty_summary_has_nothing_anywhere() -> None:
    empty = replace(
        summary([1.0]), count=0, points=(), below=(), up_to=(), smallest=(), largest=(), values=()
    )
    known = ecdf(empty)

    assert (known.above(0.0), known.under(0.0), known.median) == (0, 0, 0.0)


@pytest.mark.parametrize("complete", [True, False])
def test_the_maker_s_counts_and_the_batch_s_own_agree(complete: bool) -> None:  # noqa: FBT001
    both = pair(normal(2_000), normal(1_500, seed=1, mean=0.5))
    made = both.batch.numbers
    assert made is not None
    alone = replace(made, at_reference=None, complete=complete)
    own = ColumnPair(reference=both.reference, batch=replace(both.batch, numbers=alone))

    tolerance = 0.0 if complete else 1 / 64
    np.testing.assert_array_equal(at_reference(both)[0], at_reference(own)[0])
    assert np.abs(at_reference(both)[1] - at_reference(own)[1]).max() <= tolerance
    assert beyond_ends(both) == beyond_ends(own)


def test_columns_without_numbers_have_no_points() -> None:
    both = pair([1.0, 2.0], ["a"])

    assert [len(side) for side in at_reference(both)] == [0, 0]
    assert beyond_ends(both) == (0, 0)
