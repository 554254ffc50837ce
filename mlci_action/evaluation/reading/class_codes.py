"""Which labels do a model's codes stand for? `classes` of the settings, applied to what it said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.metric import Task
from mlci_action.errors import ModelError
from mlci_action.evaluation.reading.labels import label_text, quoted, zero_or_one
from mlci_action.evaluation.reading.predictions import ModelOutput, Target

_TWO = 2
_SUM_OFF = 1e-3
_MAX_SHOWN = 5
_ENOUGH = 10  # rows of each label
_CLEARLY = 0.3  # of the share of positives among what is predicted so


def spelled_out(output: ModelOutput, classes: Sequence[str], *, who: str) -> ModelOutput:
    """What the model said, with labels in place of the codes 0, 1, 2, ...

    A model that says these labels itself is left as it is. Columns of scores that it does not name
    are in the order of `classes`; predictions that are probabilities become labels and scores.
    ModelError when a code is outside, or the columns are not as many as the classes.
    """
    scores = _probabilities_in(output, len(classes))
    if scores is not None:
        return _labelled(scores, classes)
    named = output.classes
    if named is None:
        _must_be_as_many(output, classes, who)
        columns = tuple(classes)
    else:
        columns = tuple(_labels(np.array(named, dtype=object), classes, who).tolist())
    labels = _labels(output.predictions, classes, who)
    return replace(output, predictions=labels, classes=columns)


def with_labels_of_scores(output: ModelOutput, target: Target) -> ModelOutput:
    """What the model said; columns of probabilities alone for the classes 0, 1, 2, ... are read as
    labels and scores.

    Only these have one certain order; of others `classes` must say it.
    """
    numbered = [str(number) for number in range(len(target.classes))]
    is_table = output.predictions.ndim == _TWO and output.predictions.shape[1] == len(numbered)
    if not is_table or output.classes is not None or set(target.classes) != set(numbered):
        return output
    scores = _probabilities_in(output, len(numbered))
    return output if scores is None else _labelled(scores, numbered)


def are_probabilities_of_one(output: ModelOutput, target: Target, raw: NDArray[Any]) -> bool:
    """Whether a model of two classes says nothing but how likely its code 1 is. raw: (n,)."""
    return (
        target.task is Task.BINARY
        and output.probabilities is None
        and output.classes is None
        and raw.dtype.kind == "f"
        and bool(((raw >= 0) & (raw <= 1)).all())
        and bool(((raw != 0) & (raw != 1)).any())
    )


def one_is_negative(target: Target) -> bool:
    """Whether the labels themselves say that 1 is the negative one: 0 or False is the positive."""
    bits = [zero_or_one(label) for label in target.classes]
    return target.task is Task.BINARY and bits == [1, 0]


def must_not_be_turned_around(labels: NDArray[np.int64], target: Target, who: str) -> None:
    """ModelError where 1 can hardly mean the positive label, as was taken for granted.

    labels: (n,) in the target's codes. An encoder numbers labels as they are sorted: where the
    positive one comes first, its code was 0. A model that is then right less often than by chance
    most likely is not that bad, and a baseline read so would let every candidate pass.
    """
    negative, positive = target.classes
    truth: NDArray[np.int64] = target.values  # noqa: PD011  a field of ours
    n_positive = int((truth == 1).sum())
    if (
        positive > negative
        or one_is_negative(target)
        or min(n_positive, len(truth) - n_positive) < _ENOUGH
    ):
        return
    better_than_chance = float(labels[truth == 1].mean() - labels[truth == 0].mean())
    if better_than_chance <= -_CLEARLY:
        raise ModelError(
            f"{who} predicts codes, and with {quoted(positive)} as 1 it is right less often than "
            "by chance",
            hint=f"say which labels 0 and 1 are, such as candidate.classes: [{positive}, "
            f"{negative}]",
        )


def _labelled(scores: NDArray[np.float64], classes: Sequence[str]) -> ModelOutput:
    labels = np.array(classes)[scores.argmax(axis=1)]
    return ModelOutput(predictions=labels, probabilities=scores, classes=tuple(classes))


def _probabilities_in(output: ModelOutput, n_classes: int) -> NDArray[np.float64] | None:
    """(N, k) where the predictions themselves are probabilities, as networks give them."""
    values = output.predictions
    if (
        output.probabilities is not None
        or values.dtype.kind != "f"
        or not np.isfinite(values).all()
    ):
        return None
    inside = bool(((values >= 0) & (values <= 1)).all())
    whole = bool((values == np.floor(values)).all())
    if whole or not inside:
        return None
    if values.ndim == _TWO and values.shape[1] == n_classes > 1:
        sums_to_one = bool((np.abs(values.sum(axis=1) - 1) <= _SUM_OFF).all())
        return values.astype(np.float64) if sums_to_one else None
    if n_classes == _TWO and values.shape[1:] in ((), (1,)):
        of_second = values.reshape(-1).astype(np.float64)
        return np.column_stack([1 - of_second, of_second])
    return None


def _must_be_as_many(output: ModelOutput, classes: Sequence[str], who: str) -> None:
    for values in (output.probabilities, output.decisions):
        n_columns = values.shape[1] if values is not None and values.ndim > 1 else 1
        if n_columns not in (1, len(classes)):
            raise ModelError(
                f"{who} gives {n_columns} columns of scores, and candidate.classes names "
                f"{len(classes)}",
                hint="name one label for each of its columns, in their order",
            )


def _labels(said: NDArray[Any], classes: Sequence[str], who: str) -> NDArray[Any]:
    """The labels in place of codes; `said` itself where it holds the labels."""
    found, values = pd.factorize(said.reshape(-1).astype(object))
    texts = [label_text(value) for value in values.tolist()]
    if set(texts) <= set(classes) and not _are_codes(texts, len(classes)):
        return np.array(texts)[found].reshape(said.shape) if texts else said
    codes = [_code(text) for text in texts]
    outside = [
        text
        for text, code in zip(texts, codes, strict=True)
        if code is None or not 0 <= code < len(classes)
    ]
    if outside:
        shown = ", ".join(quoted(text) for text in outside[:_MAX_SHOWN])
        raise ModelError(
            f"{who} predicts {shown}, and candidate.classes names labels for the codes 0 to "
            f"{len(classes) - 1}",
            hint="name the label of every code there, in the order of the codes",
        )
    labels = np.array(classes)[[code for code in codes if code is not None]]
    return labels[found].reshape(said.shape)


def _are_codes(texts: Sequence[str], n_classes: int) -> bool:
    """Whether all of them could be codes: what is both a code and a label is taken for a code."""
    return all((code := _code(text)) is not None and 0 <= code < n_classes for text in texts)


def _code(text: str) -> int | None:
    bit = zero_or_one(text)
    if bit is not None:
        return bit
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number == np.floor(number) and abs(number) < 2**53 else None
