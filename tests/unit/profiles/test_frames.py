"""Whatever a table of pandas holds becomes chunks, and a chunk becomes a typed table again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from mlci_action.profiles.cells import cells_of
from mlci_action.profiles.frames import chunks_of, frame_of

ROWS = 5


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, "x", None, 2.5, True], dtype=object),
        pd.Series([[1], None, [2], [3], [4]], dtype=object),
        pd.Series([b"a", b"b", None, b"c", b"d"], dtype=object),
        pd.Series([dt.time(1), None, dt.time(2), dt.time(3), dt.time(4)], dtype=object),
        pd.Series(pd.period_range("2020", periods=ROWS, freq="D")),
        pd.Series(pd.interval_range(0, ROWS)),
        pd.Series([1j, 2j, 3j, 4j, 5j]),
        pd.Series([2**70, 1, 2, 3, None], dtype=object),
        pd.Series(["a", None, "b", "a", "a"], dtype="category"),
        pd.Series([True, None, False, True, True], dtype="boolean"),
        pd.Series([1, None, 3, 4, 5], dtype="Int8"),
        pd.Series(pd.date_range("2020", periods=ROWS, tz="Europe/Paris")),
        pd.Series(["\ud800", "a", None, "b", "c"], dtype=object),
    ],
    ids=lambda column: f"{column.dtype} {type(column.iloc[0]).__name__}",
)
def test_any_column_becomes_cells_with_its_missing_ones(column: pd.Series[Any]) -> None:
    frame = pd.DataFrame({7: column})
    chunks = list(chunks_of(frame, rows=2))
    assert [chunk.num_rows for chunk in chunks] == [2, 2, 1]
    assert chunks[0].schema.names == ["7"]
    missing = sum(cells_of("7", chunk.column(0)).missing for chunk in chunks)
    assert missing == int(column.isna().sum())


def test_cells_become_a_typed_table() -> None:
    frame = pd.DataFrame(
        {
            "mostly numbers": ["1", "2", "?", None],
            "mostly text": ["a", "b", "3", None],
            "truth": [True, False, None, True],
            "moment": pd.to_datetime(pd.Series(["2020-01-01", None, "2020-01-03", "2020-01-04"])),
            "nothing": [None] * 4,
        }
    )
    (chunk,) = chunks_of(frame)
    names = chunk.schema.names
    typed = frame_of([cells_of(name, cells) for name, cells in zip(names, chunk, strict=True)])
    assert typed["mostly numbers"].tolist()[:2] == [1.0, 2.0]
    assert typed["mostly numbers"].isna().tolist() == [False, False, True, True]
    assert typed["mostly text"].tolist() == ["a", "b", "3", None]
    assert typed["truth"].tolist() == [True, False, pd.NA, True]
    assert typed["moment"].tolist()[0] == pd.Timestamp("2020-01-01")
    assert typed["nothing"].isna().all()
    assert pd.api.types.is_datetime64_dtype(typed["moment"])
