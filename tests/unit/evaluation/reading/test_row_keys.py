from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlci_action.errors import DatasetError
from mlci_action.evaluation.reading.row_keys import row_weights


@pytest.mark.parametrize(
    "column",
    [
        [1, 0, 3],
        [1.0, 0.0, 3.0],
        pd.array([1, 0, 3], dtype="Int64"),
        np.array([1, 0, 3], dtype=object),
    ],
)
def test_weights_are_numbers_of_any_type(column: object) -> None:
    weights = row_weights(pd.DataFrame({"w": column}), "w")
    assert weights.dtype == np.float64
    assert weights.tolist() == [1.0, 0.0, 3.0]


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ([1.0, -1.0, 3.0], "missing, negative or infinite in 1 of 3 rows"),
        ([1.0, np.nan, np.inf], "missing, negative or infinite in 2 of 3 rows"),
        (pd.array([1, None, 3], dtype="Int64"), "missing, negative or infinite in 1 of 3 rows"),
        ([0, 0, 0], "'w' is 0 in every row"),
        (["1", "2", "3"], "'w' holds text, not numbers"),
        ([True, False, True], "'w' holds True and False, not numbers"),
    ],
)
def test_what_is_no_weight_is_refused_with_its_count(column: object, reason: str) -> None:
    with pytest.raises(DatasetError, match=reason):
        row_weights(pd.DataFrame({"w": column}), "w")


def test_a_weight_column_that_is_not_there_is_named() -> None:
    with pytest.raises(DatasetError, match=r"data\.sample_weight: the data has no column 'w'"):
        row_weights(pd.DataFrame({"a": [1]}), "w")
