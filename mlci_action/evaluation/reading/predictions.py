"""What did the models say, about which truth? The arrays that the comparison reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.metric import Needs, Task
from mlci_action.domain.slices import Slice


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ModelOutput:
    """What a model said, as the worker handed it back; nothing of it is trusted yet.

    predictions: (N,) or (N, 1) numbers, booleans or text, one per row of the evaluation data.
    probabilities: (N, k) in the order of `classes`, or None when the model has none.
    decisions: (N,) or (N, k) values of `decision_function`, or None.
    classes: the model's own class labels, or None when it names none.
    """

    predictions: NDArray[Any]
    probabilities: NDArray[np.float64] | None = None
    decisions: NDArray[np.float64] | None = None
    classes: tuple[str | int | float | bool, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Target:
    """The truth of the rows that can be scored.

    rows: (N,) booleans over the evaluation data: which rows have a label. n = rows.sum().
    values: (n,) float64 for regression; (n,) int64 class codes otherwise (binary: 1 is positive).
    classes: the label text of each code, empty for regression.
    """

    task: Task
    rows: NDArray[np.bool_]
    values: NDArray[Any]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Predictions:
    """One model's checked predictions for the n scored rows, in the target's codes.

    labels: (n,) int64 class codes, None for regression (or when the model has only scores).
    scores: binary (n,) higher is more positive; multiclass (n, k) in code order; None without any.
    probabilities: whether `scores` are probabilities in 0..1.
    values: (n,) float64 for regression, else None.
    thresholds: the two that tuned labels rest on, each on one half of the rows; else empty.
    raw_scores: (n, ...) probabilities, decision values or numbers as the model gave them, None for
    bare labels: only good for being compared bit for bit.
    """

    labels: NDArray[np.int64] | None = None
    scores: NDArray[np.float64] | None = None
    probabilities: bool = False
    values: NDArray[np.float64] | None = None
    thresholds: tuple[float, ...] = ()
    raw_scores: NDArray[np.float64] | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SliceRows:
    """Which of the n scored rows a slice holds, and whether it is judged or only shown.

    `required` tells a slice that the settings name outright (`where`): when it has no row at all,
    that is said and does not pass.
    """

    slice: Slice
    rows: NDArray[np.bool_]
    judged: bool
    required: bool = False


def usable_scores(model: Predictions) -> NDArray[np.float64] | str:
    """The scores, or why there are none that a metric could be computed from."""
    if model.scores is None:
        return "the model gives no scores"
    if not np.isfinite(model.scores).all():
        return "the model gives scores that are not finite"
    return model.scores


def same_answers(
    candidate: Predictions, baseline: Predictions | None, *, same_model: bool = False
) -> Mapping[Needs, str]:
    """Why the two models count as one, by what a metric reads of them; an empty text where not.

    Scores that are equal to the last bit on every row are of one model, and so are the labels, if
    they are equal too: one model at two thresholds is two. Scores of two values are labels by
    another name: that they agree says little of other rows.
    """
    if same_model:
        return dict.fromkeys(Needs, "the two models are the same file")
    why = _same_scores(candidate, baseline)
    labels_too = baseline is not None and _equal(candidate.labels, baseline.labels)
    return {Needs.SCORES: why, Needs.VALUES: why, Needs.LABELS: why if labels_too else ""}


def _same_scores(candidate: Predictions, baseline: Predictions | None) -> str:
    ours, theirs = candidate.raw_scores, None if baseline is None else baseline.raw_scores
    if ours is None or theirs is None or not len(ours):
        return ""
    if ours.dtype != theirs.dtype or not np.array_equal(ours, theirs):
        return ""
    hard = ((ours == ours.min()) | (ours == ours.max())).all()
    return "" if hard else "the two models give the same scores on every row"


def _equal(ours: NDArray[Any] | None, theirs: NDArray[Any] | None) -> bool:
    return ours is not None and theirs is not None and np.array_equal(ours, theirs)
