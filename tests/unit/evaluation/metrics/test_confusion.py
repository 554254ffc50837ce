"""Label metrics by themselves; that they equal scikit-learn is tested in test_compare.py."""

from __future__ import annotations

import numpy as np
import pytest

from mlci_action.domain.metric import Metric, Parameters
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.metrics.confusion import (
    ClassCounts,
    cell_gradient,
    cell_gradients,
    class_counts,
    label_value,
    label_values,
)

CONFUSION = np.array([[40.0, 7.0, 3.0], [5.0, 30.0, 5.0], [2.0, 1.0, 7.0]])


def fbeta(beta: float) -> Metric:
    return METRICS["fbeta"].asked_at(Parameters(beta=beta))


def test_fbeta_of_one_is_f1_and_a_large_one_is_recall() -> None:
    counts = class_counts(CONFUSION[:2, :2])
    f1, recall = (label_value(METRICS[name], counts) for name in ("f1", "recall"))
    assert label_value(fbeta(1.0), counts) == pytest.approx(f1)
    assert label_value(fbeta(1e6), counts) == pytest.approx(recall)


def test_jaccard_says_the_same_as_f1_in_another_unit() -> None:
    counts = class_counts(CONFUSION[:2, :2])
    f1 = label_value(METRICS["f1"], counts)
    assert label_value(METRICS["jaccard"], counts) == pytest.approx(f1 / (2 - f1))


def test_jaccard_micro_is_not_accuracy() -> None:
    """77 of 100 rows are right; each of the 23 wrong ones is in the union of two classes."""
    counts = class_counts(CONFUSION)
    assert label_value(METRICS["accuracy"], counts) == pytest.approx(0.77)
    assert label_value(METRICS["jaccard_micro"], counts) == pytest.approx(77 / 123)


def test_many_sets_of_rows_have_the_values_that_each_has_alone() -> None:
    tables = np.random.default_rng(0).integers(0, 9, (50, 2, 2)).astype(np.float64)
    together = ClassCounts(
        right=np.diagonal(tables, axis1=1, axis2=2),
        truth=tables.sum(axis=2),
        said=tables.sum(axis=1),
    )
    for metric in (METRICS["f1"], METRICS["matthews_corrcoef"], METRICS["f1_macro"], fbeta(2.0)):
        alone = [label_value(metric, class_counts(table)) for table in tables]
        assert label_values(metric, together) == pytest.approx(np.array(alone), nan_ok=True)


def test_all_that_is_asked_at_once_is_what_each_is_alone() -> None:
    tables = np.random.default_rng(0).integers(1, 9, (4, 3, 3)).astype(np.float64)
    names = ("accuracy", "f1_macro", "precision_weighted", "matthews_corrcoef")
    metrics = [METRICS[name] for name in names]
    values, gradients = cell_gradients(metrics, class_counts(tables))
    assert (values.shape, gradients.shape) == ((4, 4), (4, 4, 3, 3))
    for metric, of_metric, slopes in zip(metrics, values, gradients, strict=True):
        for table, value, slope in zip(tables, of_metric, slopes, strict=True):
            counts = class_counts(table)
            assert value == pytest.approx(label_value(metric, counts))
            assert slope == pytest.approx(cell_gradient(metric, counts))
