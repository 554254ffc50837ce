"""As what does a metric see the rows? As they are, or one class against the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mlci_action.domain.metric import Metric, Task
from mlci_action.evaluation.paired import PairedRows
from mlci_action.evaluation.predictions import Predictions


def views(
    rows: PairedRows, metrics: Sequence[Metric]
) -> Iterator[tuple[PairedRows, tuple[Metric, ...]]]:
    """The rows as some metrics see them, with those metrics; each metric comes once."""
    seen: dict[str | None, list[Metric]] = {}
    for metric in metrics:
        seen.setdefault(metric.parameters.class_label, []).append(metric)
    for label, alike in seen.items():
        yield rows if label is None else one_class(rows, label), tuple(alike)


def one_class(rows: PairedRows, label: str) -> PairedRows:
    """The same rows with two classes: 1 is `label`, 0 all others."""
    code = rows.classes.index(label)
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
