"""Which other values is a column given, for all rows at once? Those that it has somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlci_action.evaluation.robustness.cells import as_floats, is_number, numbered

MOST_VALUES = 10
POINTS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Put:
    """Where the values stand in the column, and in words how many they are; never the values."""

    places: tuple[int, ...]
    words: str


def swept_values(column: pd.Series[Any]) -> Put | str:
    """The ten most frequent values, the first in the data of equally frequent ones; or why none."""
    try:
        _, first, counts = numbered(column)
    except TypeError:
        return "holds lists or the like"
    if len(counts) <= 1:
        return "holds no two values: there is no other one to ask with"
    chosen = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    words = f"{len(counts)} values"
    if len(counts) > MOST_VALUES:
        words = f"the {MOST_VALUES} most frequent of {len(counts):,} values"
    return Put(places=tuple(first[chosen].tolist()), words=words)


def rising_values(column: pd.Series[Any]) -> Put | str:
    """Seven numbers of the column from its smallest to its largest, at even ranks; or why none."""
    if not is_number(column):
        return "holds no numbers"
    numbers = as_floats(column)
    known = np.flatnonzero(np.isfinite(numbers))
    ordered = known[np.argsort(numbers[known], kind="stable")]
    if not len(ordered) or numbers[ordered[0]] == numbers[ordered[-1]]:
        return "holds no two numbers: nothing can rise"
    at = ordered[np.rint(np.linspace(0, len(ordered) - 1, POINTS)).astype(np.int64)]
    rising = at[np.append(True, np.diff(numbers[at]) > 0)]
    return Put(places=tuple(rising.tolist()), words=f"{len(rising)} of its quantiles")
