"""Ranking metrics: placements by brute force, and ties and weights as in scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from mlci_action.evaluation.metrics.ranking import rank, roc_auc
from tests.unit.evaluation.cases import Float


def _placements(yes: NDArray[np.bool_], scores: Float) -> Float:
    """Each row's share of the other class that it beats, ties half, over all pairs."""
    wins = (scores[:, None] > scores[None, :]) + 0.5 * (scores[:, None] == scores[None, :])
    placed = np.empty(len(scores))
    placed[yes] = wins[np.ix_(yes, ~yes)].mean(axis=1)
    placed[~yes] = wins[np.ix_(yes, ~yes)].mean(axis=0)
    return placed


def test_the_influence_on_auc_is_the_placement_of_delong() -> None:
    draw = np.random.default_rng(1)
    positive = draw.random(120) < 0.3
    scores = draw.normal(size=120).round(1)
    auc = rank(positive, scores, None).roc_auc
    placed = _placements(positive, scores)
    area = placed[positive].mean()
    share = np.where(positive, 1 / positive.sum(), 1 / (~positive).sum())
    assert auc.value == pytest.approx(area)
    assert auc.influence == pytest.approx((placed - area) * share)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.integers(-3, 3), st.integers(0, 4)), min_size=2, max_size=40
    )
)
def test_values_are_those_of_scikit_learn_with_ties_and_rows_of_no_weight(
    rows: list[tuple[bool, int, int]],
) -> None:
    positive = np.array([row[0] for row in rows])
    scores = np.array([row[1] / 7 for row in rows])
    weight = np.array([float(row[2]) for row in rows])
    ranking = rank(positive, scores, weight)
    if not (weight[positive].sum() and weight[~positive].sum()):
        assert ranking.roc_auc.value is None
        assert ranking.average_precision.note == "the rows hold only one class"
        return
    expected = roc_auc_score(positive, scores, sample_weight=weight)
    assert ranking.roc_auc.value == pytest.approx(expected, abs=1e-9)
    expected = average_precision_score(positive, scores, sample_weight=weight)
    assert ranking.average_precision.value == pytest.approx(expected, abs=1e-9)
    for estimate in (ranking.roc_auc, ranking.average_precision):
        assert estimate.influence is not None
        assert estimate.influence.sum() == pytest.approx(0, abs=1e-9)


def test_weights_count_as_so_many_rows() -> None:
    draw = np.random.default_rng(2)
    positive, scores = draw.random(50) < 0.4, draw.normal(size=50).round(1)
    times = draw.integers(1, 4, size=50)
    weighted = rank(positive, scores, times.astype(np.float64))
    repeated = rank(np.repeat(positive, times), np.repeat(scores, times), None)
    assert weighted.roc_auc.value == pytest.approx(repeated.roc_auc.value)
    assert weighted.average_precision.value == pytest.approx(repeated.average_precision.value)


def test_a_row_moves_the_metric_as_it_did_in_another_order() -> None:
    draw = np.random.default_rng(3)
    positive, scores = draw.random(60) < 0.4, draw.normal(size=60).round(1)
    order = draw.permutation(60)
    one, other = rank(positive, scores, None), rank(positive[order], scores[order], None)
    for before, after in (
        (one.roc_auc, other.roc_auc),
        (one.average_precision, other.average_precision),
    ):
        assert before.influence is not None
        assert after.influence == pytest.approx(before.influence[order])


@pytest.mark.parametrize("rows_a_pass", [1, 7, 64])
@pytest.mark.parametrize("digits", [1, 12])
@pytest.mark.parametrize("weighted", [False, True])
def test_many_passes_give_what_one_gives(
    rows_a_pass: int, digits: int, *, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups of equal scores stay whole, and the sums of the passes before are carried on."""
    draw = np.random.default_rng(4)
    positive, scores = draw.random(300) < 0.3, draw.normal(size=300).round(digits)
    weight = draw.integers(0, 3, 300).astype(np.float64) if weighted else None
    whole = rank(positive, scores, weight)
    monkeypatch.setattr("mlci_action.evaluation.metrics.ranking.ROWS_A_PASS", rows_a_pass)
    monkeypatch.setattr("mlci_action.evaluation.intervals.passes.ROWS_A_PASS", rows_a_pass)
    in_passes = rank(positive, scores, weight)
    for one, other in (
        (whole.roc_auc, in_passes.roc_auc),
        (whole.average_precision, in_passes.average_precision),
    ):
        assert other.value == pytest.approx(one.value, abs=1e-14)
        assert other.influence == pytest.approx(one.influence, abs=1e-14)


def test_the_area_alone_is_that_of_both() -> None:
    draw = np.random.default_rng(5)
    positive, scores = draw.random(60) < 0.4, draw.normal(size=60).round(1)
    weight = draw.random(60)
    alone, both = roc_auc(positive, scores, weight), rank(positive, scores, weight).roc_auc
    assert alone.value == both.value
    assert alone.influence is not None
    assert both.influence is not None
    assert alone.influence.tolist() == both.influence.tolist()
    assert roc_auc(np.zeros(60, bool), scores, None).note == "the rows hold only one class"
