"""What does a sabotaged candidate say? A model's answers, broken so that a gate must notice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.metric import Task
from mlci_action.evaluation.reading.predictions import ModelOutput, Predictions, Target


def permuted(said: Predictions, seed: int) -> Predictions:
    """The same answers, each for another row: what a wrong join or a shuffled file makes."""
    n = next(len(part) for part in (said.labels, said.scores, said.values) if part is not None)
    order = np.random.default_rng(seed).permutation(n)
    return Predictions(
        labels=None if said.labels is None else said.labels[order],
        scores=None if said.scores is None else said.scores[order],
        probabilities=said.probabilities,
        values=None if said.values is None else said.values[order],
    )


def constant(
    said: Predictions, target: Target, weight: NDArray[np.float64] | None = None
) -> Predictions:
    """One answer for every row: the most frequent class, its base rates as scores, or the mean.

    weight: (n,) how much a row counts, None: all the same.
    """
    n = len(target.values)
    counts = np.ones(n) if weight is None else weight
    if target.task is Task.REGRESSION:
        return Predictions(values=np.full(n, np.average(target.values, weights=counts)))
    shares = np.bincount(target.values, counts, len(target.classes)) / counts.sum()
    scores = np.full(n, shares[1]) if target.task is Task.BINARY else np.tile(shares, (n, 1))
    return Predictions(
        labels=None if said.labels is None else np.full(n, int(shares.argmax())),
        scores=None if said.scores is None else scores,
        probabilities=said.probabilities,
    )


def inverted(said: Predictions, target: Target) -> Predictions:
    """Wrong wherever it is right, and nowhere right instead; scores and numbers are mirrored.

    Numbers are mirrored at their mean, so that the largest becomes the smallest.
    """
    return Predictions(
        labels=None if said.labels is None else _wrong(said.labels, target),
        scores=None if said.scores is None else _mirrored(said.scores, said.probabilities),
        probabilities=said.probabilities,
        values=None if said.values is None else _turned(said.values),
    )


def inverted_where(said: Predictions, target: Target, rows: NDArray[np.bool_]) -> Predictions:
    """Inverted on `rows`, (n,) booleans, and as it was elsewhere."""
    broken = inverted(said, target)
    return Predictions(
        labels=_where(rows, broken.labels, said.labels),
        scores=_where(rows, broken.scores, said.scores),
        probabilities=said.probabilities,
        values=_where(rows, broken.values, said.values),
    )


def without_numbers(output: ModelOutput) -> ModelOutput:
    """What a model says that answers its first row with NaN; all rows, where it answers in text."""
    return replace(
        output,
        predictions=_first_is_nan(output.predictions),
        probabilities=_first_is_nan(output.probabilities),
        decisions=_first_is_nan(output.decisions),
    )


def say_the_same(one: Predictions, other: Predictions) -> bool:
    """Whether nothing that a metric reads differs: such a sabotage has changed nothing."""
    pairs = ((one.labels, other.labels), (one.scores, other.scores), (one.values, other.values))
    return all(
        ours is theirs or (ours is not None and theirs is not None and np.array_equal(ours, theirs))
        for ours, theirs in pairs
    )


def _wrong(labels: NDArray[np.int64], target: Target) -> NDArray[np.int64]:
    truth = target.values
    return np.where(labels == truth, (truth + 1) % len(target.classes), labels)


def _mirrored(scores: NDArray[np.float64], probabilities: bool) -> NDArray[np.float64]:  # noqa: FBT001
    if not probabilities:
        return -scores
    turned = 1 - scores
    return turned if scores.ndim == 1 else turned / turned.sum(axis=1, keepdims=True)


def _turned(values: NDArray[np.float64]) -> NDArray[np.float64]:
    # Numbers near the largest there is may become infinite, which no metric takes for a value.
    with np.errstate(over="ignore", invalid="ignore"):
        return 2 * float(values.mean()) - values


def _where(
    rows: NDArray[np.bool_], there: NDArray[Any] | None, elsewhere: NDArray[Any] | None
) -> NDArray[Any] | None:
    if there is None or elsewhere is None:
        return None
    inside = rows if there.ndim == 1 else rows[:, None]
    return np.where(inside, there, elsewhere)


def _first_is_nan(values: NDArray[Any] | None) -> Any:  # noqa: ANN401 - None stays None
    if values is None:
        return None
    if values.dtype.kind not in "biuf":
        return np.full(values.shape, np.nan)
    broken = values.astype(np.float64)
    broken[:1] = np.nan
    return broken
