"""The truth among the k most likely labels: a paired proportion."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Metric, Parameters, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.reading.predictions import Predictions, Target
from tests.unit.evaluation.cases import Float, ends_of, multiclass, multiclass_case, target_of


def of_first(k: float | None) -> Metric:
    return METRICS["top_k_accuracy"].asked_at(Parameters(k=k))


def row_of(
    case: tuple[Target, Predictions, Predictions | None],
    metric: Metric,
    weight: Float | None = None,
) -> ComparisonRow:
    target, one, other = case
    return compare_models(
        target, one, other, metrics=[metric], evidence=Evidence(), sample_weight=weight
    ).rows[0]


@pytest.mark.parametrize("k", [1.0, 2.0, 3.0])
def test_tied_labels_stand_in_the_order_of_scikit_learn(k: float) -> None:
    draw = np.random.default_rng(1)
    truth = draw.integers(0, 5, 300)
    scores = draw.integers(0, 3, (300, 5)) / 3
    expected = sk.top_k_accuracy_score(truth, scores, k=int(k), labels=range(5))
    case = (target_of(Task.MULTICLASS, truth, 5), multiclass(scores), None)
    assert row_of(case, of_first(k)).candidate == pytest.approx(expected, abs=1e-12)


def test_two_labels_are_asked_unless_said() -> None:
    case = multiclass_case(200, seed=2)
    assert row_of(case, of_first(None)).candidate == row_of(case, of_first(2.0)).candidate


def test_the_first_label_alone_is_judged_as_accuracy() -> None:
    target, one, other = multiclass_case(300, seed=3)
    accuracy = row_of((target, one, other), METRICS["accuracy"])
    first = row_of((target, one, other), of_first(1.0))
    assert first.interval is not None
    assert accuracy.interval is not None
    assert first.interval.method == "score"
    assert first.interval.counts == accuracy.interval.counts
    assert ends_of(first.interval) == ends_of(accuracy.interval)


def test_weighted_rows_are_judged_as_a_weighted_share() -> None:
    target, one, other = multiclass_case(300, seed=3)
    weight = np.random.default_rng(4).uniform(0.2, 3, 300)
    row = row_of((target, one, other), of_first(2.0), weight)
    assert row.interval is not None
    assert row.interval.method == "cells"
    assert row.interval.se is not None
    hits = [
        np.argsort(model.scores, axis=1)[:, -2:] == target.values[:, None]
        for model in (one, other)
        if model.scores is not None
    ]
    gained = hits[0].any(axis=1).astype(float) - hits[1].any(axis=1)
    expected = np.average(gained, weights=weight)
    assert row.diff == pytest.approx(expected)
    plain = np.sqrt((weight**2 * (gained - expected) ** 2).sum()) / weight.sum()
    assert row.interval.se == pytest.approx(plain, rel=0.02)


@pytest.mark.parametrize(
    ("scores", "note"),
    [
        (None, "the model gives no scores"),
        (np.full((9, 3), np.nan), "the model gives scores that are not finite"),
    ],
)
def test_the_order_of_labels_needs_scores(scores: Float | None, note: str) -> None:
    target = target_of(Task.MULTICLASS, np.arange(9) % 3, 3)
    row = row_of((target, Predictions(scores=scores), None), of_first(2.0))
    assert (row.candidate, row.note) == (None, note)


def test_a_share_of_labels_means_nothing() -> None:
    with pytest.raises(ValueError, match=r"k is a number of labels and cannot be 0\.5"):
        of_first(0.5)
