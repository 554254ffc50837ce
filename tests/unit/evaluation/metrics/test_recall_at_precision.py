"""The largest recall whose precision is good enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from mlci_action.domain.comparison import ComparisonRow, Standing
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Metric, Parameters, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.reading.predictions import Predictions, Target
from tests.unit.evaluation.cases import Float, binary, binary_case, target_of


def keeping(precision: float) -> Metric:
    return METRICS["recall_at_precision"].asked_at(Parameters(precision=precision))


def row_of(
    target: Target, candidate: Predictions, baseline: Predictions | None, metric: Metric
) -> ComparisonRow:
    return compare_models(target, candidate, baseline, metrics=[metric], evidence=Evidence()).rows[
        0
    ]


@given(
    rows=st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=30),
    precision=st.sampled_from([0.1, 1 / 3, 0.5, 2 / 3, 0.9, 1.0]),
)
def test_it_is_the_best_point_of_scikit_learns_curve(
    rows: list[tuple[bool, int]], precision: float
) -> None:
    truth = np.array([row[0] for row in rows] + [True]).astype(np.int64)
    scores = np.array([row[1] for row in rows] + [3]) / 7
    precisions, recalls, _ = sk.precision_recall_curve(truth, scores)
    expected = recalls[precisions >= precision].max()
    row = row_of(target_of(Task.BINARY, truth), binary(scores), None, keeping(precision))
    assert row.candidate == pytest.approx(expected, abs=1e-12)


def test_a_precision_out_of_reach_finds_nothing() -> None:
    truth = np.array([0, 1] * 50)
    scores = np.where(truth == 1, 0.4, 0.6)
    target, model, other = target_of(Task.BINARY, truth), binary(scores), binary_of(truth)
    row = row_of(target, model, other, keeping(0.9))
    assert (row.candidate, row.baseline, row.diff) == (0.0, 1.0, -1.0)
    assert row.interval is not None
    assert row.interval.standing is Standing.NOT_ESTIMABLE
    assert row.note == "a model has the precision at no threshold"


def binary_of(truth: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Predictions:
    """A model that is right on every row, by scores that all differ."""
    scores: Float = truth / 2 + np.linspace(0.1, 0.4, len(truth))
    return binary(scores)


def test_a_precision_that_all_rows_have_is_no_border() -> None:
    """More than every second row is positive: every threshold will do."""
    draw = np.random.default_rng(1)
    truth = (np.arange(200) % 4 > 0).astype(np.int64)
    row = row_of(
        target_of(Task.BINARY, truth),
        binary(draw.random(200)),
        binary(draw.random(200)),
        keeping(0.3),
    )
    assert (row.candidate, row.baseline) == (1.0, 1.0)
    assert row.note == "the precision does not fall through the one asked for"


def test_a_row_without_a_positive_finds_nothing() -> None:
    target = target_of(Task.BINARY, np.zeros(30, np.int64))
    row = row_of(target, binary(np.linspace(0, 1, 30)), None, keeping(0.5))
    assert (row.candidate, row.note) == (None, "no row is of the positive class")


def test_it_settles_where_the_precision_falls_through() -> None:
    row = row_of(*binary_case(1000, seed=2), keeping(0.7))
    assert row.interval is not None
    assert row.interval.standing is Standing.SETTLES
    assert row.interval.method == "influence"
