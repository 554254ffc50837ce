"""What a column holds, whatever type it came in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action.errors import DatasetError
from mlci_action.evaluation.reading.columns import Kind, find_column, read_values

_DAY = dt.datetime(2024, 1, 31)  # noqa: DTZ001 - files hold times without a zone
_NOON = pd.Timestamp("2024-01-31 12:00", tz="Europe/Berlin")


@pytest.mark.parametrize(
    ("column", "kind", "there"),
    [
        (pd.Series([1, 2]), Kind.NUMBERS, [1, 2]),
        (pd.Series([1.5, None]), Kind.NUMBERS, [1.5]),
        (pd.Series([1, None], dtype="Int64"), Kind.NUMBERS, [1]),
        (pd.Series([1, None], dtype="int64[pyarrow]"), Kind.NUMBERS, [1]),
        (pd.Series([1, 2.5, None], dtype=object), Kind.NUMBERS, [1.0, 2.5]),
        (pd.Series([Decimal("1.5"), None]), Kind.NUMBERS, [1.5]),
        (pd.Series([2**70, None], dtype=object), Kind.NUMBERS, [2.0**70]),
        (pd.Series([1, None], dtype="category"), Kind.NUMBERS, [1]),
        (pd.Series([True, False]), Kind.BOOLEANS, [True, False]),
        (pd.Series([True, None]), Kind.BOOLEANS, [True]),
        (pd.Series([True, None], dtype="boolean"), Kind.BOOLEANS, [True]),
        (pd.Series(["a", None]), Kind.TEXT, ["a"]),
        (pd.Series(["a", None], dtype=object), Kind.TEXT, ["a"]),
        (pd.Series(["a", None], dtype="category"), Kind.TEXT, ["a"]),
        (pd.Series([_DAY, None]), Kind.TIMES, [np.datetime64("2024-01-31")]),
        (pd.Series([_DAY.date(), None]), Kind.TIMES, [np.datetime64("2024-01-31")]),
        (pd.Series([_NOON, None]), Kind.TIMES, [np.datetime64("2024-01-31T11:00")]),
        (pd.Series([None, None]), Kind.NOTHING, []),
        (pd.Series([np.nan, np.nan]), Kind.NUMBERS, []),
        (pd.Series([], dtype=object), Kind.NOTHING, []),
        (pd.Series(["a", 1]), Kind.OTHER, ["a", 1]),
        (pd.Series([[1], None]), Kind.OTHER, [[1]]),
        (pd.Series([dt.timedelta(1)]), Kind.OTHER, [np.timedelta64(1, "D")]),
    ],
    ids=lambda value: str(value.dtype) if isinstance(value, pd.Series) else None,
)
def test_a_column_is_read_by_what_it_holds(
    column: pd.Series[Any], kind: Kind, there: list[Any]
) -> None:
    values = read_values(column)
    assert values.kind is kind
    assert list(values.present) == list(column.notna())
    assert list(values.array[values.present]) == there


def test_large_whole_numbers_stay_exact() -> None:
    """As floats, 2**53 and 2**53 + 1 are one number, and ids are such numbers."""
    values = read_values(pd.Series([2**53, 2**53 + 1, None], dtype="Int64"))
    assert values.array[0] != values.array[1]


def test_a_column_is_found_by_its_name_as_text() -> None:
    frame = pd.DataFrame({1: [10], "b": [20]})
    assert list(find_column(frame, "1", asked_by="here")) == [10]


def test_an_unknown_column_comes_with_the_nearest_name() -> None:
    with pytest.raises(DatasetError) as caught:
        find_column(pd.DataFrame({"region": [1], "sex": [1]}), "regoin", asked_by="slices.by")
    assert str(caught.value) == (
        "slices.by: the data has no column 'regoin' (did you mean 'region'?)"
    )


def test_data_without_columns_have_no_nearest_name() -> None:
    with pytest.raises(DatasetError, match="the data has no columns"):
        find_column(pd.DataFrame(), "x", asked_by="slices.by")


def test_a_name_that_several_columns_have_is_refused() -> None:
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(DatasetError, match="the data has several columns 'a'"):
        find_column(frame, "a", asked_by="slices.by")


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        (["a b target"], "one column only: separate the columns by comma"),
        (["13.5", "Bern", "1"], "the first line holds numbers instead of names"),
    ],
)
def test_what_is_wrong_with_the_whole_header_is_said_without_showing_it(
    names: list[str], hint: str
) -> None:
    """Without a header the names are a row of the data, and rows are not shown."""
    frame = pd.DataFrame([["x"] * len(names)], columns=names)
    with pytest.raises(DatasetError) as caught:
        find_column(frame, "target", asked_by="data.target")
    assert hint in str(caught.value)
    assert not any(name in str(caught.value) for name in names if name != "1")
