"""Which columns has a table that pandas stored? An index that has a name is one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from mlci_action.adapters.tables.header import refuse_equal_names

_METADATA = b"pandas"
# A description that is broken, met by us or by pyarrow.
BROKEN_METADATA = (KeyError, TypeError, AttributeError, IndexError, AssertionError)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredColumn:
    """A column under the name it has as read: a field of the file, or numbers that count."""

    name: str
    field: str | None
    start: int = 0
    step: int = 1


def stored_columns(path: Path, schema: pa.Schema) -> tuple[StoredColumn, ...]:
    """The columns as `as_read` gives them; DatasetError when two have the same name."""
    described = json.loads((schema.metadata or {}).get(_METADATA, b"{}"))
    index = described.get("index_columns") or []
    names = {one["field_name"]: one["name"] for one in described.get("columns", ())}
    stored = {one for one in index if isinstance(one, str)}
    levels = [_level(one, names, number) for number, one in enumerate(index)]
    named = any(_name_of(one, names) is not None for one in index)
    fields = [StoredColumn(name=name, field=name) for name in schema.names if name not in stored]
    columns = (*(levels if named else ()), *fields)
    refuse_equal_names(path.name, [column.name for column in columns])
    return columns


def as_read(frame: pd.DataFrame, columns: Sequence[StoredColumn]) -> pd.DataFrame:
    """`frame` with its index as columns where that has a name, and every name as text."""
    unnamed = all(name is None for name in frame.index.names)
    frame = frame.reset_index(drop=unnamed)
    return frame.set_axis([column.name for column in columns], axis="columns")


def batches_as_read(
    batches: Iterator[pa.RecordBatch], columns: Sequence[StoredColumn], rows: int
) -> Iterator[pa.RecordBatch]:
    """`columns` of batches that hold at least their fields, at most `rows` rows at once."""
    offset = 0
    for whole in batches:
        for begin in range(0, whole.num_rows, rows):
            batch = whole.slice(begin, rows)
            arrays = [_array(batch, column, offset) for column in columns]
            offset += batch.num_rows
            yield pa.RecordBatch.from_arrays(arrays, [column.name for column in columns])


def _name_of(index: object, names: Mapping[str, str | None]) -> str | None:
    if isinstance(index, dict):
        name: str | None = index["name"]
        return name
    return names.get(str(index))


def _level(index: Any, names: Mapping[str, str | None], number: int) -> StoredColumn:  # noqa: ANN401
    name = _name_of(index, names)
    shown = f"level_{number}" if name is None else str(name)
    if isinstance(index, dict):
        return StoredColumn(name=shown, field=None, start=index["start"], step=index["step"])
    return StoredColumn(name=shown, field=index)


def _array(batch: pa.RecordBatch, column: StoredColumn, offset: int) -> pa.Array:
    if column.field is not None:
        return batch.column(column.field)
    first = column.start + column.step * offset
    numbers = range(first, first + column.step * batch.num_rows, column.step)
    return pa.array(numbers, type=pa.int64())
