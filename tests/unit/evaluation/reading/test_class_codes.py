from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlci_action.domain.metric import Needs, Task
from mlci_action.errors import ModelError
from mlci_action.evaluation.reading.class_codes import spelled_out
from mlci_action.evaluation.reading.outputs import read_predictions
from mlci_action.evaluation.reading.predictions import ModelOutput, Predictions, Target

CLASSES = ("no", "yes")


def said(predictions: list[Any], **other: Any) -> ModelOutput:  # noqa: ANN401
    classes = other.pop("classes", None)
    scores = {name: np.array(values, dtype=np.float64) for name, values in other.items()}
    return ModelOutput(predictions=np.array(predictions), classes=classes, **scores)


def spelled(output: ModelOutput, *classes: str) -> ModelOutput:
    return spelled_out(output, classes or CLASSES, who="the candidate")


def refusal(output: ModelOutput, *classes: str) -> str:
    with pytest.raises(ModelError) as caught:
        spelled(output, *classes)
    return caught.value.message


@pytest.mark.parametrize(
    "codes",
    [[0, 1, 1], [0.0, 1.0, 1.0], [False, True, True], ["0", "1", "1.0"], [[0], [1], [1]]],
)
def test_codes_become_labels_in_whichever_type_they_come(codes: list[Any]) -> None:
    assert spelled(said(codes)).predictions.reshape(-1).tolist() == ["no", "yes", "yes"]


def test_the_columns_of_scores_are_in_the_order_of_the_classes() -> None:
    read = spelled(said([0, 1], probabilities=[[0.9, 0.1], [0.2, 0.8]]))

    assert read.classes == CLASSES
    assert read.probabilities is not None
    assert read.probabilities.tolist() == [[0.9, 0.1], [0.2, 0.8]]


def test_columns_that_the_model_names_by_code_keep_its_order() -> None:
    read = spelled(said([1, 0], probabilities=[[0.9, 0.1], [0.2, 0.8]], classes=(1, 0)))

    assert read.classes == ("yes", "no")


def test_a_model_that_says_the_labels_itself_is_left_as_it_is() -> None:
    read = spelled(said(["yes", "no"], classes=("yes", "no")))

    assert read.predictions.tolist() == ["yes", "no"]
    assert read.classes == ("yes", "no")


def test_what_is_both_a_code_and_a_label_is_a_code() -> None:
    """Labels 1 and 2 with the codes 0 and 1: the model's 1 is its second class."""
    assert spelled(said([1, 0, 1]), "1", "2").predictions.tolist() == ["2", "1", "2"]


@pytest.mark.parametrize("code", [2, -1, 1.5, 10**20, "maybe"])
def test_a_code_outside_is_named(code: object) -> None:
    message = refusal(said([0, 1, code] if not isinstance(code, str) else ["0", "1", code]))

    assert message.startswith("the candidate predicts '")
    assert message.endswith("and candidate.classes names labels for the codes 0 to 1")


def test_columns_that_are_not_as_many_as_the_classes_are_refused() -> None:
    output = said([0, 1, 2], probabilities=[[0.2, 0.3, 0.5]] * 3)

    assert refusal(output) == (
        "the candidate gives 3 columns of scores, and candidate.classes names 2"
    )


def test_numbers_between_zero_and_one_are_probabilities_of_the_second_class() -> None:
    """What a network of one output says; the positive label may be the first one."""
    read = spelled(said([[0.25], [0.75]]))

    assert read.predictions.tolist() == ["no", "yes"]
    assert read.probabilities is not None
    assert read.probabilities.tolist() == [[0.75, 0.25], [0.25, 0.75]]


def test_columns_of_probabilities_are_labels_and_scores() -> None:
    read = spelled(said([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]), "a", "b", "c")

    assert read.predictions.tolist() == ["c", "a"]
    assert read.classes == ("a", "b", "c")


def truth(*classes: str, values: list[int]) -> Target:
    task = Task.BINARY if len(classes) == 2 else Task.MULTICLASS
    codes = np.array(values, dtype=np.int64)
    return Target(task=task, rows=np.ones(len(codes), dtype=bool), values=codes, classes=classes)


def read(output: ModelOutput, target: Target) -> Predictions:
    needs = frozenset({Needs.LABELS, Needs.SCORES})
    return read_predictions(output, target, needs=needs, who="the baseline")


def labels_of(predictions: list[Any], target: Target) -> list[int]:
    labels = read_predictions(
        said(predictions), target, needs=frozenset({Needs.LABELS}), who="the baseline"
    ).labels
    assert labels is not None
    return [int(label) for label in labels]


HALVES = [0] * 10 + [1] * 10


@pytest.mark.parametrize("ones", [HALVES[::-1], [0.9 - 0.8 * bit for bit in HALVES]])
def test_codes_that_can_hardly_mean_what_is_taken_for_granted_are_asked_about(
    ones: list[Any],
) -> None:
    """`positive: bad` with a LabelEncoder, which gave 1 to `good`: read so, a baseline of the best
    would be the worst.
    """
    with pytest.raises(ModelError) as caught:
        labels_of(ones, truth("good", "bad", values=HALVES))

    assert caught.value.message == (
        "the baseline predicts codes, and with 'bad' as 1 it is right less often than by chance"
    )
    assert caught.value.hint.endswith("candidate.classes: [bad, good]")


@pytest.mark.parametrize(
    ("classes", "said_by_it"),
    [
        (("bad", "good"), HALVES[::-1]),  # the order of an encoder: a bad model
        (("good", "bad"), HALVES),  # right as it is read
        (("good", "bad"), [*HALVES[:14], *HALVES[:6]]),  # only a little worse than chance
    ],
)
def test_a_bad_model_is_no_question(classes: tuple[str, str], said_by_it: list[int]) -> None:
    assert labels_of(said_by_it, truth(*classes, values=HALVES)) == said_by_it


def test_few_rows_settle_nothing() -> None:
    few = [0] * 9 + [1] * 20

    assert labels_of([1 - bit for bit in few], truth("good", "bad", values=few))


def test_labels_that_are_said_outright_are_no_question() -> None:
    words = ["bad" if bit == 0 else "good" for bit in HALVES]

    assert labels_of(words, truth("good", "bad", values=HALVES)) == HALVES[::-1]


def test_a_probability_alone_is_of_the_label_one_even_where_zero_is_the_positive() -> None:
    """A native booster's; the labels 0 and 1 say themselves which it is of."""
    scores = read(said([0.25, 0.75]), truth("1", "0", values=[0, 1])).scores

    assert scores is not None
    assert scores.tolist() == [0.75, 0.25]


def test_one_column_of_probabilities_is_of_the_models_second_class() -> None:
    output = said([0, 1], probabilities=[[0.25], [0.75]], classes=(0, 1))
    scores = read(output, truth("1", "0", values=[0, 1])).scores

    assert scores is not None
    assert scores.tolist() == [0.75, 0.25]


def test_columns_of_probabilities_alone_are_read_for_numbered_classes() -> None:
    """What a booster of several classes gives."""
    output = said([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]])
    known = read(output, truth("0", "1", "2", values=[0, 1]))

    assert known.labels is not None
    assert known.labels.tolist() == [2, 0]
    assert known.scores is not None
    with pytest.raises(ModelError, match="an array of shape") as caught:
        read(output, truth("a", "b", "c", values=[0, 1]))
    assert "candidate.classes" in caught.value.hint


def test_several_targets_are_no_probabilities() -> None:
    with pytest.raises(ModelError, match="an array of shape"):
        read(said([[0.0, 1.0], [1.0, 0.0]]), truth("0", "1", values=[0, 1]))
