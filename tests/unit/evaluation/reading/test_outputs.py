from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlci_action.domain.metric import Needs, Task
from mlci_action.errors import ModelError, SettingsError
from mlci_action.evaluation.reading.outputs import read_predictions
from mlci_action.evaluation.reading.predictions import ModelOutput, Predictions, Target

LABELS = frozenset({Needs.LABELS})
SCORES = frozenset({Needs.LABELS, Needs.SCORES})


def truth(*classes: str, rows: list[bool] | None = None) -> Target:
    """Three rows; which codes they have does not matter to reading predictions."""
    present = np.array(rows or [True, True, True])
    n = int(present.sum())
    if not classes:
        return Target(task=Task.REGRESSION, rows=present, values=np.zeros(n))
    task = Task.BINARY if len(classes) == 2 else Task.MULTICLASS
    return Target(task=task, rows=present, values=np.zeros(n, dtype=np.int64), classes=classes)


def said(predictions: list[Any], **other: Any) -> ModelOutput:  # noqa: ANN401
    classes = other.pop("classes", None)
    scores = {name: np.array(values, dtype=np.float64) for name, values in other.items()}
    return ModelOutput(predictions=np.array(predictions), classes=classes, **scores)


def read(
    output: ModelOutput,
    target: Target,
    needs: frozenset[Needs] = SCORES,
    *,
    needs_probabilities: bool = False,
) -> Predictions:
    return read_predictions(
        output, target, needs=needs, needs_probabilities=needs_probabilities, who="the candidate"
    )


def refusal(
    output: ModelOutput,
    target: Target,
    needs: frozenset[Needs] = SCORES,
    *,
    needs_probabilities: bool = False,
) -> str:
    with pytest.raises(ModelError) as caught:
        read(output, target, needs, needs_probabilities=needs_probabilities)
    return caught.value.message


def labels_of(predictions: list[Any], target: Target, **other: Any) -> list[int]:  # noqa: ANN401
    labels = read(said(predictions, **other), target, LABELS).labels
    assert labels is not None
    assert labels.dtype == np.int64
    return [int(label) for label in labels]


def scores_of(output: ModelOutput, target: Target) -> Any:  # noqa: ANN401
    scores = read(output, target).scores
    assert scores is not None
    return scores.tolist()


@pytest.mark.parametrize(
    "predictions", [["no", "yes", "no"], [0, 1, 0], [0.0, 1.0, 0.0], [False, True, False]]
)
def test_two_classes_are_understood_in_every_spelling(predictions: list[Any]) -> None:
    """Text labels in the data against 0/1 from the model must just work."""
    assert labels_of(predictions, truth("no", "yes")) == [0, 1, 0]


def test_one_means_the_positive_label_even_when_it_sorts_first() -> None:
    assert labels_of([0, 1, 1], truth("rejected", "approved")) == [0, 1, 1]


@pytest.mark.parametrize(
    "predictions", [["0", "1", "0"], ["0.0", "1.0", "0.0"], [False, True, False]]
)
def test_numbers_in_the_data_are_understood_as_text_from_the_model(predictions: list[Any]) -> None:
    assert labels_of(predictions, truth("0", "1")) == [0, 1, 0]


def test_a_column_of_predictions_is_one_value_a_row() -> None:
    assert labels_of([[0], [1], [1]], truth("0", "1")) == [0, 1, 1]


def test_more_classes_are_matched_by_their_text() -> None:
    assert labels_of([2.0, 0.0, 1.0], truth("0", "1", "2")) == [2, 0, 1]


def test_rows_without_a_label_are_left_out() -> None:
    target = truth("0", "1", rows=[True, False, True])

    assert labels_of([0, 1, 1], target) == [0, 1]
    output = said([0, 1, 1], probabilities=[[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]], classes=(0, 1))
    assert scores_of(output, target) == [0.1, 0.8]


def test_labels_one_and_two_are_not_mistaken_for_zero_and_one() -> None:
    """A model's 1 is then the second class; matching it with the label 1 would be nonsense."""
    assert labels_of([1, 1, 1], truth("1", "2"), classes=(0, 1)) == [1, 1, 1]
    assert labels_of([0, 1, 0], truth("1", "2")) == [0, 1, 0]


