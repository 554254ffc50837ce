"""How often is the truth among the k labels that a model finds most likely?

A row is right or not, so the difference is one of paired proportions. Of labels with the same score
the one that comes later in the order of the classes is first, as in scikit-learn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlci_action.domain.comparison import Interval
from mlci_action.domain.metric import Metric, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.metrics.label_metrics import label_estimates, label_intervals
from mlci_action.evaluation.reading.paired import Estimate, PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, usable_scores

_USUAL_K = 2.0


def top_label_estimates(
    rows: PairedRows, model: Predictions, metrics: Sequence[Metric]
) -> dict[str, Estimate]:
    """One model's values, by metric name."""
    scores = usable_scores(model)
    if isinstance(scores, str):
        return {metric.name: Estimate(note=scores) for metric in metrics}
    ranks = _ranks(rows.truth, model)
    estimates: dict[str, Estimate] = {}
    for metric in metrics:
        hits = Predictions(labels=_hits(ranks, metric))
        estimates |= label_estimates(_of_hits(rows, hits, None), hits, [_accuracy(metric)])
    return estimates


def top_label_intervals(
    rows: PairedRows,
    metrics: Sequence[Metric],
    _ours: Mapping[str, Estimate],
    _theirs: Mapping[str, Estimate],
) -> dict[str, Interval]:
    """The intervals of metrics that both models have a value of, by metric name."""
    if not metrics or rows.baseline is None:
        return {}
    ranks = _ranks(rows.truth, rows.candidate), _ranks(rows.truth, rows.baseline)
    intervals: dict[str, Interval] = {}
    for metric in metrics:
        one, other = (Predictions(labels=_hits(of_model, metric)) for of_model in ranks)
        intervals |= label_intervals(_of_hits(rows, one, other), [_accuracy(metric)])
    return intervals


def _ranks(truth: NDArray[np.int64], model: Predictions) -> NDArray[np.int64]:
    """(n,) how many labels come before the true one."""
    scores = np.empty((0, 0)) if model.scores is None else model.scores
    of_truth = scores[np.arange(len(truth)), truth][:, None]
    later = np.arange(scores.shape[1]) > truth[:, None]
    before = (scores > of_truth) | ((scores == of_truth) & later)
    return np.asarray(before.sum(axis=1))


def _hits(ranks: NDArray[np.int64], metric: Metric) -> NDArray[np.int64]:
    return (ranks < (metric.parameters.k or _USUAL_K)).astype(np.int64)


def _of_hits(rows: PairedRows, ours: Predictions, theirs: Predictions | None) -> PairedRows:
    """Rows of one class that each model gets right or wrong."""
    return replace(
        rows,
        task=Task.BINARY,
        classes=("wrong", "right"),
        truth=np.ones(rows.n, np.int64),
        candidate=ours,
        baseline=theirs,
    )


def _accuracy(metric: Metric) -> Metric:
    return replace(METRICS["accuracy"], name=metric.name)
