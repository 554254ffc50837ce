"""For which rows a condition holds."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.expressions import parse_where
from mlci_action.errors import DatasetError
from mlci_action.evaluation.reading.conditions import rows_where

_FRAME = pd.DataFrame(
    {
        "age": [25.0, 60.0, np.nan, 70.0],
        "sex": ["f", "m", "f", None],
        "net income": [1, 2, 3, 4],
        "member": [True, False, True, True],
        "maybe": [True, None, False, None],
        "day": pd.Series(["2024-01-01", "2024-06-01", None, "2024-12-31"], dtype="datetime64[ns]"),
        "code": pd.Categorical(["x", "y", "x", None]),
        "empty": [None, None, None, None],
        "mixed": ["a", 1, None, "b"],
    }
)


def _rows(text: str, frame: pd.DataFrame = _FRAME) -> list[int]:
    return [int(row) for row in np.flatnonzero(rows_where(frame, parse_where(text)))]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("age >= 60", [1, 3]),
        ("60 <= age", [1, 3]),
        ("age == 60", [1]),
        ("age != 60", [0, 3]),
        ("age < 60", [0]),
        ("age <= 60", [0, 1]),
        ("30 < age < 65", [1]),
        ("age in [25, 70]", [0, 3]),
        ("age not in [25]", [1, 3]),
        ("age is null", [2]),
        ("age is not null", [0, 1, 3]),
        ("sex == 'f'", [0, 2]),
        ("sex != 'f'", [1]),
        ("sex in ['m', 'x']", [1]),
        ("sex < 'm'", [0, 2]),
        ("`net income` > 2", [2, 3]),
        ("age > `net income`", [0, 1, 3]),
        ("sex == 'f' and age < 60", [0]),
        ("sex == 'f' or age > 60", [0, 2, 3]),
        ("not sex == 'f'", [1]),
        ("not (sex == 'f' and age < 60)", [1, 3]),
        ("not (sex == 'm' or age < 60)", []),
        ("member == True", [0, 2, 3]),
        ("member == 1", [0, 2, 3]),
        ("maybe == False", [2]),
        ("day >= '2024-06-01'", [1, 3]),
        ("'2024-06-01' > day", [0]),
        ("day == '2024-12-31T02:00+02:00'", [3]),
        ("code == 'x'", [0, 2]),
        ("code is null", [3]),
        ("empty == 1", []),
        ("empty == 'a'", []),
        ("empty is null", [0, 1, 2, 3]),
        ("age == empty", []),
    ],
)
def test_it_holds_for_these_rows(text: str, rows: list[int]) -> None:
    assert _rows(text) == rows


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("age == 'old'", "column 'age' holds numbers and is compared with 'old'"),
        ("sex == 1", "column 'sex' holds text and is compared with 1"),
        ("sex in ['f', 1]", "column 'sex' holds text and is compared with 1"),
        ("sex == True", "column 'sex' holds text and is compared with True"),
        ("member == 'True'", "column 'member' holds True and False and is compared with 'True'"),
        ("age > sex", "column 'age' holds numbers and column 'sex' holds text"),
        ("day > 3", "column 'day' holds dates and is compared with 3"),
        ("mixed == 'a'", "column 'mixed' holds values of another or of several kinds"),
        ("mixed == mixed", "column 'mixed' holds values of another or of several kinds"),
        ("day > 'soon'", "column 'day' holds dates, and 'soon' is none"),
        ("day > 'now'", "column 'day' holds dates, and 'now' is none"),
        ("day > '10:00'", "column 'day' holds dates, and '10:00' is none"),
        ("day != 'NaT'", "column 'day' holds dates, and 'NaT' is none"),
        ("aeg > 3", "the data has no column 'aeg'"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(DatasetError) as caught:
        _rows(text)
    assert caught.value.message.startswith(f"slices.where {text!r}: {said}")
    assert caught.value.hint


def test_what_asks_is_named_in_its_own_words() -> None:
    with pytest.raises(DatasetError, match=r"^data\.integrity 'aeg > 3': "):
        rows_where(_FRAME, parse_where("aeg > 3"), asked_by="data.integrity")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("age - `net income` == 58", [1]),
        ("2 * age > 100 + `net income`", [1, 3]),
        ("age + member >= 26", [0, 1, 3]),
        ("0.1 * `net income` + 0.2 == 0.3", [0]),
        ("0.1 * `net income` + 0.2 > 0.3", [1, 2, 3]),
        ("age + empty > 0", []),
    ],
)
def test_sums_are_compared_but_for_their_last_digits(text: str, rows: list[int]) -> None:
    found = rows_where(_FRAME, parse_where(text, sums=True))
    assert np.flatnonzero(found).tolist() == rows


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sex + 1 > 2", "column 'sex' holds text"),
        ("day + 1 > 2", "column 'day' holds dates"),
        ("age + 1 > sex", "a sum holds numbers and column 'sex' holds text"),
        ("age + 1 > 'x'", "a sum holds numbers and is compared with 'x'"),
    ],
)
def test_only_numbers_are_added_up(text: str, said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        rows_where(_FRAME, parse_where(text, sums=True))


def test_no_row_is_no_problem() -> None:
    assert _rows("age > 3 and sex == 'f'", _FRAME.iloc[:0]) == []


def test_the_index_of_the_frame_does_not_matter() -> None:
    assert _rows("age >= 60", _FRAME.set_index(pd.Index([7, 7, 3, 1]))) == [1, 3]


_CELLS = st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.integers(0, 3)))


@given(_CELLS)
def test_missing_values_follow_sql(cells: list[tuple[int | None, int | None]]) -> None:
    """Against three-valued logic row by row, where unknown is None."""
    frame = pd.DataFrame(cells, columns=["a", "b"], dtype="Int64")
    text = "not (a > 1 and b <= 2) or a == b"

    expected = []
    for a, b in cells:
        above = None if a is None else a > 1
        small = None if b is None else b <= 2
        equal = None if a is None or b is None else a == b
        not_both = True if False in (above, small) else None if None in (above, small) else False
        expected.append(not_both is True or equal is True)
    assert list(rows_where(frame, parse_where(text))) == expected


def test_dates_without_a_time_of_day_are_compared_as_dates() -> None:
    frame = pd.DataFrame({"day": [dt.date(2024, 1, 31), None, dt.date(2024, 2, 1)]})
    assert _rows("day < '2024-02-01'", frame) == [0]
