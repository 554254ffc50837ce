"""Rows that stand in two tables, and how many chance would bring."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlci_action.profiles.shared_rows import shared_rows
from tests.unit.profiles.tables import hashed, people


def test_shared_rows_are_those_with_equal_features() -> None:
    train, data = people(500), people(200, seed=1)
    data.loc[:9, ["x", "city"]] = train.loc[100:109, ["x", "city"]].to_numpy()
    shared = shared_rows(hashed(data, target="y", id="id"), hashed(train, target="y", id="id"))
    assert (shared.exact.shared, shared.exact.rows) == (10, 200)
    assert shared.exact.at == tuple(range(10))
    assert (shared.exact.own, shared.exact.different) == (0, 1.0)
    assert (shared.near.shared, shared.sampled_share) == (0, 1.0)


def test_near_copies_are_shared_nearly() -> None:
    train, data = people(500), people(200, seed=1)
    data.loc[:9, "x"] = train.loc[100:109, "x"].to_numpy() * (1 + 1e-7)
    data.loc[:9, "city"] = train.loc[100:109, "city"].str.upper().to_numpy()
    shared = shared_rows(hashed(data, target="y", id="id"), hashed(train, target="y", id="id"))
    assert shared.exact.shared == 0
    assert 10 <= shared.near.shared <= 12
    assert set(range(10)) <= set(shared.near.at)


def test_twins_in_the_training_data_say_what_chance_brings() -> None:
    drawn = np.random.default_rng(0)
    tables = [pd.DataFrame({"a": drawn.integers(0, 400, 600)}) for _ in range(2)]
    shared = shared_rows(hashed(tables[0]), hashed(tables[1]))
    assert shared.exact.shared / 600 == pytest.approx(shared.exact.own / 600, abs=0.06)
    assert shared.exact.different < 0.8


def test_samples_of_different_parts_still_meet() -> None:
    train = people(40_000)
    data = pd.concat([train.iloc[:5_000], people(5_000, seed=1)], ignore_index=True)
    shared = shared_rows(
        hashed(data, id="id", cap=100_000), hashed(train, id="id", rows=2_000, cap=5_000)
    )
    assert shared.sampled_share < 0.3
    assert shared.exact.shared / shared.exact.rows == pytest.approx(0.5, abs=0.05)
    assert shared.near_found > 1