def test_numbered_classes_that_are_shifted_are_not_matched() -> None:
    """0, 1, 2 for the labels 1, 2, 3: what they have in common means different things."""
    assert "does not have: '0'" in refusal(
        said([1, 2, 1], classes=(0, 1, 2)), truth("1", "2", "3"), LABELS
    )


def test_named_classes_may_be_rare_on_either_side() -> None:
    assert labels_of(["a", "b", "a"], truth("a", "b", "c"), classes=("a", "b", "d")) == [0, 1, 0]


def test_unknown_labels_are_named() -> None:
    assert refusal(said(["a", "x", "y"]), truth("a", "b", "c")) == (
        "the candidate has labels that the target does not have: 'x', 'y'; "
        "the target has 'a', 'b', 'c'"
    )


def test_numbers_for_more_than_two_text_labels_are_not_guessed() -> None:
    """Which number a lost label encoder gave to which label is not certain."""
    assert "labels that the target does not have: '0', '1', '2'" in refusal(
        said([0, 1, 2]), truth("a", "b", "c")
    )


def test_at_most_five_unknown_labels_are_named() -> None:
    target = Target(
        task=Task.MULTICLASS,
        rows=np.ones(7, dtype=bool),
        values=np.zeros(7, dtype=np.int64),
        classes=("a", "b", "c"),
    )

    message = refusal(said(list("tuvwxyz")), target)

    assert "'t', 'u', 'v', 'w', 'x' and 2 more;" in message


def test_a_two_class_model_that_knows_another_class_is_refused() -> None:
    assert "does not have: 'maybe'" in refusal(
        said(["no", "yes", "no"], classes=("maybe", "no", "yes")), truth("no", "yes")
    )


@pytest.mark.parametrize(
    ("predictions", "problem"),
    [
        ([0, 1], "predicts 2 values for 3 rows"),
        ([[0, 1], [1, 0], [0, 1]], "predicts an array of shape (3, 2), not one value a row"),
        ([0.0, np.nan, 1.0], "gives NaN or infinite predictions in 1 of 3 rows"),
    ],
)
def test_predictions_that_are_not_one_answer_a_row_are_refused(
    predictions: list[Any], problem: str
) -> None:
    assert refusal(said(predictions), truth("0", "1"), LABELS) == f"the candidate {problem}"


def test_the_positive_class_is_found_by_name_and_not_by_position() -> None:
    probabilities = [[0.1, 0.9], [0.8, 0.2], [0.5, 0.5]]
    output = said(["yes", "no", "no"], probabilities=probabilities, classes=("no", "yes"))

    assert scores_of(output, truth("no", "yes")) == [0.9, 0.2, 0.5]
    assert scores_of(output, truth("yes", "no")) == [0.1, 0.8, 0.5]


def test_scores_of_more_classes_follow_the_targets_order() -> None:
    rows = [[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.0, 0.0, 1.0]]
    output = said(["c", "a", "b"], probabilities=rows, classes=("c", "a", "b"))

    assert scores_of(output, truth("a", "b", "c")) == [
        [0.2, 0.1, 0.7],
        [0.6, 0.3, 0.1],
        [0.0, 1.0, 0.0],
    ]


def test_a_class_that_the_model_never_saw_scores_zero() -> None:
    rows = [[0.7, 0.3], [0.4, 0.6], [0.5, 0.5]]
    output = said(["a", "b", "a"], probabilities=rows, classes=("a", "b"))

    assert scores_of(output, truth("a", "b", "c")) == [
        [0.7, 0.3, 0.0],
        [0.4, 0.6, 0.0],
        [0.5, 0.5, 0.0],
    ]


def test_a_class_that_no_row_has_is_left_out_of_the_scores() -> None:
    rows = [[0.6, 0.2, 0.1, 0.1]] * 3
    output = said(["a", "b", "a"], probabilities=rows, classes=("a", "b", "c", "rare"))

    assert scores_of(output, truth("a", "b", "c")) == [[0.6, 0.2, 0.1]] * 3


