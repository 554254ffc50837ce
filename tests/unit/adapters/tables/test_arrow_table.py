"""How is an Arrow file or stream read? A record batch at a time."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from mlci_action.adapters.tables.source import open_table
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import assert_blocks_hold_the_frame, streamed

TABLE = pa.table({"a": range(20), "b": [None, "x"] * 10})


def _write(path: Path, how: str, compression: str | None = None) -> None:
    options = pa.ipc.IpcWriteOptions(compression=compression)
    new = pa.ipc.new_file if how == "file" else pa.ipc.new_stream
    with pa.OSFile(str(path), "wb") as sink, new(sink, TABLE.schema, options=options) as writer:
        writer.write_table(TABLE, max_chunksize=8)


@pytest.mark.parametrize("how", ["file", "stream"])
@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
def test_files_and_streams_are_read(tmp_path: Path, how: str, compression: str | None) -> None:
    _write(tmp_path / "a", how, compression)
    table = open_table("a", tmp_path)
    assert streamed(table) == TABLE.to_pydict()
    assert_blocks_hold_the_frame(table)
    assert next(table.chunks(["b"], rows=2)).to_pydict() == {"b": [None, "x"]}


@pytest.mark.parametrize("how", ["file", "stream"])
def test_what_was_cut_is_refused(tmp_path: Path, how: str) -> None:
    _write(tmp_path / "whole", how)
    data = (tmp_path / "whole").read_bytes()
    (tmp_path / "a").write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(DatasetError, match="cannot be read as a table"):
        list(open_table("a", tmp_path).chunks())
    with pytest.raises(DatasetError, match="cannot be read as a table"):
        open_table("a", tmp_path).frame()


def test_an_index_in_a_feather_file_is_a_column(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index([5, 6], name="id"))
    with (
        pa.OSFile(str(tmp_path / "a"), "wb") as sink,
        pa.ipc.new_file(sink, pa.Schema.from_pandas(frame)) as writer,
    ):
        writer.write_table(pa.Table.from_pandas(frame))
    table = open_table("a", tmp_path)
    assert table.names == ("id", "a")
    assert_blocks_hold_the_frame(table)


def test_offsets_that_point_outside_are_refused(tmp_path: Path) -> None:
    """They would end the process, and with it the gate."""
    batch = pa.RecordBatch.from_pydict({"a": ["x" * 77]})
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, batch.schema) as file:
        file.write_batch(batch)
    offsets = b"\0\0\0\0" + (77).to_bytes(4, "little")
    assert offsets in sink.getvalue()
    broken = sink.getvalue().replace(offsets, b"\0\0\0\0\xff\xff\xff\x7f")
    (tmp_path / "a").write_bytes(broken)
    table = open_table("a", tmp_path)
    for read in (table.frame, lambda: list(table.chunks())):
        with pytest.raises(DatasetError, match="cannot be read as a table"):
            read()
