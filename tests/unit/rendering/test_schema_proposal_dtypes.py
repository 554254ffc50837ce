"""A proposed type is the one that pandas gives the column when it reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest
import yaml

from mlci_action.rendering.schema_proposal import propose_schema
from tests.unit.checks.profiles import Cell, numbers, table


def _dtype(stored: str, cells: Iterable[Cell], *, typed: bool = True) -> object:
    column = replace(numbers(cells, "a"), dtype=stored)
    others = [numbers([1.5], "b")] if typed else []
    return yaml.safe_load(propose_schema(table(column, *others)))["columns"]["a"].get("dtype")


@pytest.mark.parametrize(
    ("stored", "cells", "dtype"),
    [
        ("int64", [1, 2], "int64"),
        ("int64", [1, None], "float64"),
        ("uint8", [1, 2], "uint8"),
        ("double", [1, 2], "float64"),
        ("float", [1.5], "float32"),
        ("bool", [True], "bool"),
        ("bool", [True, None], None),
        ("text", ["a"], "str"),
        ("text", ["007", "8"], "str"),
        ("text", ["a", "8"], None),
        ("text", ["True"], "str"),
        ("category", ["a", "b"], "category"),
        ("category", ["1", "2"], "category"),
        ("timestamp[us]", [datetime(2020, 1, 1)], "datetime64[ns]"),  # noqa: DTZ001
        ("timestamp[ms, tz=+01:00]", [datetime(2020, 1, 1)], "datetime64[ms, +01:00]"),  # noqa: DTZ001
        ("duration[ns]", [5], "timedelta64[ns]"),
        ("date32[day]", [datetime(2020, 1, 1)], None),  # noqa: DTZ001
        ("decimal128(9, 2)", [1.5], None),
        ("list<item: int64>", ["[1]"], None),
        ("string", [None], None),
        ("double", [None], None),
    ],
)
def test_a_stored_type_is_the_one_that_pandas_makes_of_it(
    stored: str, cells: list[Cell], dtype: str | None
) -> None:
    assert _dtype(stored, cells) == dtype


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ([1, 2], "int64"),
        ([1, None], "float64"),
        ([1.5, 2], "float64"),
        (["a", "b"], "str"),
        (["a", "1"], "str"),
        (["True", "FALSE"], "bool"),
        (["True", None], None),
        (["True", "1"], "str"),
        ([1, "inf", None], "float64"),
        ([None], None),
        ([1e19, 2], None),
    ],
)
def test_text_has_the_type_that_pandas_finds(cells: list[Cell], dtype: str | None) -> None:
    assert _dtype("text", cells, typed=False) == dtype