def test_one_column_is_the_probability_of_the_positive_label() -> None:
    output = said([0, 1, 1], probabilities=[[0.1], [0.8], [0.9]])

    assert read(output, truth("no", "yes")).probabilities
    assert scores_of(output, truth("no", "yes")) == [0.1, 0.8, 0.9]


@pytest.mark.parametrize(
    ("probabilities", "problem"),
    [
        ([[0.5, np.nan]] * 3, "gives NaN or infinite probabilities in 3 of 3 rows"),
        ([[1.2, -0.2]] * 3, "gives probabilities outside 0 to 1 in 3 of 3 rows"),
        ([[0.5, 0.4]] * 3, "gives probabilities that do not sum to 1 in 3 of 3 rows"),
        ([[0.5, 0.5]] * 2, "gives 2 rows of scores for 3 rows"),
        ([[0.2, 0.2, 0.6]] * 3, "gives 3 columns of probabilities for 2 classes"),
    ],
)
def test_what_is_no_probability_is_refused(probabilities: list[Any], problem: str) -> None:
    output = said([0, 1, 1], probabilities=probabilities, classes=(0, 1))

    assert refusal(output, truth("0", "1")) == f"the candidate {problem}"


def test_rounding_does_not_make_a_probability_wrong() -> None:
    output = said([0, 1, 1], probabilities=[[1 + 1e-9, -1e-9]] * 3, classes=(0, 1))

    assert scores_of(output, truth("0", "1")) == [0.0, 0.0, 0.0]


def test_columns_without_names_are_read_only_in_the_one_certain_order() -> None:
    rows = [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]

    assert scores_of(said([0, 1, 1], probabilities=rows), truth("0", "1")) == [0.1, 0.8, 0.7]
    assert "does not say for which classes" in refusal(
        said(["no", "yes", "no"], probabilities=rows), truth("no", "yes")
    )


def test_a_model_of_one_class_cannot_score_two() -> None:
    output = said([0, 0, 0], probabilities=[[1.0]] * 3, classes=(0,))

    assert "one column of probabilities, and the target has 2 classes" in refusal(
        output, truth("0", "1")
    )


def test_decision_values_rank_rows_when_there_are_no_probabilities() -> None:
    output = said([0, 1, 1], decisions=[-2.0, 0.5, 3.0], classes=(0, 1))

    predictions = read(output, truth("0", "1"))

    assert scores_of(output, truth("0", "1")) == [-2.0, 0.5, 3.0]
    assert not predictions.probabilities


def test_decision_values_turn_around_when_the_positive_label_comes_first() -> None:
    output = said(["a", "b", "b"], decisions=[-2.0, 0.5, 3.0], classes=("a", "b"))

    assert scores_of(output, truth("b", "a")) == [2.0, -0.5, -3.0]


def test_decision_values_of_more_classes_follow_the_targets_order() -> None:
    output = said(["a", "b", "c"], decisions=[[1.0, 2.0, 3.0]] * 3, classes=("c", "b", "a"))

    assert scores_of(output, truth("a", "b", "c")) == [[3.0, 2.0, 1.0]] * 3


def test_decision_values_are_no_probabilities() -> None:
    output = said([0, 1, 1], decisions=[-2.0, 0.5, 3.0], classes=(0, 1))

    assert "metrics such as log_loss need probabilities" in refusal(
        output, truth("0", "1"), needs_probabilities=True
    )


def test_a_decision_value_that_is_not_finite_is_refused() -> None:
    output = said([0, 1, 1], decisions=[-2.0, np.inf, 3.0], classes=(0, 1))

    assert "NaN or infinite decision values in 1 of 3 rows" in refusal(output, truth("0", "1"))


def test_scores_that_nobody_asks_for_are_not_read() -> None:
    output = said([0, 1, 1], probabilities=[[np.nan, np.nan]] * 3, classes=(0, 1))

    assert read(output, truth("0", "1"), LABELS).scores is None


