"""Categories stay of their type, whatever stands in for them; text is mistyped once a cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.robustness import Perturbation
from tests.unit.evaluation.robustness.cases import changed, of_type, only, table_with, why_not

_N = 1_000


def _words(n: int = _N) -> pd.Series:
    return pd.Series(np.random.default_rng(2).choice(["north", "south", "west"], n))


def _of(kind: Perturbation, column: object, share: float = 0.1) -> pd.Series:
    return changed(table_with(_N, x=column), only(kind, share=share, columns=("x",)))["x"]


def test_missing_is_that_share_of_the_cells_that_were_there() -> None:
    before = _words().mask(np.arange(_N) % 2 == 0)
    after = _of(Perturbation.MISSING, before)
    assert after.isna().sum() == _N / 2 + 50
    assert after.dropna().equals(before[after.notna()])


@pytest.mark.parametrize(
    ("column", "dtype"),
    [
        (np.arange(_N), "float64"),
        (np.arange(_N).astype("int8"), "float64"),
        (np.arange(_N, dtype="float32"), "float32"),
        (pd.array(np.arange(_N), dtype="Int64"), "Int64"),
        (np.arange(_N) % 2 == 0, "object"),
        (pd.Categorical(_words()), "category"),
        (pd.date_range("2020", periods=_N), None),
        (_words(), None),
    ],
    ids=["int", "int8", "float32", "nullable", "bool", "category", "time", "text"],
)
def test_a_column_with_blanks_has_the_type_that_a_reader_gives(
    column: object, dtype: str | None
) -> None:
    frame = table_with(_N, x=column)
    after = changed(frame, only(Perturbation.MISSING, columns=("x",)))["x"]
    assert after.dtype == (frame["x"].dtype if dtype is None else dtype)
    assert after.isna().sum() == _N / 10


def test_one_cell_at_least_is_changed() -> None:
    assert _of(Perturbation.MISSING, _words(), share=1e-9).isna().sum() == 1
    assert _of(Perturbation.MISSING, _words(), share=1.0).isna().all()


@pytest.mark.parametrize("categorical", [False, True])
def test_an_unseen_category_is_in_no_row(*, categorical: bool) -> None:
    before = pd.concat([_words(_N - 4), pd.Series(["unseen", "unseen_2"] * 2)], ignore_index=True)
    if categorical:
        before = before.astype("category")
    after = _of(Perturbation.UNSEEN, before)
    new = set(after) - set(before)
    assert new == {"unseen_3"}
    assert (after == "unseen_3").sum() == _N / 10
    assert isinstance(after.dtype, pd.CategoricalDtype) is categorical


def test_a_category_that_no_row_has_is_known_all_the_same() -> None:
    before = pd.Categorical(_words(), categories=["north", "south", "west", "unseen"])
    assert "unseen_2" in set(_of(Perturbation.UNSEEN, before))


def test_swapped_categories_are_others_of_the_column() -> None:
    before = _words()
    after = _of(Perturbation.SWAPPED, before, share=0.5)
    assert (after != before).sum() == _N / 2
    assert set(after) == set(before)


@pytest.mark.parametrize(
    "column",
    [
        pd.Categorical(_words(), ordered=True),
        np.arange(_N) % 2,
        np.arange(_N) % 3 == 0,
        _words().mask(np.arange(_N) % 5 == 0),
    ],
    ids=["category", "flag", "boolean", "blanks"],
)
def test_swapping_keeps_types_and_blanks(column: object) -> None:
    frame = table_with(_N, x=column)
    asks = only(Perturbation.SWAPPED, share=1.0)
    after, before = changed(frame, asks)["x"], frame["x"]
    assert after.dtype == before.dtype
    assert after.isna().equals(before.isna())
    there = before.notna()
    assert (after[there].astype(object) != before[there].astype(object)).all()


def test_frequent_categories_come_more_often() -> None:
    before = pd.Series(["a"] * 500 + ["b"] * 450 + ["c"] * 50)
    after = _of(Perturbation.SWAPPED, before, share=1.0)
    assert 400 < (after[:500] == "b").sum() < 490


@pytest.mark.parametrize(
    ("kind", "column", "why"),
    [
        (Perturbation.UNSEEN, np.arange(_N), "holds no text"),
        (Perturbation.UNSEEN, pd.Categorical(np.arange(_N) % 3), "holds no text"),
        (Perturbation.SWAPPED, "a", "holds one value only"),
        (Perturbation.SWAPPED, [[1]] * _N, "holds lists or the like"),
        (Perturbation.TYPOS, np.arange(_N), "holds no text"),
        (Perturbation.TYPOS, [f"{i}-{i}" for i in range(_N)], "holds no letters"),
        (Perturbation.MISSING, np.nan, "holds no value"),
    ],
)
def test_what_cannot_be_changed_so_is_said(kind: Perturbation, column: object, why: str) -> None:
    assert why_not(table_with(_N, x=column), only(kind, columns=("x",))) == f"'x' {why}"


@pytest.mark.parametrize("kind", [Perturbation.UNSEEN, Perturbation.SWAPPED])
def test_free_text_is_no_category_unless_it_is_named(kind: Perturbation) -> None:
    texts = [f"text {number}" for number in range(_N)]
    frame = table_with(_N, x=texts).assign(z=_words())
    assert list(changed(frame, only(kind))) == ["z"]
    assert list(changed(frame, only(kind, columns=("x",)))) == ["x"]


def test_numbers_are_swapped_where_they_are_named() -> None:
    frame = table_with(_N, x=np.arange(_N) % 5).assign(z=_words())
    assert list(changed(frame, only(Perturbation.SWAPPED))) == ["z"]
    after = changed(frame, only(Perturbation.SWAPPED, columns=("x",)))["x"]
    assert (after != frame["x"]).sum() == _N / 10


@pytest.mark.parametrize("dtype", ["object", "string", "category", None])
def test_a_typo_is_one_slip(dtype: str | None) -> None:
    before = _words() if dtype is None else of_type(_words(), dtype)
    after = _of(Perturbation.TYPOS, before, share=0.4)
    differ = after.astype(object) != before.astype(object)
    assert differ.sum() == 0.4 * _N
    lengths = after[differ].astype(object).map(len) - before[differ].astype(object).map(len)
    assert set(lengths) == {-1, 0, 1}
    assert (after.dtype == before.dtype) or dtype == "category"


def test_all_slips_are_made() -> None:
    after = set(_of(Perturbation.TYPOS, ["ab c"] * _N, share=1.0))
    assert {"ba c", "b c", "aab c", "Ab c"} <= after
    assert "ab c" not in after


def test_a_single_letter_is_never_lost() -> None:
    assert set(_of(Perturbation.TYPOS, ["m", "f"] * (_N // 2), share=1.0)) == {"mm", "M", "ff", "F"}


def test_letters_alone_are_mistyped() -> None:
    after = _of(Perturbation.TYPOS, ["12-A"] * _N, share=1.0)
    assert set(after) == {"12-AA", "12-a", "12-"}


def test_blanks_are_not_mistyped() -> None:
    before = _words().mask(np.arange(_N) % 2 == 0)
    assert _of(Perturbation.TYPOS, before, share=1.0).isna().equals(before.isna())
