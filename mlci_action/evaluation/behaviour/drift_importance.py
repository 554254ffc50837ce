"""Does it matter that a column moved? How much the baseline's answers move when it is moved back.

Rows of the batch are asked once as they are and once per column with that column put back to the
reference's distribution, each row keeping its rank in it. Nothing is drawn at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.profile import ColumnProfile, NumberSummary, TextSummary
from mlci_action.evaluation.reading.predictions import ModelOutput

_MOST_ROWS = 2_000


def question(frame: pd.DataFrame, columns: Sequence[ColumnProfile]) -> pd.DataFrame:
    """At most 2,000 rows of `frame`, then the same with each of `columns` moved back in turn.

    `columns` are profiles of the reference; those that a frame lacks or cannot be moved stay.
    """
    rows = frame
    if len(frame) > _MOST_ROWS:
        rows = frame.iloc[np.linspace(0, len(frame) - 1, _MOST_ROWS).astype(int)]
    parts = [rows]
    for column in columns:
        moved = moved_back(rows[column.name], column) if column.name in rows.columns else None
        parts.append(rows if moved is None else rows.assign(**{column.name: moved}))
    return pd.concat(parts, ignore_index=True)


def importances(said: ModelOutput, columns: int) -> tuple[float | None, ...]:
    """How far the answers to each part lie from those to the first, on average over the rows.

    Probabilities: the share that changes sides (total variation); labels: the share that differs;
    numbers: in standard deviations of the answers. None where nothing finite came back.
    """
    parts = np.split(_answers(said), columns + 1)
    return tuple(_distance(parts[0], part, said) for part in parts[1:])


def moved_back(column: pd.Series[Any], reference: ColumnProfile) -> pd.Series[Any] | None:
    """The column with the reference's distribution, as alike as it can be; None if it cannot be."""
    numbers, text = reference.numbers, reference.text
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return None if numbers is None else _numbers(column, numbers)
    if text is None or not text.complete:
        return None
    return _categories(column, text)


def _numbers(column: pd.Series[Any], reference: NumberSummary) -> pd.Series[Any]:
    ranks = (column.rank(method="average") - 0.5) / max(int(column.notna().sum()), 1)
    middle = (np.array(reference.below) + np.array(reference.up_to)) / (2.0 * reference.count)
    values = np.interp(ranks.to_numpy(dtype=float), middle, reference.points)
    if reference.whole == reference.count:
        values = np.rint(values)
    moved = pd.Series(values, index=column.index).where(column.notna())
    # A small type of whole numbers may have no room for those of the reference.
    whole = pd.api.types.is_integer_dtype(column) and bool(moved.notna().all())
    return moved.astype("int64") if whole else moved


def _categories(column: pd.Series[Any], reference: TextSummary) -> pd.Series[Any]:
    """Rows of categories that became frequent go, evenly spaced, to those that became rare."""
    words = column.astype(object).where(column.notna(), None)
    as_text = words.map(str).where(words.notna())
    filled = int(as_text.notna().sum())
    wanted = _wanted(dict(reference.values), filled)
    counts = {str(word): int(count) for word, count in as_text.value_counts().items()}
    free: list[int] = []
    for word, count in counts.items():
        surplus = max(count - wanted.get(word, 0), 0)
        places = np.flatnonzero((as_text == word).to_numpy())
        free += places[np.linspace(0, count - 1, surplus).astype(int)].tolist()
    # A truth value that the batch lost is none of its own words, but no other text either.
    truth = pd.api.types.is_bool_dtype(column)
    written: dict[str, Any] = {"True": True, "False": False} if truth else {}
    written |= {str(value): value for value in words.dropna().unique()}
    moved = words.copy()
    for place, word in zip(sorted(free), _in_turn(wanted, counts), strict=False):
        moved.iloc[place] = written.get(word, word)
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = column.dtype.categories
        lost = [word for word in moved.dropna().unique() if word not in known]
        return moved.astype(pd.CategoricalDtype([*known, *lost], ordered=column.dtype.ordered))
    return moved.astype(column.dtype)


def _wanted(counts: dict[str, int], rows: int) -> dict[str, int]:
    everything = sum(counts.values())
    return {word: round(count / everything * rows) for word, count in counts.items()}


def _in_turn(wanted: dict[str, int], counts: dict[str, int]) -> list[str]:
    """The words that lack rows, as often as they do, each spread over the whole list."""
    lacking = {word: count - counts.get(word, 0) for word, count in wanted.items()}
    spread = [
        ((copy + 0.5) / count, word)
        for word, count in lacking.items()
        for copy in range(max(count, 0))
    ]
    return [word for _, word in sorted(spread)]


def _answers(said: ModelOutput) -> NDArray[Any]:
    if said.probabilities is not None:
        return said.probabilities
    return said.predictions.reshape(len(said.predictions), -1)


def _distance(before: NDArray[Any], after: NDArray[Any], said: ModelOutput) -> float | None:
    if said.probabilities is not None:
        found = float(np.abs(after - before).sum(axis=1).mean()) / 2
    elif said.classes is not None or before.dtype.kind not in "fiu":
        found = float((after != before).mean())
    else:
        spread = float(np.std(before.astype(float)))
        found = float(np.abs(after.astype(float) - before).mean()) / spread if spread else 0.0
    return found if np.isfinite(found) else None
