"""Which rows each slice holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.limits import Margin, SliceLimits
from mlci_action.errors import DatasetError
from mlci_action.evaluation.reading.predictions import SliceRows
from mlci_action.evaluation.reading.slices import MAX_SLICES, slice_rows

_FRAME = pd.DataFrame(
    {
        "sex": ["m", "f", None, "f", "m"],
        "region": ["north", "south", "south", "north", "north"],
        "age": [25, 60, 61, 30, 70],
    }
)


def _shown(slices: tuple[SliceRows, ...]) -> dict[str, list[int]]:
    return {one.slice.label: [int(row) for row in np.flatnonzero(one.rows)] for one in slices}


def _by(column: str, values: list[Any] | pd.Series[Any]) -> dict[str, list[int]]:
    return _shown(slice_rows(pd.DataFrame({column: values}), SliceLimits(by=((column,),))))


def test_a_column_has_a_slice_per_value_and_one_for_missing_values() -> None:
    slices = slice_rows(_FRAME, SliceLimits(by=(("sex",),)))
    assert _shown(slices) == {"sex=(missing)": [2], "sex=f": [1, 3], "sex=m": [0, 4]}
    assert [one.slice.by for one in slices] == [
        (("sex", "(missing)"),),
        (("sex", "f"),),
        (("sex", "m"),),
    ]


def test_a_cross_has_the_combinations_that_some_row_has() -> None:
    assert _shown(slice_rows(_FRAME, SliceLimits(by=(("sex", "region"),)))) == {
        "sex=(missing), region=south": [2],
        "sex=f, region=north": [3],
        "sex=f, region=south": [1],
        "sex=m, region=north": [0, 4],
    }


def test_entries_and_conditions_keep_the_order_of_the_settings() -> None:
    limits = SliceLimits(by=(("region",), ("sex",)), where=("age > 60", "age < 30"))
    assert list(_shown(slice_rows(_FRAME, limits))) == [
        "region=north",
        "region=south",
        "sex=(missing)",
        "sex=f",
        "sex=m",
        "age > 60",
        "age < 30",
    ]


def test_every_row_is_in_exactly_one_slice_of_a_cross() -> None:
    slices = slice_rows(_FRAME, SliceLimits(by=(("sex", "region", "age"),)))
    assert np.sum([one.rows for one in slices], axis=0).tolist() == [1] * len(_FRAME)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([3, 10, None], ["a=(missing)", "a=10", "a=3"]),
        (pd.Series([3.0, None], dtype="float32"), ["a=(missing)", "a=3"]),
        (pd.Series([3, None], dtype="Int64"), ["a=(missing)", "a=3"]),
        ([0.5, 1.0], ["a=0.5", "a=1"]),
        ([-0.0, 0.0], ["a=0"]),
        ([True, False], ["a=False", "a=True"]),
        (pd.Series(["x", None, "x"], dtype="category"), ["a=(missing)", "a=x"]),
        (pd.Categorical(["x"], categories=["x", "unused"]), ["a=x"]),
        (["", " "], ["a=", "a= "]),
        ([1, "1"], ["a=1"]),
        ([float("inf"), 1.0], ["a=1", "a=inf"]),
    ],
)
def test_a_value_is_labelled_as_it_would_be_written(values: Any, labels: list[str]) -> None:  # noqa: ANN401
    assert list(_by("a", values)) == labels


def test_a_slice_is_judged_from_min_rows_on() -> None:
    limits = SliceLimits(by=(("sex",),), min_rows=2, max_regression=Margin(absolute=0.1))
    assert [(one.slice.label, one.judged) for one in slice_rows(_FRAME, limits)] == [
        ("sex=(missing)", False),
        ("sex=f", True),
        ("sex=m", True),
    ]


def test_without_a_limit_no_slice_is_judged() -> None:
    limits = SliceLimits(by=(("sex",),), where=("age > 0",), min_rows=1)
    assert [one.judged for one in slice_rows(_FRAME, limits)] == [False] * 4


def test_a_condition_without_rows_is_a_required_slice() -> None:
    """A slice that the settings name outright must not vanish silently."""
    limits = SliceLimits(where=("age > 99",), min_rows=1, max_regression=Margin(absolute=0.1))
    (empty,) = slice_rows(_FRAME, limits)
    assert (empty.required, empty.judged, int(empty.rows.sum())) == (True, False, 0)


def test_a_value_of_a_column_is_not_required() -> None:
    assert not any(one.required for one in slice_rows(_FRAME, SliceLimits(by=(("sex",),))))


def test_no_row_has_no_slices() -> None:
    assert slice_rows(_FRAME.iloc[:0], SliceLimits(by=(("sex", "region"),))) == ()


def test_an_unknown_column_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(DatasetError) as caught:
        slice_rows(_FRAME, SliceLimits(by=(("regoin",),)))
    assert str(caught.value) == (
        "slices.by: the data has no column 'regoin' (did you mean 'region'?)"
    )


def test_a_condition_that_is_none_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"slices.where 'age = 3': .* write == to compare"):
        slice_rows(_FRAME, SliceLimits(where=("age = 3",)))


def test_a_column_of_lists_is_refused() -> None:
    with pytest.raises(DatasetError, match="'a' holds lists or the like"):
        _by("a", [[1], [2]])


def test_as_many_slices_as_allowed_are_made() -> None:
    assert len(_by("a", list(range(MAX_SLICES)))) == MAX_SLICES


def test_a_column_with_too_many_values_is_refused() -> None:
    with pytest.raises(DatasetError) as caught:
        _by("income", [value / 7 for value in range(MAX_SLICES + 1)])
    assert caught.value.message == "slices.by: column 'income' has 1,001 values"
    assert caught.value.hint == (
        "at most 1,000 are looked at; group the values, or name some with slices.where"
    )


def test_a_cross_with_too_many_combinations_is_refused() -> None:
    frame = pd.DataFrame({"a": range(1_001), "b": 1}).assign(a=lambda f: f["a"] % 500)
    frame["b"] = np.arange(1_001) // 500
    with pytest.raises(DatasetError, match=r"slices.by: 'a' x 'b' makes 1,001 slices"):
        slice_rows(frame, SliceLimits(by=(("a", "b"),)))


def test_too_many_slices_in_all_are_refused() -> None:
    frame = pd.DataFrame({"a": range(600), "b": range(600)})
    with pytest.raises(DatasetError, match=r"slices.by makes 1,200 slices"):
        slice_rows(frame, SliceLimits(by=(("a",), ("b",))))
