"""What do the tests of reading share? A table written, opened, and put together from its blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from mlci_action.adapters.tables.labels import JoinedSource
from mlci_action.adapters.tables.options import AS_FOUND, ReadOptions
from mlci_action.adapters.tables.source import TableSource, open_table


def table_of(
    folder: Path,
    content: str | bytes,
    options: ReadOptions = AS_FOUND,
    *,
    target: str | None = None,
) -> TableSource:
    """The table in a file of this content."""
    data = content.encode() if isinstance(content, str) else content
    (folder / "a.csv").write_bytes(data)
    return open_table("a.csv", folder, options, target=target)


def streamed(table: TableSource | JoinedSource, *, rows: int = 3) -> dict[str, list[Any]]:
    """What the blocks of `table` hold, put together."""
    whole: dict[str, list[Any]] = {name: [] for name in table.names}
    for batch in table.chunks(rows=rows):
        assert batch.num_rows <= rows
        for name in table.names:
            whole[name] += batch.column(name).to_pylist()
    return whole


def assert_blocks_hold_the_frame(table: TableSource | JoinedSource) -> None:
    """The same rows in the same order, missing in the same places."""
    frame = table.frame()
    blocks = list(table.chunks(rows=7))
    assert list(frame.columns) == list(table.names)
    assert all(block.schema.names == list(table.names) for block in blocks)
    assert sum(block.num_rows for block in blocks) == len(frame) == table.count()
    for name in table.names:
        parts = [block.column(name).to_pandas().isna() for block in blocks]
        assert list(pd.concat(parts)) == list(frame[name].isna()), name


def texts(*cells: str | None) -> pa.Array:
    """A column as text."""
    return pa.array(cells, type=pa.string())
