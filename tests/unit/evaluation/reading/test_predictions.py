from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlci_action.domain.metric import Needs
from mlci_action.evaluation.intervals.methods import IDENTICAL
from mlci_action.evaluation.reading.predictions import Predictions, same_answers
from tests.unit.evaluation.cases import binary_case, compared, interval_of

SCORES = np.array([0.1, 0.5, 0.9])
ONE = Predictions(labels=np.array([0, 1, 1]), scores=SCORES, raw_scores=SCORES)
SAME = "the two models give the same scores on every row"


def test_one_file_asked_twice_is_one_model_for_every_metric() -> None:
    assert set(same_answers(ONE, ONE, same_model=True).values()) == {
        "the two models are the same file"
    }


def test_equal_scores_and_labels_are_one_model() -> None:
    assert same_answers(ONE, ONE) == dict.fromkeys(Needs, SAME)


def test_equal_scores_with_other_labels_are_one_model_only_for_what_reads_scores() -> None:
    """One classifier wrapped at two thresholds decides differently."""
    other = replace(ONE, labels=np.array([0, 0, 1]))
    assert same_answers(ONE, other) == {
        Needs.LABELS: "",
        Needs.SCORES: SAME,
        Needs.VALUES: SAME,
    }


@pytest.mark.parametrize(
    "other",
    [
        None,
        replace(ONE, raw_scores=None),
        replace(ONE, raw_scores=SCORES.astype(np.float32).astype(np.float64)),
    ],
)
def test_anything_less_than_equal_scores_is_two_models(other: Predictions | None) -> None:
    assert set(same_answers(ONE, other).values()) == {""}


def test_scores_of_two_values_are_labels_by_another_name() -> None:
    hard = replace(ONE, raw_scores=np.array([0.0, 1.0, 1.0]))
    assert set(same_answers(hard, hard).values()) == {""}


def test_two_thresholds_on_one_model_have_an_interval_for_labels_and_none_for_ranks() -> None:
    """The difference of the labels is real, and must not be called settled at zero."""
    target, one, _ = binary_case(400, seed=1)
    assert one.scores is not None
    labels = (one.scores >= 0.8).astype(np.int64)
    ours, theirs = (
        replace(one, raw_scores=one.scores),
        replace(one, labels=labels, raw_scores=one.scores),
    )
    comparison = compared((target, ours, theirs), "accuracy", "roc_auc")
    assert interval_of(comparison, "accuracy").method != IDENTICAL
    assert interval_of(comparison, "roc_auc").method == IDENTICAL
