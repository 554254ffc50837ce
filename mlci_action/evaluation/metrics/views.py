"""As what does a metric see the rows? As they are, one class against the rest, at a threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mlci_action.domain.metric import TUNED, Metric, Task
from mlci_action.evaluation.metrics.operating_point import at_threshold, at_tuned_thresholds
from mlci_action.evaluation.reading.labels import find_class
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions

_Seen = tuple[PairedRows, tuple[Metric, ...]]


def views(rows: PairedRows, metrics: Sequence[Metric], *, seed: int = 0) -> Iterator[_Seen]:
    """The rows as some metrics see them, with those metrics; each metric comes once.

    `seed` splits the rows for tuned thresholds. A slice is to be taken from the views of all rows:
    the operating point of a model is one for all of them.
    """
    seen: dict[str | None, list[Metric]] = {}
    for metric in metrics:
        seen.setdefault(metric.parameters.class_label, []).append(metric)
    for label, alike in seen.items():
        classed = rows if label is None else one_class(rows, label)
        yield from _at_operating_points(classed, alike, seed)


def one_class(rows: PairedRows, label: str) -> PairedRows:
    """The same rows with two classes: 1 is `label`, 0 all others.

    ValueError when no class is `label`; `labels.find_class` says which spellings are.
    """
    code = find_class(rows.classes, label)
    if code is None:
        raise ValueError(f"no class is {label!r}")
    return replace(
        rows,
        task=Task.BINARY,
        classes=("", label),
        truth=(rows.truth == code).astype(np.int64),
        candidate=_of_class(rows.candidate, code),
        baseline=None if rows.baseline is None else _of_class(rows.baseline, code),
    )


def _of_class(model: Predictions, code: int) -> Predictions:
    scores = model.scores
    if scores is not None and scores.ndim > 1:
        scores = np.ascontiguousarray(scores[:, code])
    elif scores is not None and code == 0:
        scores = 1 - scores if model.probabilities else -scores
    labels = None if model.labels is None else (model.labels == code).astype(np.int64)
    return replace(model, labels=labels, scores=scores)


def _at_operating_points(rows: PairedRows, metrics: Sequence[Metric], seed: int) -> Iterator[_Seen]:
    named: dict[float | None, list[Metric]] = {}
    for metric in metrics:
        named.setdefault(metric.parameters.threshold, []).append(metric)
    tuned = named.pop(TUNED, [])
    for threshold, alike in named.items():
        yield rows if threshold is None else at_threshold(rows, threshold), tuple(alike)
    if tuned:
        for labelled, metric in zip(
            at_tuned_thresholds(rows, tuned, seed=seed), tuned, strict=True
        ):
            yield labelled, (metric,)
