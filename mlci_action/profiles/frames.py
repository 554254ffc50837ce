"""How does a pandas table become chunks, and a chunk a table again? Whatever its columns hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mlci_action.profiles.cells import Cells

CHUNK_ROWS = 131_072


def chunks_of(frame: pd.DataFrame, *, rows: int = CHUNK_ROWS) -> Iterator[pa.RecordBatch]:
    """The rows of `frame` in batches of at most `rows`; its index is left out."""
    names = [str(name) for name in frame.columns]
    for start in range(0, max(len(frame), 1), rows):
        part = frame.iloc[start : start + rows]
        columns = [_array(part.iloc[:, place]) for place in range(len(names))]
        yield pa.RecordBatch.from_arrays(columns, names=names)


def frame_of(columns: Sequence[Cells]) -> pd.DataFrame:
    """The cells as a typed table: numbers where they are at least as many as texts, else text.

    What is the other kind is missing there, as in a column of numbers with one word in it.
    """
    return pd.DataFrame({cells.name: _typed(cells) for cells in columns})


def _typed(cells: Cells) -> pd.Series[Any]:
    if cells.times is not None:
        return pd.Series(pd.to_datetime(cells.times, unit="D"))
    n_numbers = 0 if cells.numbers is None else int(np.count_nonzero(~np.isnan(cells.numbers)))
    n_texts = 0 if cells.codes is None else int(np.count_nonzero(cells.codes >= 0))
    if cells.codes is None or n_numbers >= n_texts:
        nothing = np.full(cells.rows, np.nan)
        return pd.Series(nothing if cells.numbers is None else cells.numbers)
    if set(cells.words) <= {"True", "False"}:
        truth = np.array([word == "True" for word in cells.words] + [None], dtype=object)
        return pd.Series(truth[cells.codes], dtype="boolean")
    # The last place is that of "no text", which has the code -1.
    texts = np.array([*cells.words, None], dtype=object)[cells.codes]
    if n_numbers and cells.numbers is not None:
        also = ~np.isnan(cells.numbers)
        texts[also] = [f"{number:.15g}" for number in cells.numbers[also]]
    return pd.Series(texts, dtype=object)


def _storable(text: str) -> str:
    """Half a surrogate pair is no character, and no file could hold it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _array(column: pd.Series[Any]) -> pa.Array:
    """One column; objects of several kinds become the text that a reader would see."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iufb":
        return pa.array(column.to_numpy(), from_pandas=True)
    try:
        array = pa.array(column, from_pandas=True)
    except (pa.ArrowException, OverflowError, UnicodeError):
        cells = [
            None if missing else _storable(str(cell))
            for cell, missing in zip(column, column.isna(), strict=True)
        ]
        array = pa.array(cells, pa.large_string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
