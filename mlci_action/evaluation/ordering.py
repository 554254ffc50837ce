"""In which order do scores stand? A sort of words, several times faster than an argsort."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_Words = NDArray[np.uint64]
_SIGN = np.uint64(1 << 63)


def ascending(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """The rows of (n,) finite scores from the lowest to the highest; tied rows in any order.

    Each word holds a score's bits above and its row number below, so that sorting the words sorts
    the rows along. Scores whose lowest bits had to make room are put right by the whole score.
    """
    if not len(scores):
        return np.empty(0, np.int64)
    keys = _in_order(scores)
    keys -= keys.min()
    row_bits = (len(scores) - 1).bit_length()
    dropped = np.uint64(max(int(keys.max()).bit_length() + row_bits - 64, 0))
    keys >>= dropped
    words = keys << np.uint64(row_bits)
    words |= np.arange(len(scores), dtype=np.uint64)
    words.sort()
    rows = (words & np.uint64((1 << row_bits) - 1)).astype(np.int64)
    if dropped:
        words >>= np.uint64(row_bits)
        _put_right(rows, words, scores)
    return rows


def _in_order(scores: NDArray[np.float64]) -> _Words:
    """Words in the order of the scores; adding zero makes -0 and 0 the same."""
    bits = (scores + 0.0).view(np.uint64)
    if scores.min() >= 0:
        return bits
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def _put_right(rows: NDArray[np.int64], keys: _Words, scores: NDArray[np.float64]) -> None:
    """Sort, in place, the rows whose shortened keys are the same."""
    same = keys[1:] == keys[:-1]
    runs = np.flatnonzero(np.append(same, False) | np.append(False, same))
    tied = rows[runs]
    rows[runs] = tied[np.argsort(scores[tied], kind="stable")]
