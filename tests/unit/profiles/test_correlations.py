"""Correlations are those of ranks on the scale, over the rows that both columns fill."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlci_action.profiles.correlations import correlations
from tests.unit.checks.profiles import numbers


def test_r_is_that_of_the_ranks_over_complete_rows() -> None:
    random = np.random.default_rng(0)
    a = random.normal(size=400)
    b = np.exp(2 * a + random.normal(size=400))  # far from normal: ranks do not mind
    a[:50], b[30:90] = np.nan, np.nan
    frame = pd.DataFrame({"a": a, "b": b})
    scales = {str(name): numbers(frame[name].tolist(), str(name)) for name in frame}
    (found,) = correlations(frame, scales)
    both = frame.dropna()
    assert (found.columns, found.n) == (("a", "b"), len(both))
    assert found.r == pytest.approx(both.rank().corr().loc["a", "b"], abs=0.01)


def test_columns_that_hardly_vary_are_left_out() -> None:
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "few": random.integers(0, 5, 500).astype(float),
            "mostly zero": np.where(np.arange(500) < 300, 0.0, random.normal(size=500)),
            "x": random.normal(size=500),
            "y": random.normal(size=500),
            "text": ["a"] * 500,
        }
    )
    scales = {str(name): numbers(frame[name].tolist(), str(name)) for name in frame}
    assert [found.columns for found in correlations(frame, scales)] == [("x", "y")]
    assert correlations(frame.head(199), scales) == ()


def test_a_column_that_became_constant_has_no_correlation() -> None:
    random = np.random.default_rng(2)
    before = pd.DataFrame({"x": random.normal(size=300), "y": random.normal(size=300)})
    scales = {str(name): numbers(before[name].tolist(), str(name)) for name in before}
    assert correlations(before.assign(x=7.0), scales) == ()
