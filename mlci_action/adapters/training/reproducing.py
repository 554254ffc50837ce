"""Do two trainings of the same inputs say the same? Their bytes, predictions and metrics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.retraining import MetricPair, Reproduced
from mlci_action.evaluation.reading.predictions import Predictions


def same_bytes() -> Reproduced:
    """Of two models that are one file: there is nothing to ask."""
    return Reproduced(same_bytes=True, same_predictions=True)


def compared_predictions(
    first: Predictions, second: Predictions, metrics: Sequence[MetricPair]
) -> Reproduced:
    """What two models with other bytes said of the same rows."""
    ours, theirs = _numbers(first), _numbers(second)
    labels = first.labels, second.labels
    same_numbers = _same(ours, theirs)
    same_labels = _same(*labels)
    return Reproduced(
        same_bytes=False,
        same_predictions=same_numbers and same_labels,
        rows=_rows(first),
        max_difference=_largest(ours, theirs),
        flipped=None if labels[0] is None or labels[1] is None else _flipped(labels[0], labels[1]),
        metrics=tuple(metrics),
    )


def _numbers(said: Predictions) -> NDArray[np.float64] | None:
    """(n, ...) as the model gave them."""
    given = (said.raw_scores, said.scores, said.values)
    return next((numbers for numbers in given if numbers is not None), None)


def _rows(said: Predictions) -> int:
    known = said.labels if said.labels is not None else _numbers(said)
    return 0 if known is None else len(known)


def _same(
    ours: NDArray[np.float64] | NDArray[np.int64] | None,
    theirs: NDArray[np.float64] | NDArray[np.int64] | None,
) -> bool:
    if ours is None or theirs is None:
        return ours is None and theirs is None
    return np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f")


def _flipped(ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> float:
    return float((ours != theirs).mean()) if len(ours) else 0.0


def _largest(ours: NDArray[np.float64] | None, theirs: NDArray[np.float64] | None) -> float | None:
    """None where they do not fit each other, or a difference is no number."""
    if ours is None or theirs is None or ours.shape != theirs.shape or not ours.size:
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        largest = float(np.abs(ours - theirs).max())
    return largest if np.isfinite(largest) else None
