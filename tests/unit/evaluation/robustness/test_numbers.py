"""Noise has the size of the column; numbers in another unit have the type that readers give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.robustness import Perturbation
from tests.unit.evaluation.robustness.cases import changed, of_type, only, table_with, why_not

_DRAW = np.random.default_rng(1)
_N = 2_000


def _noise(column: object, amount: float = 0.1, *, named: bool = True) -> pd.Series:
    asks = only(Perturbation.NOISE, amount=amount, columns=("x",) if named else None)
    return changed(table_with(_N, x=column), asks)["x"]


def test_noise_is_a_share_of_the_standard_deviation() -> None:
    before = _DRAW.normal(100, 5, _N)
    moved = _noise(before, 0.1).to_numpy() - before
    assert moved.std() == pytest.approx(0.5, rel=0.1)
    assert abs(moved.mean()) < 0.05


def test_what_lies_far_out_does_not_make_it_larger() -> None:
    before = _DRAW.normal(100, 5, _N)
    before[:20] = 1e9
    moved = (_noise(before, 0.1).to_numpy() - before)[20:]
    assert moved.std() == pytest.approx(0.5, rel=0.1)


def test_numbers_stay_in_the_range_of_their_column() -> None:
    before = _DRAW.random(_N)
    after = _noise(before, 3.0).to_numpy()
    assert before.min() <= after.min()
    assert after.max() <= before.max()
    assert len(np.unique(after)) > _N / 2


def test_what_has_no_negative_value_and_no_zero_gets_none() -> None:
    assert (_noise(_DRAW.lognormal(0, 2, _N), 1.0) > 0).all()


@pytest.mark.parametrize("dtype", ["int64", "int8", "uint16", "Int32"])
def test_whole_numbers_stay_whole_and_of_their_type(dtype: str) -> None:
    before = of_type(pd.Series(_DRAW.integers(1, 90, _N)), dtype)
    after = _noise(before, 0.3)
    assert after.dtype == before.dtype
    assert (after.to_numpy(dtype=float) != before.to_numpy(dtype=float)).mean() > 0.8


def test_whole_numbers_that_are_floats_for_a_blank_stay_whole() -> None:
    before = pd.Series(_DRAW.integers(1, 90, _N).astype(float))
    before[::10] = np.nan
    after = _noise(before, 0.3)
    assert after.isna().equals(before.isna())
    assert (after.dropna() % 1 == 0).all()


@pytest.mark.parametrize("dtype", ["float32", "Float64"])
def test_a_type_of_floats_stays(dtype: str) -> None:
    before = of_type(pd.Series(_DRAW.normal(size=_N)), dtype)
    assert _noise(before).dtype == before.dtype


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (1.5, "holds no more than two different numbers"),
        (np.arange(_N) % 2, "holds no more than two different numbers"),
        (np.arange(_N) % 2 == 0, "holds no numbers"),
        (["a", "b"] * (_N // 2), "holds no numbers"),
        (np.arange(_N) + (1 << 60), "holds numbers too large to be measurements"),
        (np.nan, "holds no more than two different numbers"),
        (pd.Categorical(np.arange(_N) % 5), "holds no numbers"),
    ],
    ids=["constant", "flag", "boolean", "text", "ids", "empty", "category"],
)
def test_what_is_no_measurement_gets_no_noise(column: object, why: str) -> None:
    asks = only(Perturbation.NOISE, columns=("x",))
    assert why_not(table_with(_N, x=column), asks) == f"'x' {why}"
    beside = table_with(_N, x=column, z=_DRAW.normal(size=_N))
    assert list(changed(beside, only(Perturbation.NOISE))) == ["z"]


def test_what_many_share_at_an_end_is_a_word_and_stays() -> None:
    """Most people gain nothing by capital, and no age is -1."""
    gain = np.where(_DRAW.random(_N) < 0.9, 0, _DRAW.lognormal(8, 1, _N).round())
    age = np.where(_DRAW.random(_N) < 0.1, -1, _DRAW.integers(18, 90, _N))
    for before, word in ((gain, 0), (age, -1)):
        after = _noise(before, 0.5).to_numpy()
        assert (after[before == word] == word).all()
        assert (after[before != word] != before[before != word]).any()


def test_few_numbers_have_no_such_words() -> None:
    grades = _DRAW.integers(1, 6, _N)
    after = _noise(grades, 1.0).to_numpy()
    assert (after[grades == 1] != 1).any()


def test_what_is_infinite_stays() -> None:
    before = _DRAW.normal(size=_N)
    before[:3] = [np.inf, -np.inf, np.nan]
    after = _noise(before).to_numpy()
    assert after[0] == np.inf
    assert after[1] == -np.inf
    assert np.isnan(after[2])


def test_half_of_one_number_leaves_a_spread_to_measure() -> None:
    before = np.where(_DRAW.random(_N) < 0.8, 50.0, _DRAW.normal(50, 10, _N))
    moved = _noise(before, 0.1).to_numpy() - before
    assert 0.1 < moved.std() < 1


def _in_unit(column: object, factor: float, share: float = 1.0) -> pd.Series:
    asks = only(Perturbation.UNITS, amount=factor, share=share, columns=("x",))
    return changed(table_with(_N, x=column), asks)["x"]


def test_each_column_comes_in_its_other_unit_alone() -> None:
    frame = table_with(_N, x=_DRAW.normal(size=_N), z=_DRAW.normal(size=_N))
    after = changed(frame[["loan", "y", "x"]], only(Perturbation.UNITS, columns=("x",)))
    assert list(after) == ["x"]
    assert np.allclose(after["x"], frame["x"] * 1_000)


@pytest.mark.parametrize(
    ("dtype", "factor", "becomes"),
    [
        ("int64", 1_000, "int64"),
        ("int8", 2, "int8"),
        ("int8", 1_000, "float64"),
        ("int64", 0.001, "float64"),
        ("Int64", 0.001, "Float64"),
        ("Int64", 1_000, "Int64"),
        ("float32", 1_000, "float32"),
    ],
)
def test_types_are_those_that_a_reader_would_give(dtype: str, factor: float, becomes: str) -> None:
    before = of_type(pd.Series(_DRAW.integers(1, 60, _N)), dtype)
    after = _in_unit(before, factor)
    assert after.dtype == becomes
    assert np.allclose(after.to_numpy(dtype=float), before.to_numpy(dtype=float) * factor)


def test_some_rows_alone_may_come_in_another_unit() -> None:
    before = _DRAW.normal(100, 1, _N)
    after = _in_unit(before, 1_000, 0.25).to_numpy()
    assert np.count_nonzero(after != before) == _N // 4


def test_blanks_and_text_have_no_unit() -> None:
    before = pd.Series(_DRAW.normal(size=_N)).mask(_DRAW.random(_N) < 0.1)
    assert _in_unit(before, 10).isna().equals(before.isna())
    assert (
        why_not(table_with(_N, x="a"), only(Perturbation.UNITS, columns=("x",)))
        == "'x' holds no numbers"
    )
    zeros = why_not(table_with(_N, x=0.0), only(Perturbation.UNITS, columns=("x",)))
    assert zeros == "times 1000 changes no cell"
