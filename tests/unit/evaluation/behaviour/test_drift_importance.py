"""A column that moved is put back as it was, whatever its type; what that does is counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action.evaluation.behaviour.drift_importance import importances, moved_back, question
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.evaluation.reading.variants import Answers, Variant
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


def said(cells: list[Any], **fields: Any) -> ModelOutput:  # noqa: ANN401 - as ModelOutput
    return ModelOutput(predictions=np.array(cells), **fields)


def weights(*parts: ModelOutput | str) -> tuple[float | None, ...]:
    """Of the answers to two rows as they are, and to each variant of them."""
    first, *rest = parts
    assert isinstance(first, ModelOutput)
    rows = Variant(name="moved", rows=np.arange(2), changed=pd.DataFrame())
    return importances(Answers(output=first, variants=tuple(rest)), [rows] * len(rest))


def test_importance_is_how_far_answers_move() -> None:
    labels = [said(cells, classes=("a", "b")) for cells in (["a", "b"], ["a", "a"], ["a", "b"])]
    assert weights(*labels) == (0.5, 0.0)
    assert weights(said([0.0, 2.0]), said([1.0, 3.0])) == (1.0,)
    before, after = (
        said([1, 0], probabilities=np.array(chances), classes=(0, 1))
        for chances in ([[0.2, 0.8], [0.5, 0.5]], [[0.4, 0.6], [0.5, 0.5]])
    )
    assert weights(before, after) == pytest.approx((0.1,))
    assert weights(said([1.0, 2.0]), said([np.nan, 1.0])) == (None,)
    assert weights(said([1.0, 2.0]), "fails in predict") == (None,)


def test_a_variant_is_compared_with_the_rows_that_it_is_made_of() -> None:
    """Of all that the model was asked, and of all its variants those that are meant."""
    rows = Variant(name="moved", rows=np.array([2, 0]), changed=pd.DataFrame())
    answers = Answers(output=said([1, 5, 3]), variants=("another question", said([3, 1])))
    assert importances(answers, [rows], first=1) == (0.0,)


def test_the_question_is_a_part_of_the_rows_once_per_column() -> None:
    frame = pd.DataFrame({"x": np.arange(5_000.0), "z": 1.0})
    moved, gone = question(frame, [numbers([1.0, 2.0] * 50, "x"), numbers([3.0], "gone")])
    assert len(moved.rows) == len(moved.changed) == 2_000
    assert set(moved.changed["x"]) <= {1.0, 2.0} | set(np.linspace(1, 2, 2_001))
    assert gone.changed.columns.empty
