"""Does it matter that a column moved? How much the baseline's answers move when it is moved back.

Rows of the batch are asked once more per column, with that column put back to the reference's
distribution, each row keeping its rank in it. Nothing is drawn at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.profile import ColumnProfile, NumberSummary, TextSummary
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.evaluation.reading.variants import Answers, Variant

_MOST_ROWS = 2_000


def question(frame: pd.DataFrame, columns: Sequence[ColumnProfile]) -> tuple[Variant, ...]:
    """At most 2,000 rows of `frame` with each of `columns` moved back in turn.

    `columns` are profiles of the reference; one that the frame lacks, or that cannot be moved, has
    a variant that changes nothing.
    """
    at = np.arange(len(frame))
    if len(frame) > _MOST_ROWS:
        at = np.linspace(0, len(frame) - 1, _MOST_ROWS).astype(np.int64)
    variants = []
    for column in columns:
        found = column.name in frame.columns
        moved = moved_back(frame[column.name].iloc[at], column) if found else None
        changed = pd.DataFrame({} if moved is None else {column.name: moved})
        variants.append(Variant(name=f"{column.name} moved back", rows=at, changed=changed))
    return tuple(variants)


def importances(
    answers: Answers, variants: Sequence[Variant], *, first: int = 0
) -> tuple[float | None, ...]:
    """How far the answers to each variant lie from those to the same rows as they are, on average.

    Probabilities: the share that changes sides (total variation); labels: the share that differs;
    numbers: in standard deviations of the answers. None where nothing finite came back. `variants`
    are those of `question`, the first of them the model's `first`.
    """
    said = answers.variants[first : first + len(variants)]
    return tuple(
        None if isinstance(moved, str) else _distance(answers.output, moved, variant.rows)
        for variant, moved in zip(variants, said, strict=True)
    )


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


def _distance(before: ModelOutput, after: ModelOutput, rows: NDArray[np.int64]) -> float | None:
    known, moved = before.probabilities, after.probabilities
    if known is not None and moved is not None and known.shape[1:] == moved.shape[1:]:
        found = float(np.abs(moved - known[rows]).reshape(len(rows), -1).sum(axis=1).mean()) / 2
    else:
        labels, others = before.predictions[rows], after.predictions
        if before.classes is not None or labels.dtype.kind not in "fiu":
            found = float((labels != others).mean())
        else:
            spread = float(np.std(labels.astype(float)))
            far = float(np.abs(others.astype(float) - labels).mean())
            found = far / spread if spread else 0.0
    return found if np.isfinite(found) else None
