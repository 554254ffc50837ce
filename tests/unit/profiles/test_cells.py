"""What a cell holds does not depend on how a file stores its column."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mlci_action.profiles.cells import Cells, cells_of


def seen(array: pa.Array) -> list[Any]:
    """Each cell in words of Python: number, text, ("day", n) or None."""
    cells = cells_of("x", array)
    found: list[Any] = [None] * cells.rows
    for row in range(cells.rows):
        if cells.numbers is not None and not np.isnan(cells.numbers[row]):
            found[row] = float(cells.numbers[row])
        if cells.times is not None and not np.isnan(cells.times[row]):
            found[row] = ("day", float(cells.times[row]))
        if cells.codes is not None and cells.codes[row] >= 0:
            assert found[row] is None
            found[row] = cells.words[cells.codes[row]]
    assert cells.missing == sum(cell is None for cell in found)
    return found


@pytest.mark.parametrize(
    "array",
    [
        pa.array([1, None, -3]),
        pa.array([1.0, None, -3.0]),
        pa.array([1.0, float("nan"), -3.0], from_pandas=True),
        pa.array([1.0, float("nan"), -3.0]),
        pa.array(["1", None, "-3"]),
        pa.array([" 1.0", None, "-3e0 "]),
        pa.array(["1", None, "-3"]).dictionary_encode(),
        pa.array([1, None, -3]).dictionary_encode(),
        pa.array(["1", None, "-3"], pa.large_string()),
        pa.array(["1", None, "-3"], pa.string_view()),
        pa.array([Decimal(1), None, Decimal(-3)]),
        pa.array([1, None, -3], pa.duration("s")),
        pa.array([1, None, -3], pa.int8()),
        pa.array([1, None, -3], pa.float16()),
    ],
    ids=lambda array: str(array.type),
)
def test_numbers_are_numbers_however_they_are_stored(array: pa.Array) -> None:
    assert seen(array) == [1.0, None, -3.0]


def test_text_that_reads_as_a_number_is_told_from_other_text() -> None:
    array = pa.array(["7", "7 oz", "?", " ", "", "1e400", "nan", "inf", "0x10", "1,000", None, "٣"])
    expected = [7.0, "7 oz", "?", " ", "", "1e400", "nan", "inf", "0x10", "1,000", None, "٣"]
    assert seen(array) == expected
    assert seen(array.dictionary_encode()) == expected


def test_infinity_is_a_word_and_no_number() -> None:
    assert seen(pa.array([1.5, float("inf"), float("-inf"), None])) == [1.5, "inf", "-inf", None]


def test_truth_values_are_the_words_for_them() -> None:
    assert seen(pa.array([True, None, False])) == ["True", None, "False"]


def test_moments_are_days_since_1970() -> None:
    noon = datetime(1970, 1, 2, 12)  # noqa: DTZ001 - a moment as a file without zones holds it
    assert seen(pa.array([noon, None])) == [("day", 1.5), None]
    assert seen(pa.array([date(1971, 1, 1), None])) == [("day", 365.0), None]
    assert seen(pa.array([noon, None], pa.timestamp("ns", tz="UTC"))) == [("day", 1.5), None]


def test_a_column_without_any_value_is_missing_throughout() -> None:
    assert seen(pa.nulls(3)) == [None, None, None]
    assert seen(pa.array([None, None], pa.string())) == [None, None]


def test_lists_are_told_apart_and_not_looked_into() -> None:
    cells = cells_of("x", pa.array([[1], None, [1], [2]]))
    assert cells.opaque
    assert cells.codes is not None
    assert cells.codes.tolist() == [0, -1, 0, 1]
    assert cells.missing == 1


def test_whole_numbers_beyond_doubles_are_kept_exactly_beside_them() -> None:
    big = 2**53
    cells = cells_of("x", pa.array([big, big + 1, None]))
    assert cells.exact is not None
    assert cells.exact.tolist() == [big, big + 1, 0]
    small: Cells = cells_of("x", pa.array([1, 2]))
    assert small.exact is None


def test_unused_categories_are_no_cells() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([0, None, 0]), pa.array(["a", "b"]))
    assert seen(array) == ["a", None, "a"]
