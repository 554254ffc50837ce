"""What is one column like? Its cells chunk by chunk, each kind summed up by its own accumulator."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from mlci_action.domain.profile import ColumnProfile, TimeSummary
from mlci_action.profiles.cell_hashes import MISSING_HASH, column_hashes
from mlci_action.profiles.cells import Cells, Numbers
from mlci_action.profiles.distinct import Hashes
from mlci_action.profiles.numbers import NumberAccumulator
from mlci_action.profiles.row_order import OrderAccumulator
from mlci_action.profiles.texts import TextAccumulator

_FEWEST_FOR_RANKS = 3
_NAN = np.array([np.nan]).view(np.uint64)[0]


class ColumnAccumulator:
    """Chunks of one column in, its profile out; `reference` is that column of an earlier table."""

    def __init__(self, name: str, reference: ColumnProfile | None = None) -> None:
        self.name = name
        self._numbers = NumberAccumulator(None if reference is None else reference.numbers)
        self._texts = TextAccumulator()
        self._order = OrderAccumulator()
        self._dtype = ""
        self._rows = self._missing = self._moments = 0
        self._first, self._last = math.inf, -math.inf

    def add(self, cells: Cells, hashes: Hashes | None = None) -> None:
        """Take in one chunk, with the hashes of its cells if they are at hand."""
        self._rows += cells.rows
        self._missing += cells.missing
        if cells.missing < cells.rows or not self._dtype:
            self._dtype = cells.dtype
        numbers = _known(cells.numbers)
        self._numbers.add(numbers)
        self._order.add(numbers, *_keys(cells, hashes))
        if cells.codes is not None and not cells.opaque:
            self._texts.add(cells.codes, cells.words)
        self._add_times(cells)

    def profile(self, sample: pd.DataFrame) -> ColumnProfile:
        """What was seen; `sample` are rows of the table, by row number."""
        return ColumnProfile(
            name=self.name,
            dtype=self._dtype,
            rows=self._rows,
            missing=self._missing,
            order=self._order.order(_rank_correlation(sample, self.name)),
            numbers=self._numbers.summary(),
            text=self._texts.summary(),
            times=None
            if not self._moments
            else TimeSummary(count=self._moments, first=self._first, last=self._last),
        )

    def _add_times(self, cells: Cells) -> None:
        known = _known(cells.times)
        if len(known):
            self._moments += len(known)
            self._first = min(self._first, float(known.min()))
            self._last = max(self._last, float(known.max()))


def _keys(cells: Cells, hashes: Hashes | None) -> tuple[Hashes, np.uint64]:
    """(rows,) whole numbers that are equal where cells are, and the one of a missing cell.

    The bits of a number will do, and cost nothing; a moment's do as well.
    """
    values = cells.numbers if cells.times is None else cells.times
    if hashes is None and cells.codes is None and values is not None:
        return values.view(np.uint64), _NAN
    return column_hashes(cells) if hashes is None else hashes, MISSING_HASH


def _known(values: Numbers | None) -> Numbers:
    """The cells that hold a number, in the order of the rows."""
    if values is None:
        return np.array([])
    missing = np.isnan(values)
    return values[~missing] if missing.any() else values


def _rank_correlation(sample: pd.DataFrame, name: str) -> float | None:
    """Spearman's correlation of a column's numbers with their row numbers."""
    if name not in sample.columns or sample[name].dtype.kind != "f":
        return None
    values = sample[name].dropna()
    if len(values) < _FEWEST_FOR_RANKS or values.nunique() < 2:  # noqa: PLR2004 - not constant
        return None
    rows = np.arange(len(values), dtype=float)
    ranks = values.rank().to_numpy()
    return float(np.corrcoef(rows, ranks)[0, 1])
