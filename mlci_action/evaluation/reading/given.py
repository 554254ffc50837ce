"""What does one model say, in arrays at hand? Read as if a worker had handed them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlci_action.errors import SettingsError
from mlci_action.evaluation.reading.predictions import ModelOutput, Target

_TWO_DIMENSIONS = 2


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Predictions:
    """What one model says of n rows, when one array is not enough.

    labels: (n,) predicted labels; without them the most probable class. scores: (n,) probabilities
    of the positive class, or (n, k) in the order of `classes`, the sorted labels unless given.
    """

    labels: ArrayLike | None = None
    scores: ArrayLike | None = None
    classes: Sequence[Any] | None = None


def output_of(said: ArrayLike | Predictions, target: Target) -> ModelOutput:
    """The arrays as a worker would have handed them back; SettingsError when there are none."""
    if not isinstance(said, Predictions):
        array = np.asarray(said)
        is_table = array.ndim == _TWO_DIMENSIONS and array.shape[1] > 1
        said = Predictions(scores=array) if is_table else Predictions(labels=array)
    if said.scores is None:
        if said.labels is None:
            raise SettingsError("predictions hold neither labels nor scores", hint="give one")
        return ModelOutput(predictions=np.asarray(said.labels))
    classes = target.classes if said.classes is None else tuple(said.classes)
    scores = np.asarray(said.scores, dtype=np.float64)
    if scores.ndim == 1:
        scores = np.column_stack([1 - scores, scores])
    labels: NDArray[Any] = np.asarray(classes)[scores.argmax(axis=1)]
    if said.labels is not None:
        labels = np.asarray(said.labels)
    return ModelOutput(predictions=labels, probabilities=scores, classes=classes)


def are_labels(array: NDArray[Any]) -> bool:
    """Whether they can be no probabilities: text, booleans or whole numbers."""
    return array.dtype.kind != "f" or not bool((array != np.floor(array)).any())
