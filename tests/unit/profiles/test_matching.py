from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.cells import CellTest
from mlci_action.domain.shapes import shape_of
from mlci_action.profiles.cells import cells_of
from mlci_action.profiles.matching import matches
from mlci_action.profiles.texts import MOST_LETTERS, kept_text

LONG = " " + "long " * 60
CELLS = ["3", "7.5", " 12 ", "-1", "n/a", " n/a ", "N/A", "", "  ", "ab 12", "xy 34", LONG, None]


def meant(test: CellTest, column: pa.Array, start: int = 0) -> list[int]:
    """The places of the cells that are meant."""
    found = matches(test, cells_of(test.column, column), start=start)
    assert found.dtype == np.bool_
    assert len(found) == len(column)
    return np.flatnonzero(found).tolist()


@pytest.mark.parametrize(
    ("parts", "places"),
    [
        ({}, []),
        ({"above": 7.5}, [2]),
        ({"above": 7.4, "below": 0.0}, [1, 2, 3]),
        ({"below": float("nan")}, []),
        ({"numbers": frozenset({3.0, 12.0})}, [0, 2]),
        ({"texts": frozenset({"n/a"})}, [4, 5]),
        ({"texts": frozenset({"n/a"}), "exact": True}, [4]),
        ({"texts": frozenset({""})}, [7, 8]),
        ({"texts": frozenset({"3"})}, []),
        ({"texts": frozenset({kept_text(LONG)}), "exact": True}, [11]),
        ({"texts": frozenset({kept_text(LONG).strip()})}, [11]),
        ({"texts": frozenset({LONG[:MOST_LETTERS]})}, []),
        ({"not_texts": frozenset()}, [4, 5, 6, 7, 8, 9, 10, 11]),
        ({"not_texts": frozenset({"n/a", "", "ab 12"})}, [6, 10, 11]),
        ({"not_texts": frozenset({"n/a", "", "ab 12"}), "exact": True}, [5, 6, 8, 10, 11]),
        ({"shapes": frozenset({"aa 99"})}, [9, 10]),
        ({"not_shapes": frozenset({"aa 99", "a/a", "", shape_of(LONG)})}, [5, 6, 8]),
        ({"all_text": True}, [4, 5, 6, 7, 8, 9, 10, 11]),
        ({"missing": True}, [12]),
        ({"rows": (2, 4)}, [2, 3]),
        ({"rows": (11, 99), "above": 7.5, "missing": True}, [2, 11, 12]),
    ],
)
def test_a_cell_is_meant_when_any_part_holds(parts: dict[str, Any], places: list[int]) -> None:
    column = pa.array(CELLS)
    assert meant(CellTest(column="c", **parts), column) == places
    assert meant(CellTest(column="c", **parts), column.dictionary_encode()) == places


@pytest.mark.parametrize("start", [0, 5, 9, 10, 11, 99])
def test_rows_are_counted_over_all_chunks(start: int) -> None:
    column = pa.array([1, 2, 3])
    expected = [place for place in range(3) if 8 <= start + place < 11]
    assert meant(CellTest(column="c", rows=(8, 11)), column, start) == expected


def test_what_a_file_stores_as_numbers_is_no_text() -> None:
    column = pa.array([1.0, None, float("nan"), float("inf"), -5.0])
    assert meant(CellTest(column="c", missing=True), column) == [1, 2]
    assert meant(CellTest(column="c", all_text=True), column) == [3]
    assert meant(CellTest(column="c", above=0.0, below=-1.0), column) == [0, 4]


def test_moments_and_lists_are_missing_or_not_and_nothing_else() -> None:
    """Nothing else is looked into, so nothing else can be wrong with one."""
    every = {"all_text": True, "above": -1e300, "not_texts": frozenset(), "not_shapes": frozenset()}
    for column in (pa.array([dt.date(2026, 1, 1), None]), pa.array([["a"], None])):
        assert meant(CellTest(column="c", **every), column) == []  # type: ignore[arg-type]
        assert meant(CellTest(column="c", missing=True), column) == [1]


def test_a_column_without_a_single_cell_is_missing_everywhere() -> None:
    for column in (pa.nulls(3), pa.array([None, None, None], pa.string())):
        assert meant(CellTest(column="c", missing=True), column) == [0, 1, 2]
        assert meant(CellTest(column="c", all_text=True, above=0.0), column) == []


def test_yes_and_no_are_texts() -> None:
    column = pa.array([True, False, None])
    assert meant(CellTest(column="c", texts=frozenset({"True"})), column) == [0]


TEXTS = st.sampled_from([cell for cell in CELLS if cell is not None]) | st.text(
    alphabet=st.characters(exclude_categories=["Cs"]), max_size=6
)
SETS = st.frozensets(TEXTS.map(kept_text) | TEXTS.map(lambda text: kept_text(text).strip()))
TESTS = st.builds(
    CellTest,
    column=st.just("c"),
    above=st.none() | st.floats(),
    below=st.none() | st.floats(),
    numbers=st.frozensets(st.sampled_from([3.0, 7.5, 12.0, -1.0])),
    texts=SETS,
    exact=st.booleans(),
    not_texts=st.none() | SETS,
    shapes=st.frozensets(TEXTS.map(shape_of)),
    not_shapes=st.none() | st.frozensets(TEXTS.map(shape_of)),
    all_text=st.booleans(),
    missing=st.booleans(),
    rows=st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9)),
)


def one_by_one(test: CellTest, row: int, number: float, text: str | None) -> bool:
    """The same, as the docstring of a test says it, of one cell: NaN is no number."""
    in_rows = test.rows is not None and test.rows[0] <= row < test.rows[1]
    if in_rows or (test.missing and text is None and np.isnan(number)):
        return True
    if text is None:
        return (
            (test.above is not None and number > test.above)
            or (test.below is not None and number < test.below)
            or number in test.numbers
        )
    kept = kept_text(text) if test.exact else kept_text(text).strip()
    return (
        kept in test.texts
        or (test.not_texts is not None and kept not in test.not_texts)
        or shape_of(text) in test.shapes
        or (test.not_shapes is not None and shape_of(text) not in test.not_shapes)
        or test.all_text
    )


@given(TESTS, st.lists(st.none() | TEXTS, min_size=1, max_size=8), st.integers(0, 3))
def test_whole_columns_are_matched_as_single_cells_are(
    test: CellTest, column: list[str | None], start: int
) -> None:
    cells = cells_of("c", pa.array(column, pa.large_string()))
    numbers = np.full(len(column), np.nan) if cells.numbers is None else cells.numbers
    expected = [
        one_by_one(test, start + row, number, text if np.isnan(number) else None)
        for row, (number, text) in enumerate(zip(numbers, column, strict=True))
    ]
    assert matches(test, cells, start=start).tolist() == expected
