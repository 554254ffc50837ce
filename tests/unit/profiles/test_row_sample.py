"""The sample is the whole table while it is small, and an even part of it when it is not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlci_action.profiles.cells import cells_of
from mlci_action.profiles.frames import chunks_of
from mlci_action.profiles.row_sample import SampleAccumulator


def sample_of(frame: pd.DataFrame, *, cap: int, rows: int) -> pd.DataFrame:
    accumulator = SampleAccumulator(cap)
    for chunk in chunks_of(frame, rows=rows):
        accumulator.add([cells_of(n, c) for n, c in zip(chunk.schema.names, chunk, strict=True)])
    return accumulator.frame()


def test_a_small_table_is_its_own_sample() -> None:
    frame = pd.DataFrame({"n": [1.5, None, 3.0], "t": ["a", None, "b"], "m": [1, "x", None]})
    sample = sample_of(frame, cap=10, rows=2)
    assert sample["n"].tolist()[::2] == [1.5, 3.0]
    assert np.isnan(sample["n"].iloc[1])
    assert sample["t"].tolist() == ["a", None, "b"]
    assert sample["m"].tolist() == ["1", "x", None]
    assert sample.index.tolist() == [0, 1, 2]


def test_of_a_large_table_the_same_rows_are_taken_whatever_the_chunks() -> None:
    frame = pd.DataFrame({"row": np.arange(50_000.0), "text": [f"r{i}" for i in range(50_000)]})
    sample = sample_of(frame, cap=2_000, rows=7_000)
    assert sample.equals(sample_of(frame, cap=2_000, rows=50_000))
    assert 1_000 < len(sample) <= 2_000
    assert sample["row"].tolist() == sample.index.tolist()
    assert sample["text"].tolist() == [f"r{i}" for i in sample.index]
    # Evenly: no tenth of the table has more than a fifth or less than a twentieth of the sample.
    shares = np.histogram(sample.index, bins=10, range=(0, 50_000))[0] / len(sample)
    assert shares.min() > 0.05
    assert shares.max() < 0.2