def test_a_model_without_scores_cannot_be_ranked() -> None:
    assert "has neither predict_proba nor decision_function" in refusal(
        said([0, 1, 1], classes=(0, 1)), truth("0", "1")
    )


def test_numbers_between_zero_and_one_are_probabilities_of_the_positive_label() -> None:
    """A native booster's predict returns them."""
    predictions = read(said([0.2, 0.5, 0.9]), truth("no", "yes"), needs_probabilities=True)

    assert predictions.labels is not None
    assert predictions.labels.tolist() == [0, 1, 1]
    assert predictions.scores is not None
    assert predictions.scores.tolist() == [0.2, 0.5, 0.9]
    assert predictions.probabilities


def test_numbers_outside_zero_and_one_are_not() -> None:
    assert "numbers that are no labels" in refusal(said([0.2, -3.5, 0.9]), truth("no", "yes"))


@pytest.mark.parametrize("predictions", [[1, 2, 3], [1.0, 2.0, 3.0], [[1.0], [2.0], [3.0]]])
def test_regression_reads_values(predictions: list[Any]) -> None:
    values = read(said(predictions), truth(), frozenset({Needs.VALUES})).values

    assert values is not None
    assert values.dtype == np.float64
    assert values.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("predictions", "problem"),
    [
        (["1", "2", "3"], "predicts text, and the target is a number"),
        ([True, False, True], "predicts true/false, and the target is a number"),
        ([1.0, np.inf, 3.0], "gives NaN or infinite predictions in 1 of 3 rows"),
        ([[1.0, 2.0]] * 3, "predicts an array of shape (3, 2), not one value a row"),
    ],
)
def test_regression_refuses_what_is_no_number(predictions: list[Any], problem: str) -> None:
    assert refusal(said(predictions), truth()) == f"the candidate {problem}"


@pytest.mark.parametrize("what", ["probabilities", "decisions"])
@pytest.mark.parametrize("shape", [(3, 1, 2), (3, 2, 1)])
def test_scores_of_three_dimensions_are_refused(what: str, shape: tuple[int, ...]) -> None:
    output = said([0, 1, 0], classes=(0, 1), **{what: np.full(shape, 0.5)})
    with pytest.raises(ModelError, match="gives scores of shape"):
        read(output, truth("0", "1"))


def test_a_class_that_is_named_twice_is_refused() -> None:
    """Else the last of its columns would be taken, and nobody would know."""
    twice = said([0, 1, 0], classes=(1, "1"), probabilities=[[0.5, 0.5]] * 3)
    assert refusal(twice, truth("0", "1")) == "the candidate names its class '1' more than once"


def at(threshold: float, output: ModelOutput, target: Target) -> Predictions:
    return read_predictions(output, target, needs=LABELS, threshold=threshold, who="the candidate")


@pytest.mark.parametrize(
    "output",
    [
        said([0, 0, 1], probabilities=[[0.8, 0.2], [0.7, 0.3], [0.1, 0.9]], classes=(0, 1)),
        said([0.2, 0.3, 0.9]),
        said([0, 0, 1], decisions=[0.2, 0.3, 0.9], classes=(0, 1)),
    ],
)
def test_a_threshold_makes_the_labels_and_is_itself_positive(output: ModelOutput) -> None:
    """As scikit-learn's FixedThresholdClassifier has it, whatever the model itself predicts."""
    read_at = at(0.3, output, truth("0", "1"))
    assert read_at.labels is not None
    assert read_at.labels.tolist() == [0, 1, 1]
    assert read_at.scores is not None


def test_a_threshold_needs_scores() -> None:
    with pytest.raises(ModelError, match="a metric or a threshold needs one"):
        at(0.3, said([0, 1, 1], classes=(0, 1)), truth("0", "1"))


@pytest.mark.parametrize(
    ("target", "reason"),
    [(truth("a", "b", "c"), "of more than two classes"), (truth(), "a number")],
)
def test_a_threshold_is_for_two_classes(target: Target, reason: str) -> None:
    with pytest.raises(SettingsError, match=f"has a threshold, and the target is {reason}"):
        at(0.3, said([0, 1, 1]), target)
