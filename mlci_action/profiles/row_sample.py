"""Which rows stand for the table where columns are looked at together?

All of them up to 20,000; of more, those with the smallest hashes of their row numbers, so that the
sample is spread evenly and does not depend on how the rows came in chunks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.profiles.cells import Cells, Numbers
from mlci_action.profiles.distinct import Hashes, scattered

SAMPLE_ROWS = 20_000


class SampleAccumulator:
    """Chunks in, a typed table of at most 20,000 rows out."""

    def __init__(self, cap: int = SAMPLE_ROWS) -> None:
        self._cap = cap
        self._rows = 0
        self._halvings = 0
        self._numbers: NDArray[np.int64] = np.array([], dtype=np.int64)
        self._hashes: Hashes = np.array([], dtype=np.uint64)
        self._parts: dict[str, tuple[Numbers, NDArray[np.object_]]] = {}

    def add(self, columns: Sequence[Cells]) -> None:
        """Take in one chunk."""
        rows = columns[0].rows if columns else 0
        numbers = np.arange(self._rows, self._rows + rows)
        hashes = scattered(numbers.astype(np.uint64) + np.uint64(1))
        self._rows += rows
        kept, chosen = self._hashes <= self._threshold(), hashes <= self._threshold()
        while np.count_nonzero(kept) + np.count_nonzero(chosen) > self._cap:
            self._halvings += 1
            kept &= self._hashes <= self._threshold()
            chosen &= hashes <= self._threshold()
        places = np.flatnonzero(chosen)
        for cells in columns:
            self._parts[cells.name] = self._grown(cells, kept, places)
        self._numbers = np.concatenate([self._numbers[kept], numbers[places]])
        self._hashes = np.concatenate([self._hashes[kept], hashes[places]])

    def frame(self) -> pd.DataFrame:
        """The rows in their order; the index is the row number. Mixed columns become text."""
        columns = {name: _column(*part) for name, part in self._parts.items()}
        return pd.DataFrame(
            # As they are: pandas would make a type of its own of text.
            {name: pd.Series(cells, self._numbers, cells.dtype) for name, cells in columns.items()},
            index=self._numbers,
        )

    def _threshold(self) -> np.uint64:
        return np.uint64((1 << (64 - self._halvings)) - 1)

    def _grown(
        self, cells: Cells, kept: NDArray[np.bool_], places: NDArray[np.intp]
    ) -> tuple[Numbers, NDArray[np.object_]]:
        nothing = (np.full(len(kept), np.nan), np.full(len(kept), None, dtype=object))
        numbers, texts = self._parts.get(cells.name, nothing)
        source = cells.numbers if cells.numbers is not None else cells.times
        new = np.full(len(places), np.nan) if source is None else source[places]
        words = np.full(len(places), None, dtype=object)
        if cells.codes is not None:
            # The last place is that of "no text", which has the code -1.
            words = np.array([*cells.words, None], dtype=object)[cells.codes[places]]
        return np.concatenate([numbers[kept], new]), np.concatenate([texts[kept], words])


def _column(numbers: Numbers, texts: NDArray[np.object_]) -> Numbers | NDArray[np.object_]:
    has_text = np.array([text is not None for text in texts], dtype=bool)
    if not has_text.any():
        return numbers
    mixed = ~np.isnan(numbers)
    joined = texts.copy()
    joined[mixed] = [f"{number:.15g}" for number in numbers[mixed]]
    return joined
