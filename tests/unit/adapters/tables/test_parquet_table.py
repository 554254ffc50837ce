"""How is a Parquet file read? Pages as they are needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlci_action.adapters.tables.source import open_table
from tests.unit.adapters.tables.reading import assert_blocks_hold_the_frame


def test_blocks_go_over_the_ends_of_row_groups(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": range(100)}), tmp_path / "a", row_group_size=9)
    assert_blocks_hold_the_frame(open_table("a", tmp_path))


def test_categories_come_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({"kind": pd.Categorical(["b", None, "a"], ["b", "a"], ordered=True)})
    frame.to_parquet(tmp_path / "a")
    pd.testing.assert_frame_equal(open_table("a", tmp_path).frame(), frame)
    assert_blocks_hold_the_frame(open_table("a", tmp_path))


def test_a_folder_named_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    (tmp_path / "year=2020").mkdir()
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "year=2020" / "a")
    table = open_table("year=*/a", tmp_path)
    assert list(table.frame().columns) == list(table.names) == ["a"]


def test_memory_is_that_of_pages_and_not_of_a_row_group(tmp_path: Path) -> None:
    program = f"""
import resource
from pathlib import Path
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
from mlci_action.adapters.tables.source import open_table
path = Path({str(tmp_path)!r}) / "a"
rows = 250_000
table = pa.table({{"a": np.random.default_rng(0).normal(size=rows)}})
with pq.ParquetWriter(path, table.schema) as writer:
    writer.write_table(pa.concat_tables([table] * 40), row_group_size=40 * rows)
"""
    count = """
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
given = sum(batch.num_rows for batch in open_table("a", path.parent).chunks())
print(given, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    assert (tmp_path / "a").stat().st_size > 70 << 20
    reading = program[: program.index("rows =")] + count
    ran = subprocess.run(
        [sys.executable, "-c", reading], capture_output=True, text=True, check=True
    )
    rows, mebibytes = map(int, ran.stdout.split())
    assert rows == 10_000_000
    assert mebibytes < 64
