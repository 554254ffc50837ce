"""One class against the rest: what scikit-learn gives for that class alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as sk

from mlci_action.domain.comparison import Comparison, ComparisonRow
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import TUNED, Metric, Parameters, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.slices import Slice
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.metrics.views import one_class, views
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions, SliceRows, Target
from tests.unit.evaluation.cases import Float, binary_case, multiclass_case

PER_CLASS = {
    "precision": sk.precision_score,
    "recall": sk.recall_score,
    "f1": sk.f1_score,
    "jaccard": sk.jaccard_score,
}
OF_SCORES = {
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "brier_score": sk.brier_score_loss,
}


def asked(function: str, label: str, **more: float) -> Metric:
    parameters = Parameters(class_label=label, **more)
    return METRICS[function].asked_at(parameters, name=f"{function} of {label}")


def compared(
    case: tuple[Target, Predictions, Predictions], *metrics: Metric, weight: Float | None = None
) -> Comparison:
    target, candidate, baseline = case
    return compare_models(
        target,
        candidate,
        baseline,
        metrics=metrics,
        evidence=Evidence(),
        sample_weight=weight,
    )


def paired(
    task: Task, truth: NDArray[Any], model: Predictions, classes: tuple[str, ...]
) -> PairedRows:
    return PairedRows(
        task=task,
        classes=classes,
        truth=truth,
        candidate=model,
        baseline=None,
        weight=None,
        dependence=None,
        confidence=0.95,
    )


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("name", list(PER_CLASS))
def test_each_class_of_four_has_the_values_of_scikit_learn(name: str, *, weighted: bool) -> None:
    case = multiclass_case(300, seed=1)
    target, model, _ = case
    weight = np.random.default_rng(2).uniform(0.2, 3, 300) if weighted else None
    expected = PER_CLASS[name](target.values, model.labels, average=None, sample_weight=weight)
    rows = compared(case, *(asked(name, label) for label in target.classes), weight=weight).rows
    assert [row.candidate for row in rows] == pytest.approx(list(expected), abs=1e-9)


@pytest.mark.parametrize("name", list(OF_SCORES))
def test_each_class_has_the_values_of_its_own_scores(name: str) -> None:
    case = multiclass_case(300, seed=3)
    target, model, _ = case
    assert model.scores is not None
    rows = compared(case, *(asked(name, label) for label in target.classes)).rows
    for code, row in enumerate(rows):
        expected = OF_SCORES[name](target.values == code, model.scores[:, code])
        assert row.candidate == pytest.approx(expected, abs=1e-9)
        assert row.interval is not None
        assert row.interval.low is not None


def test_the_negative_class_of_two_is_a_class_too() -> None:
    case = binary_case(300, seed=4)
    target, model, _ = case
    assert model.scores is not None
    f1, area, loss = compared(
        case, asked("f1", "0"), asked("average_precision", "0"), asked("brier_score", "0")
    ).rows
    truth = target.values == 0
    assert f1.candidate == pytest.approx(sk.f1_score(target.values, model.labels, pos_label=0))
    expected = sk.average_precision_score(truth, 1 - model.scores)
    assert area.candidate == pytest.approx(expected)
    assert loss.candidate == pytest.approx(sk.brier_score_loss(target.values, model.scores))


def test_scores_that_are_no_probabilities_are_turned_around_by_their_sign() -> None:
    model = Predictions(scores=np.array([-2.0, 3.0]))
    rows = paired(Task.BINARY, np.array([0, 1]), model, ("no", "yes"))
    seen = one_class(rows, "no").candidate.scores
    assert seen is not None
    assert seen.tolist() == [2.0, -3.0]


@pytest.mark.parametrize(
    ("classes", "label", "code"),
    [
        (("0", "1"), "1.0", 1),
        (("1.0", "2.0", "3.0"), "2", 1),
        (("False", "True"), "true", 1),
        (("0", "1"), "false", 0),
        (("a", "b", "1"), "1", 2),
    ],
)
def test_a_class_is_found_by_its_text(classes: tuple[str, ...], label: str, code: int) -> None:
    truth = np.arange(len(classes))
    seen = one_class(paired(Task.MULTICLASS, truth, Predictions(), classes), label)
    assert (seen.task, seen.classes) == (Task.BINARY, ("", label))
    assert seen.truth.tolist() == [int(other == code) for other in truth]


def test_an_unknown_class_is_a_bug_of_the_caller() -> None:
    rows = paired(Task.MULTICLASS, np.arange(3), Predictions(), ("0", "1", "2"))
    with pytest.raises(ValueError, match="no class is 'true'"):
        one_class(rows, "true")


def test_each_metric_comes_once_with_rows_as_it_sees_them() -> None:
    target, model, other = multiclass_case(200, seed=5)
    rows = replace(paired(Task.MULTICLASS, target.values, model, target.classes), baseline=other)
    metrics = [
        METRICS["accuracy"],
        asked("f1", "1"),
        asked("f1", "1", threshold=0.4),
        asked("f1", "1", threshold=TUNED),
        asked("roc_auc", "2"),
        METRICS["log_loss"],
    ]
    seen = [(view.classes[1:], [one.name for one in alike]) for view, alike in views(rows, metrics)]
    assert seen == [
        (("1", "2", "3"), ["accuracy", "log_loss"]),
        (("1",), ["f1 of 1"]),
        (("1",), ["f1 of 1"]),
        (("1",), ["f1 of 1"]),
        (("2",), ["roc_auc of 2"]),
    ]


def test_rows_without_the_class_have_no_value_of_it() -> None:
    case = multiclass_case(200, seed=6)
    target, model, other = case
    part = SliceRows(slice=Slice(where="x"), rows=target.values != 2, judged=True)
    metrics = [asked("recall", "2"), asked("roc_auc", "2")]
    comparison = compare_models(
        target, model, other, metrics=metrics, slices=[part], evidence=Evidence()
    )
    recall, area = comparison.rows[2:]
    assert note_of(recall) == (None, "candidate: no row is of the positive class")
    assert note_of(area) == (None, "candidate: the rows hold only one class")


def note_of(row: ComparisonRow) -> tuple[float | None, str]:
    return row.candidate, row.note
