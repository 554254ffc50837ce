"""How is one table parted into a reference and a batch? By chance, in the order of the file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Parts = tuple[pd.DataFrame, pd.DataFrame]
_Sizes = tuple[int, int]

# Rows (of the reference, of the batch) for a table of n rows; None when there are too few.
_SMALLEST_TENTH = 50


def _halves(n: int) -> _Sizes | None:
    return n - n // 2, n // 2


def _ten_to_one(n: int) -> _Sizes | None:
    return (n - n // 11, n // 11) if n // 11 >= _SMALLEST_TENTH else None


def _equal(size: int) -> Callable[[int], _Sizes | None]:
    return lambda n: (size, size) if n >= 2 * size else None


SPLITS: dict[str, Callable[[int], _Sizes | None]] = {
    "halves": _halves,
    "10:1": _ten_to_one,
    "100:100": _equal(100),
    "1000:1000": _equal(1_000),
}
ORDERED = "ordered"


def parted(frame: pd.DataFrame, split: str, *, name: str, seed: int, most: int) -> Parts | None:
    """A reference and a batch of at most `most` rows together, or None when rows are too few."""
    n = min(len(frame), most)
    if split == ORDERED:
        return frame.iloc[: n - n // 2], frame.iloc[n - n // 2 : n]
    sizes = SPLITS[split](n)
    return None if sizes is None else random_parts(frame, sizes, random_of(name, split, seed))


def random_parts(frame: pd.DataFrame, sizes: _Sizes, random: np.random.Generator) -> Parts:
    """So many rows drawn for each part, each row once and each part in the order of the file."""
    rows = random.permutation(len(frame))[: sum(sizes)]
    return _in_order(frame, rows[: sizes[0]]), _in_order(frame, rows[sizes[0] :])


def random_of(*what: object) -> np.random.Generator:
    """A generator seeded by what is drawn, the same in every process."""
    text = "\n".join(map(str, what)).encode()
    return np.random.default_rng(list(hashlib.sha256(text).digest()))


def _in_order(frame: pd.DataFrame, rows: NDArray[np.int64]) -> pd.DataFrame:
    return frame.iloc[np.sort(rows)].reset_index(drop=True)
