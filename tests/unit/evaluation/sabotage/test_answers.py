"""Answers that a gate must refuse: each is broken as its name says, and nothing else of it is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from mlci_action.domain.metric import Needs, Task
from mlci_action.errors import ModelError
from mlci_action.evaluation.reading.outputs import read_predictions
from mlci_action.evaluation.reading.predictions import ModelOutput, Predictions
from mlci_action.evaluation.sabotage.answers import (
    constant,
    inverted,
    inverted_where,
    permuted,
    say_the_same,
    without_numbers,
)
from tests.unit.evaluation.cases import case_of, compared, row_of

N = 500
EACH_TASK = pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS, Task.REGRESSION])


@EACH_TASK
def test_permuted_answers_are_the_same_ones_in_a_seeded_order(task: Task) -> None:
    _, said, _ = case_of(task, N, seed=1)
    moved = permuted(said, seed=3)
    for before, after in (
        (said.labels, moved.labels), (said.scores, moved.scores), (said.values, moved.values),
    ):  # fmt: skip
        assert (before is None) == (after is None)
        if before is not None and after is not None:
            assert_array_equal(np.sort(before, axis=0), np.sort(after, axis=0))
    assert not say_the_same(said, moved)
    assert say_the_same(moved, permuted(said, seed=3))
    assert not say_the_same(moved, permuted(said, seed=4))


@EACH_TASK
def test_labels_and_scores_of_a_row_move_together(task: Task) -> None:
    """A sabotage that contradicts itself could be found out for the wrong reason."""
    target, said, _ = case_of(task, N, seed=1)
    if said.labels is None or said.scores is None:
        return
    for broken in (permuted(said, 0), constant(said, target)):
        assert broken.labels is not None
        assert broken.scores is not None
        if task is Task.MULTICLASS:
            assert_array_equal(broken.labels, broken.scores.argmax(axis=1))
        else:
            assert_array_equal(broken.labels, (broken.scores >= 0.5).astype(int))


def test_a_constant_model_says_the_most_frequent_class_and_the_base_rates() -> None:
    target, said, _ = case_of(Task.BINARY, N, seed=1)
    one = constant(said, target)
    rate = target.values.mean()
    assert one.labels is not None
    assert one.scores is not None
    assert set(one.labels) == {int(rate > 0.5)}
    assert one.scores == pytest.approx(np.full(N, rate))


def test_a_constant_model_counts_rows_by_their_weight() -> None:
    target, said, _ = case_of(Task.BINARY, N, seed=1)
    weight = np.where(target.values == 1, 100.0, 1.0)
    weighted, plain = constant(said, target, weight).labels, constant(said, target).labels
    assert weighted is not None
    assert plain is not None
    assert (set(weighted), set(plain)) == ({1}, {0})


def test_a_constant_model_of_numbers_says_the_mean() -> None:
    target, said, _ = case_of(Task.REGRESSION, N, seed=1)
    assert constant(said, target).values == pytest.approx(np.full(N, target.values.mean()))


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS])
def test_inverted_labels_are_right_nowhere(task: Task) -> None:
    target, said, _ = case_of(task, N, seed=1)
    broken = inverted(said, target)
    assert broken.labels is not None
    assert said.labels is not None
    assert not (broken.labels == target.values).any()
    wrong = said.labels != target.values
    assert_array_equal(broken.labels[wrong], said.labels[wrong])


@pytest.mark.parametrize(
    ("task", "metric"), [(Task.BINARY, "roc_auc"), (Task.MULTICLASS, "roc_auc_ovr")]
)
def test_mirrored_scores_rank_the_other_way_round(task: Task, metric: str) -> None:
    target, said, _ = case_of(task, N, seed=1)
    row = row_of(compared((target, inverted(said, target), said), metric), metric)
    assert row.candidate == pytest.approx(1 - (row.baseline or 0))


def test_mirrored_probabilities_still_are_some_and_other_scores_change_their_sign() -> None:
    target, said, _ = case_of(Task.MULTICLASS, N, seed=1)
    scores = inverted(said, target).scores
    assert scores is not None
    assert (scores >= 0).all()
    assert scores.sum(axis=1) == pytest.approx(np.ones(N))
    target, said, _ = case_of(Task.BINARY, N, seed=1)
    ranks = Predictions(labels=said.labels, scores=np.arange(N, dtype=np.float64) - 7)
    assert_array_equal(inverted(ranks, target).scores, 7.0 - np.arange(N))


def test_mirrored_numbers_keep_their_mean() -> None:
    target, said, _ = case_of(Task.REGRESSION, N, seed=1)
    broken = inverted(said, target).values
    assert broken is not None
    assert said.values is not None
    assert broken.mean() == pytest.approx(said.values.mean())
    assert broken.argmax() == said.values.argmin()


@EACH_TASK
def test_a_broken_slice_is_inverted_and_the_rest_is_left_alone(task: Task) -> None:
    target, said, _ = case_of(task, N, seed=1)
    inside = np.arange(N) < 100
    broken, whole = inverted_where(said, target, inside), inverted(said, target)
    for part, all_of_it, before in (
        (broken.labels, whole.labels, said.labels),
        (broken.scores, whole.scores, said.scores),
        (broken.values, whole.values, said.values),
    ):
        if part is not None and all_of_it is not None and before is not None:
            assert_array_equal(part[inside], all_of_it[inside])
            assert_array_equal(part[~inside], before[~inside])


@pytest.mark.parametrize("labels", [[0, 1, 1], ["0", "1", "1"], [False, True, True]], ids=str)
def test_an_output_without_numbers_cannot_be_read(labels: list[object]) -> None:
    target, _, _ = case_of(Task.BINARY, 3, seed=1)
    scores = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    whole = ModelOutput(predictions=np.array(labels), probabilities=scores, classes=(0, 1))
    read_predictions(whole, target, needs=frozenset(Needs), who="the candidate")
    broken = without_numbers(whole)
    assert np.isnan(broken.probabilities).sum() == 2  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="NaN"):
        read_predictions(broken, target, needs=frozenset(Needs), who="the candidate")
