"""What do the cells of a file of predictions stand for? Plain arrays of labels and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from mlci_action.errors import ModelError
from mlci_action.evaluation.reading.labels import label_text

_MOST_CLASSES = 1000
_MAX_LABEL_BYTES = 1 << 30
_BYTES_A_LETTER = 4
_UNANSWERED = "a model must answer every row"
_KEEP_CLASSES = "candidate.classes lists the labels that the codes 0, 1, 2, ... stand for"


def known_labels(truth: pd.Series | None, classes: Sequence[str] | None) -> tuple[str, ...]:
    """The texts of the labels as far as they are known; none for numbers that are no labels."""
    if classes is not None:
        return tuple(classes)
    if truth is None:
        return ()
    values = truth.dropna().unique().tolist()
    fractions = any(isinstance(value, float) and not value.is_integer() for value in values)
    if fractions or len(values) > _MOST_CLASSES:
        return ()
    return tuple(sorted(label_text(value) for value in values))


def values_in(column: pd.Series, needed: NDArray[np.bool_], *, who: str) -> NDArray[Any]:
    """(N,) numbers, booleans or text; NaN where a number is missing.

    needed: (N,) which rows have a label. ModelError when there is no text where one is needed.
    """
    missing = column.isna().to_numpy()
    if is_bool_dtype(column.dtype) and not missing.any():
        return column.to_numpy(dtype=np.bool_)
    if is_numeric_dtype(column.dtype) and not is_bool_dtype(column.dtype):
        plain = column.to_numpy(dtype=np.float64, na_value=np.nan) if missing.any() else None
        plain = column.to_numpy() if plain is None else plain
        if plain.dtype.kind in "iuf":
            return plain
    refuse_unanswered(missing, needed, who=who)
    texts = ["" if out else label_text(v) for v, out in zip(column.tolist(), missing, strict=True)]
    longest = max((len(text) for text in texts), default=0)
    if longest * len(texts) * _BYTES_A_LETTER > _MAX_LABEL_BYTES:
        raise ModelError(
            f"{who}'s predictions are texts of up to {longest:,} letters",
            hint="a prediction is a label or a number",
        )
    return np.array(texts, dtype=np.str_)


def numbers_in(column: pd.Series, name: str, *, who: str) -> NDArray[np.float64]:
    """(N,) scores, NaN where they are missing. ModelError when they are no numbers."""
    try:
        numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"{who}'s predictions have a column {name!r} that does not hold numbers",
            hint="scores and probabilities are numbers with a decimal point",
        ) from error
    return numbers


def decoded(
    values: NDArray[Any],
    classes: Sequence[str] | None,
    needed: NDArray[np.bool_],
    *,
    who: str,
) -> NDArray[Any]:
    """The labels, where `classes` says what the codes 0, 1, 2, ... stand for.

    Numbers with fractions are scores and stay, as do texts that are labels already.
    """
    if classes is None:
        return values
    names = np.array(list(classes), dtype=np.str_)
    if values.dtype.kind == "U":
        codes = {str(code): name for code, name in enumerate(classes)}
        if not set(values[needed].tolist()) <= codes.keys():
            return values
        return np.array([codes.get(text, text) for text in values.tolist()], dtype=np.str_)
    numbers = values.astype(np.float64)
    missing = np.isnan(numbers)
    if (numbers[~missing] != np.floor(numbers[~missing])).any():
        return values
    refuse_unanswered(missing, needed, who=who)
    known = (numbers >= 0) & (numbers < len(names))
    n_bad = int((~known & needed).sum())
    if n_bad:
        raise ModelError(
            f"{who}'s predictions hold codes that stand for no class in {n_bad:,} rows",
            hint=_KEEP_CLASSES,
        )
    return names[np.where(known, numbers, 0).astype(np.int64)]


def most_likely(
    probabilities: NDArray[np.float64],
    classes: Sequence[str | int],
    needed: NDArray[np.bool_],
    *,
    who: str,
) -> NDArray[Any]:
    """(N,) the class of the largest of (N, k) probabilities; ModelError where one is missing."""
    missing: NDArray[np.bool_] = np.asarray(np.isnan(probabilities).any(axis=1))
    refuse_unanswered(missing, needed, who=who)
    names: NDArray[Any] = np.array(list(classes))
    likeliest: NDArray[Any] = names[np.argmax(probabilities, axis=1)]
    return likeliest


def refuse_unanswered(missing: NDArray[np.bool_], needed: NDArray[np.bool_], *, who: str) -> None:
    """ModelError when rows that have a label have no prediction."""
    n_missing = int((missing & needed).sum())
    if n_missing:
        n_needed = int(needed.sum())
        raise ModelError(
            f"{who} gives no prediction in {n_missing:,} of {n_needed:,} rows", hint=_UNANSWERED
        )


def same_as_truth(values: NDArray[Any], truth: pd.Series | None, needed: NDArray[np.bool_]) -> bool:
    """Whether every row that has a label is predicted as it is labelled."""
    if truth is None or not needed.any():
        return False
    pairs = zip(values[needed].tolist(), truth.to_numpy(dtype=object)[needed], strict=True)
    return all(label_text(said) == label_text(true) for said, true in pairs)
