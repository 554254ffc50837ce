"""Which cells does a finding mean? Its test, asked of one column of one chunk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.cells import CellTest
from mlci_action.profiles.cells import Cells
from mlci_action.profiles.text_forms import shapes_of
from mlci_action.profiles.texts import kept_text

Mask = NDArray[np.bool_]


def matches(test: CellTest, cells: Cells, *, start: int = 0) -> Mask:
    """(rows,) whether `test` means the cell; `start` is the number, from 0, of the first row."""
    found = np.zeros(cells.rows, dtype=np.bool_)
    if cells.numbers is not None:
        found |= _numbers_meant(test, cells.numbers)
    # Lists, bytes and the like are no text: nothing is said of them but that they are there.
    if cells.codes is not None and not cells.opaque:
        meant = _words_meant(test, cells.words)
        if meant is not None:
            # The last place is that of "no text", whose code is -1.
            found |= np.append(meant, False)[cells.codes]
    if test.missing:
        found |= _missing(cells)
    if test.rows is not None:
        first, end = (min(max(row - start, 0), cells.rows) for row in test.rows)
        found[first:end] = True
    return found


def _numbers_meant(test: CellTest, numbers: NDArray[np.float64]) -> Mask:
    """NaN, which stands for no number, is neither above nor below anything."""
    found = np.zeros(len(numbers), dtype=np.bool_)
    if test.above is not None:
        found |= numbers > test.above
    if test.below is not None:
        found |= numbers < test.below
    if test.numbers:
        found |= np.isin(numbers, np.fromiter(test.numbers, dtype=np.float64))
    return found


def _words_meant(test: CellTest, words: list[str]) -> Mask | None:
    """(words,) which of the words are meant; None when the test asks nothing of text."""
    asks_texts = bool(test.texts) or test.not_texts is not None
    asks_shapes = bool(test.shapes) or test.not_shapes is not None
    if test.all_text:
        return np.ones(len(words), dtype=np.bool_)
    if not (asks_texts or asks_shapes):
        return None
    found = np.zeros(len(words), dtype=np.bool_)
    if asks_texts:
        found |= _listed(_as_known(words, exact=test.exact), test.texts, test.not_texts)
    if asks_shapes:
        shapes = shapes_of(words)
        found |= _listed(shapes.shapes, test.shapes, test.not_shapes)[shapes.codes]
    return found


def _as_known(words: list[str], *, exact: bool) -> list[str]:
    """The words as a profile knows them, whence a test has its texts."""
    kept: Callable[[str], str] = kept_text if exact else lambda word: kept_text(word).strip()
    return [kept(word) for word in words]


def _listed(values: list[str], named: frozenset[str], allowed: frozenset[str] | None) -> Mask:
    """Which values are among the `named`, or where `allowed` is given, not among those."""
    return np.fromiter(
        (value in named or (allowed is not None and value not in allowed) for value in values),
        dtype=np.bool_,
        count=len(values),
    )


def _missing(cells: Cells) -> Mask:
    """The cells that hold neither a number nor a text nor a moment."""
    found = np.ones(cells.rows, dtype=np.bool_)
    for values in (cells.numbers, cells.times):
        if values is not None:
            found &= np.isnan(values)
    if cells.codes is not None:
        found &= cells.codes < 0
    return found
