"""A column that moved is put back as it was, whatever its type; what that does is counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action.evaluation.behaviour.drift_importance import importances, moved_back, question
from mlci_action.evaluation.reading.predictions import ModelOutput
from tests.unit.checks.profiles import Cell, numbers


@pytest.mark.parametrize("dtype", ["object", "bool", "boolean", "category", "str"])
def test_categories_come_back_at_their_shares_in_the_type_that_they_had(dtype: str) -> None:
    """Also one that the batch lost altogether."""
    truth = dtype in {"bool", "boolean"}
    one, other = (True, False) if truth else ("a", "b")
    before: list[Cell] = [one, other] * 50
    moved = moved_back(pd.Series([one] * 80, dtype=dtype), numbers(before))
    assert moved is not None
    assert moved.value_counts().to_dict() == {one: 40, other: 40}
    assert moved.dtype.name == dtype


def test_missing_cells_stay_missing() -> None:
    before: list[Cell] = [True, False] * 50
    truth = moved_back(pd.Series([True, None] * 40, dtype="boolean"), numbers(before))
    counts = moved_back(pd.Series([9, None] * 40, dtype="Int64"), numbers([1, 2, 3] * 40))
    assert truth is not None
    assert counts is not None
    assert truth.isna().sum() == counts.isna().sum() == 40


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "float32", "float64"])
def test_numbers_come_back_with_their_ranks_and_are_not_cut_by_a_small_type(dtype: str) -> None:
    batch = pd.Series(np.arange(100), dtype=dtype)
    moved = moved_back(batch, numbers([float(1_000 + n) for n in range(100)]))
    assert moved is not None
    assert moved.is_monotonic_increasing
    assert np.abs(moved.to_numpy() - np.arange(1_000, 1_100)).max() <= 1


def said(parts: list[list[Any]], **fields: Any) -> ModelOutput:  # noqa: ANN401 - as ModelOutput
    return ModelOutput(predictions=np.array([cell for part in parts for cell in part]), **fields)


def test_importance_is_how_far_answers_move() -> None:
    labels = said([["a", "b"], ["a", "a"], ["a", "b"]], classes=("a", "b"))
    assert importances(labels, 2) == (0.5, 0.0)
    values = said([[0.0, 2.0], [1.0, 3.0]])
    assert importances(values, 1) == (1.0,)
    chances = np.array([[0.2, 0.8], [0.5, 0.5], [0.4, 0.6], [0.5, 0.5]])
    scored = said([[1, 0], [1, 0]], probabilities=chances, classes=(0, 1))
    assert importances(scored, 1) == pytest.approx((0.1,))
    assert importances(said([[1.0, 2.0], [np.nan, 1.0]]), 1) == (None,)


def test_the_question_is_a_part_of_the_rows_once_and_once_per_column() -> None:
    frame = pd.DataFrame({"x": np.arange(5_000.0), "z": 1.0})
    asked = question(frame, [numbers([1.0, 2.0] * 50, "x"), numbers([3.0], "gone")])
    assert len(asked) == 3 * 2_000
    assert set(asked["x"].iloc[2_000:4_000]) <= {1.0, 2.0} | set(np.linspace(1, 2, 2_001))
    pd.testing.assert_frame_equal(
        asked.iloc[:2_000].reset_index(drop=True), asked.iloc[4_000:].reset_index(drop=True)
    )
