"""Which rows does each slice hold?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.expressions import parse_where
from mlci_action.domain.limits import FairnessLimits, SliceLimits
from mlci_action.domain.slices import Slice
from mlci_action.errors import DatasetError
from mlci_action.evaluation.reading.columns import find_column
from mlci_action.evaluation.reading.conditions import rows_where
from mlci_action.evaluation.reading.predictions import SliceRows

MISSING = "(missing)"
MAX_SLICES = 1_000
_BY, _SENSITIVE = "slices.by", "fairness.sensitive"


def slice_rows(frame: pd.DataFrame, limits: SliceLimits) -> tuple[SliceRows, ...]:
    """The slices of `frame`, which holds the n scored rows, in the order of the settings.

    Slices of one `by` entry are sorted by their labels and exist where rows do; missing values are
    a slice of their own. A `where` slice is there even without a row, and is required. Raises
    DatasetError for a column that is not there, a condition that does not fit its columns, and
    more than 1,000 slices.
    """
    named = [part for columns in limits.by for part in _crossed(frame, columns, _BY)]
    if not len(named) <= MAX_SLICES:
        raise _too_many(f"{_BY} makes {len(named):,} slices")
    named += [_where(frame, text) for text in limits.where]
    return tuple(
        SliceRows(
            slice=slice_,
            rows=rows,
            judged=limits.max_regression is not None and int(rows.sum()) >= limits.min_rows,
            required=slice_.where is not None,
        )
        for slice_, rows in named
    )


def sensitive_groups(
    frame: pd.DataFrame, limits: FairnessLimits
) -> tuple[tuple[SliceRows, ...], ...]:
    """The groups of each entry of `limits.sensitive` in `frame`, which holds the n scored rows.

    They are made as slices are, and `judged` where they have `limits.min_rows` rows.
    """
    return tuple(
        tuple(
            SliceRows(slice=group, rows=rows, judged=int(rows.sum()) >= limits.min_rows)
            for group, rows in _crossed(frame, columns, _SENSITIVE)
        )
        for columns in limits.sensitive
    )


def _where(frame: pd.DataFrame, text: str) -> tuple[Slice, NDArray[np.bool_]]:
    try:
        expression = parse_where(text)
    except ValueError as error:
        raise DatasetError(f"slices.where {text!r}: {error}") from error
    return Slice(where=text), rows_where(frame, expression)


def _crossed(
    frame: pd.DataFrame, columns: Sequence[str], asked_by: str
) -> Iterator[tuple[Slice, NDArray[np.bool_]]]:
    """A slice for each combination of the columns' values that some row has."""
    codes = np.zeros(len(frame), dtype=np.int64)
    labels: list[tuple[str, ...]] = [()]
    for name in columns:
        of_column, values = _coded(frame, name, asked_by)
        pairs, codes = np.unique(codes * len(values) + of_column, return_inverse=True)
        labels = [(*labels[pair // len(values)], values[pair % len(values)]) for pair in pairs]
        if not len(labels) <= MAX_SLICES:
            raise _too_many(
                f"{asked_by}: {' x '.join(map(repr, columns))} makes {len(labels):,} slices"
            )
    for code, texts in enumerate(labels):
        yield Slice(by=tuple(zip(columns, texts, strict=True))), codes == code


def _coded(frame: pd.DataFrame, name: str, asked_by: str) -> tuple[NDArray[np.int64], list[str]]:
    """(n,) the code of each row's value, and the text of each code, in the order of the texts."""
    column = find_column(frame, name, asked_by=asked_by)
    try:
        codes, distinct = pd.factorize(column, use_na_sentinel=True)
    except TypeError as error:
        hint = "name a column of text, numbers or categories"
        raise DatasetError(f"{asked_by}: {name!r} holds lists or the like", hint=hint) from error
    if not len(distinct) <= MAX_SLICES:
        raise _too_many(f"{asked_by}: column {name!r} has {len(distinct):,} values")
    # The last one is found by the code -1, which stands for a missing value.
    texts = [*(_text(value) for value in distinct), MISSING]
    ordered = sorted(set(texts))
    position = {text: place for place, text in enumerate(ordered)}
    return np.array([position[text] for text in texts], dtype=np.int64)[codes], ordered


def _text(value: Any) -> str:  # noqa: ANN401 - whatever a column holds
    """The value as a label; whole numbers without the point that one missing value gives them."""
    if isinstance(value, float | np.floating) and value.is_integer():
        return str(int(value))
    return str(value)


def _too_many(what: str) -> DatasetError:
    hint = f"at most {MAX_SLICES:,} are looked at; group the values, or name some with slices.where"
    return DatasetError(what, hint=hint)
