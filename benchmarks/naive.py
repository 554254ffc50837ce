"""What would the plain percentile bootstrap say? Pairs of rows drawn again, B times."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.populations import Sample

_Float = NDArray[np.float64]

# The functions of (..., truth, label) counts of two classes.
_OF_COUNTS: dict[str, Callable[[_Float], _Float]] = {
    "accuracy": lambda c: (c[..., 0, 0] + c[..., 1, 1]) / c.sum(axis=(-2, -1)),
    "recall": lambda c: c[..., 1, 1] / c[..., 1, :].sum(axis=-1),
    "precision": lambda c: c[..., 1, 1] / c[..., :, 1].sum(axis=-1),
    "f1": lambda c: 2 * c[..., 1, 1] / (c[..., 1, :].sum(axis=-1) + c[..., :, 1].sum(axis=-1)),
    "balanced_accuracy": lambda c: (
        (c[..., 1, 1] / c[..., 1, :].sum(axis=-1) + c[..., 0, 0] / c[..., 0, :].sum(axis=-1)) / 2
    ),
    "matthews_corrcoef": lambda c: (
        (c[..., 0, 0] * c[..., 1, 1] - c[..., 0, 1] * c[..., 1, 0])
        / np.sqrt(
            c[..., 0, :].sum(axis=-1)
            * c[..., 1, :].sum(axis=-1)
            * c[..., :, 0].sum(axis=-1)
            * c[..., :, 1].sum(axis=-1)
        )
    ),
}


def of_labels(
    sample: Sample, name: str, random: np.random.Generator, b: int
) -> tuple[float, float]:
    """The 95 % interval of a metric of counts, by multinomial draws of the eight joint cells."""
    ours, theirs, truth = sample.candidate.labels, sample.baseline.labels, sample.target.values
    assert ours is not None
    assert theirs is not None
    cells = np.bincount((truth * 2 + ours) * 2 + theirs, minlength=8)
    drawn = random.multinomial(len(truth), cells / len(truth), size=b)
    drawn = drawn.reshape(b, 2, 2, 2).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _OF_COUNTS[name]
        return _ends(value(drawn.sum(axis=3)) - value(drawn.sum(axis=2)))


def of_scores(
    sample: Sample, name: str, random: np.random.Generator, b: int
) -> tuple[float, float]:
    """The 95 % interval of a metric of scores without ties, by draws of the n rows."""
    ours, theirs, truth = sample.candidate.scores, sample.baseline.scores, sample.target.values
    assert ours is not None
    assert theirs is not None
    times = random.multinomial(len(truth), np.full(len(truth), 1 / len(truth)), size=b)
    value = _OF_SCORES[name]
    return _ends(value(times, truth, ours) - value(times, truth, theirs))


def _roc_auc(times: NDArray[np.int64], truth: NDArray[np.int64], scores: _Float) -> _Float:
    order = np.argsort(-scores)
    positive = times[:, order] * truth[order]
    negative = times[:, order] * (1 - truth[order])
    above = (positive.cumsum(axis=1) * negative).sum(axis=1)
    return np.asarray(above / (positive.sum(axis=1) * negative.sum(axis=1)))


def _average_precision(
    times: NDArray[np.int64], truth: NDArray[np.int64], scores: _Float
) -> _Float:
    order = np.argsort(-scores)
    positive = times[:, order] * truth[order]
    precision = positive.cumsum(axis=1) / np.maximum(times[:, order].cumsum(axis=1), 1)
    return np.asarray((positive * precision).sum(axis=1) / positive.sum(axis=1))


def _log_loss(times: NDArray[np.int64], truth: NDArray[np.int64], scores: _Float) -> _Float:
    return np.asarray(-times @ np.log(np.where(truth == 1, scores, 1 - scores)) / len(truth))


def _brier_score(times: NDArray[np.int64], truth: NDArray[np.int64], scores: _Float) -> _Float:
    return np.asarray(times @ (truth - scores) ** 2 / len(truth))


_OF_SCORES: dict[str, Callable[[NDArray[np.int64], NDArray[np.int64], _Float], _Float]] = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "log_loss": _log_loss,
    "brier_score": _brier_score,
}
LABEL_METRICS, SCORE_METRICS = tuple(_OF_COUNTS), tuple(_OF_SCORES)


def _ends(differences: _Float) -> tuple[float, float]:
    low, high = np.nanpercentile(differences, [2.5, 97.5])
    return float(low), float(high)
