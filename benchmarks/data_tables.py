"""Which large tables are measured? Made ones of 30 columns, or of 10 to measure memory.

    python -m benchmarks.data_tables FILE ROWS SEED [--narrow]

15 floats, 6 whole numbers of which one is the id, 6 categories of 3 to 200 values, a boolean, a
timestamp and a label; 0.5 % of the cells of numbers and categories are missing. Two seeds make two
tables of one distribution. The file is Parquet or CSV by its name, and is written in pieces.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as to_csv
import pyarrow.parquet as to_parquet
from numpy.typing import NDArray

ID, TIME, LABEL = "id", "at", "label"
_FLOATS, _WHOLE = 15, 5
_CATEGORIES = (3, 5, 10, 20, 50, 200)
_NARROW = (4, 1, (10,))
_MISSING = 0.005
_PIECE = 500_000
_BEGIN, _YEAR = 1_704_067_200, 366 * 86_400


def make_table(path: Path, rows: int, seed: int, *, narrow: bool = False) -> None:
    """The same file for the same arguments, whatever its size in a few hundred MB of memory."""
    writer: to_parquet.ParquetWriter | to_csv.CSVWriter | None = None
    for piece, begin in enumerate(range(0, rows, _PIECE)):
        count = min(_PIECE, rows - begin)
        random = np.random.default_rng([seed, piece])
        table = _piece(seed * rows + begin, count, random, narrow=narrow)
        if writer is None:
            kind = to_csv.CSVWriter if path.suffix == ".csv" else to_parquet.ParquetWriter
            writer = kind(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _piece(first_id: int, n: int, random: np.random.Generator, *, narrow: bool) -> pa.Table:
    floats, whole, categories = _NARROW if narrow else (_FLOATS, _WHOLE, _CATEGORIES)
    columns: dict[str, pa.Array] = {ID: pa.array(np.arange(first_id, first_id + n))}
    for place in range(floats):
        values = random.normal(place, 1 + place, n)
        # One in three is skewed, as amounts are.
        values = values if place % 3 else np.exp(values / (1 + place))
        columns[f"f{place:02d}"] = pa.array(values, mask=_gaps(n, random))
    for place in range(whole):
        columns[f"n{place}"] = pa.array(random.poisson(10**place, n), mask=_gaps(n, random))
    for size in categories:
        names = np.array([f"value {code}" for code in range(size)], dtype=object)
        codes = (size * random.random(n) ** 2).astype(np.int64)
        columns[f"c{size}"] = pa.array(names[codes], pa.string(), mask=_gaps(n, random))
    columns["flag"] = pa.array(random.random(n) < 0.3)  # noqa: PLR2004
    seconds = _BEGIN + random.integers(0, _YEAR, n)
    columns[TIME] = pa.array(seconds * 1_000_000, pa.timestamp("us"))
    columns[LABEL] = pa.array(random.integers(0, 2, n))
    return pa.table(columns)


def _gaps(n: int, random: np.random.Generator) -> NDArray[np.bool_]:
    return random.random(n) < _MISSING


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("rows", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("--narrow", action="store_true", help="10 columns instead of 30")
    asked = parser.parse_args()
    make_table(asked.file, asked.rows, asked.seed, narrow=asked.narrow)
