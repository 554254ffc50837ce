"""Which columns has a table that pandas stored? An index with a name is one, in blocks too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlci_action.adapters.tables.source import open_table
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import assert_blocks_hold_the_frame, streamed

PAIRS = pd.MultiIndex.from_product([[1, 2], range(5)])
VALUES = {"a": range(10), "b": list("abcdefghij")}


@pytest.mark.parametrize(
    ("index", "names"),
    [
        (pd.RangeIndex(10), ("a", "b")),
        (pd.Index(range(5, 15)), ("a", "b")),
        (pd.Index(list("klmnopqrst")), ("a", "b")),
        (pd.Index(list("klmnopqrst"), name="id"), ("id", "a", "b")),
        (pd.RangeIndex(5, 25, 2, name="id"), ("id", "a", "b")),
        (pd.RangeIndex(10, 0, -1, name="id"), ("id", "a", "b")),
        (PAIRS.set_names(["x", None]), ("x", "level_1", "a", "b")),
        (PAIRS, ("a", "b")),
    ],
)
def test_an_index_is_a_column_when_it_has_a_name(
    tmp_path: Path, index: pd.Index[int], names: tuple[str, ...]
) -> None:
    pd.DataFrame(VALUES, index=index).to_parquet(tmp_path / "a")
    table = open_table("a", tmp_path)
    assert table.names == names
    assert_blocks_hold_the_frame(table)
    frame = table.frame()
    assert list(frame.index) == list(range(10))
    assert streamed(table) == frame.to_dict("list")
    assert [batch.to_pydict() for batch in table.chunks(names[:1])] == [
        {names[0]: list(frame[names[0]])}
    ]


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ([0, 1], ("0", "1")),
        (pd.MultiIndex.from_product([["a"], ["x", "y"]]), ("('a', 'x')", "('a', 'y')")),
        (pd.to_datetime(["2024-01-01", "2025-01-01"]), None),
    ],
)
def test_names_are_texts(tmp_path: Path, columns: object, names: tuple[str, ...] | None) -> None:
    pd.DataFrame(np.zeros((3, 2)), columns=columns).to_parquet(tmp_path / "a")  # type: ignore[call-overload]
    table = open_table("a", tmp_path)
    assert names is None or table.names == names
    assert_blocks_hold_the_frame(table)


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table([[1], [2]], names=["a", "a"]), tmp_path / "a")
    with pytest.raises(DatasetError, match="two columns named 'a'"):
        open_table("a", tmp_path)
    pd.DataFrame({"a": [1]}, index=pd.Index([5], name="a")).to_parquet(tmp_path / "b")
    with pytest.raises(DatasetError, match="two columns named 'a'"):
        open_table("b", tmp_path)


@pytest.mark.parametrize(
    "metadata",
    ['{"index_columns": 5}', '{"columns": [{"name": "a"}]}', '{"index_columns": [{}]}', "{"],
)
def test_a_broken_description_is_refused(tmp_path: Path, metadata: str) -> None:
    table = pa.table({"a": [1]}).replace_schema_metadata({"pandas": metadata})
    pq.write_table(table, tmp_path / "a")
    with pytest.raises(DatasetError, match="cannot be read as a table"):
        open_table("a", tmp_path)
