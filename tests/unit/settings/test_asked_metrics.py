"""Which metric a section asks for, and the options that do not go with it."""

from __future__ import annotations

from typing import Any

import pytest

from mlci_action.domain.metric import TUNED, Direction, Metric, Needs, Parameters, Task
from mlci_action.domain.metrics import METRICS, custom_metric
from mlci_action.settings.asked_metrics import asked_metric, misasked
from mlci_action.settings.metric_sections import MetricSection


def _section(options: dict[str, Any]) -> MetricSection:
    return MetricSection.model_validate(options)


@pytest.mark.parametrize(
    ("name", "options", "metric"),
    [
        ("auc", {}, METRICS["roc_auc"]),
        ("f1", {"class": "bird"}, METRICS["f1"].asked_at(Parameters(class_label="bird"))),
        ("f1", {"threshold": "tuned"}, METRICS["f1"].asked_at(Parameters(threshold=TUNED))),
        (
            "f1_low",
            {"metric": "f1", "threshold": 0.2},
            METRICS["f1"].asked_at(Parameters(threshold=0.2), name="f1_low"),
        ),
        (
            "f2",
            {"metric": "fbeta", "beta": 2},
            METRICS["fbeta"].asked_at(Parameters(beta=2.0), name="f2"),
        ),
        ("mine", {"metric": "r2"}, METRICS["r2"].asked_at(Parameters(), name="mine")),
    ],
)
def test_a_metric_is_asked_at_its_options(
    name: str, options: dict[str, Any], metric: Metric
) -> None:
    assert asked_metric(name, _section(options)) == metric


@pytest.mark.parametrize(
    ("name", "options", "place", "needs", "tasks"),
    [
        ("a.b:f", {}, "a.b:f", Needs.LABELS, set(Task)),
        ("mine", {"metric": "c.py:f"}, "c.py:f", Needs.LABELS, set(Task)),
        ("a:f", {"response_method": "predict"}, "a:f", Needs.LABELS, set(Task)),
        (
            "a:f",
            {"response_method": "predict_proba"},
            "a:f",
            Needs.SCORES,
            {Task.BINARY, Task.MULTICLASS},
        ),
    ],
)
def test_a_custom_metric_has_the_direction_and_the_answers_that_it_names(
    name: str, options: dict[str, Any], place: str, needs: Needs, tasks: set[Task]
) -> None:
    section = _section({"direction": "lower_is_better", **options})
    assert asked_metric(name, section) == custom_metric(
        place,
        name=name,
        direction=Direction.LOWER_IS_BETTER,
        needs=needs,
        tasks=frozenset(tasks),
    )
    assert list(misasked(name, section)) == []


@pytest.mark.parametrize(
    ("name", "options"),
    [("zzz", {}), ("a:f", {}), ("fbeta", {}), ("f1", {"k": 3}), ("mine", {"metric": "zzz"})],
)
def test_what_cannot_be_asked_is_no_metric(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"unknown|direction|needs|takes no"):
        asked_metric(name, _section(options))


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("f1", {"class": "a", "threshold": 0.5}, []),
        ("f1", {"k": 3, "beta": 1}, [("k", "f1 takes no k"), ("beta", "f1 takes no beta")]),
        ("auc", {"threshold": 0.5}, [("threshold", "roc_auc takes no threshold")]),
        ("log_loss", {"class": "a"}, [("class", "log_loss takes no class")]),
        ("fbeta", {}, [("", "fbeta needs beta")]),
        ("fbeta", {"k": 3}, [("k", "fbeta takes no k")]),
        ("f2", {"metric": "fbeta"}, [("", "fbeta needs beta")]),
        (
            "f1",
            {"direction": "higher_is_better", "response_method": "predict"},
            [
                ("direction", "is known of f1; only a custom metric says it"),
                ("response_method", "is known of f1; only a custom metric says it"),
            ],
        ),
        (
            "a:f",
            {"class": "b", "alpha": 0.5},
            [
                ("", "a custom metric needs direction: higher_is_better or lower_is_better"),
                ("class", "a custom metric takes no class; write it into the function"),
                ("alpha", "a custom metric takes no alpha; write it into the function"),
            ],
        ),
    ],
)
def test_an_option_that_does_not_go_with_the_metric_is_named(
    name: str, options: dict[str, Any], said: list[tuple[str, str]]
) -> None:
    found = [(".".join(below), text) for below, text in misasked(name, _section(options))]
    assert found == said


def test_a_threshold_that_cannot_be_tuned_is_named() -> None:
    """Calling every row positive has the best recall: there is nothing to tune."""
    ((below, text),) = misasked("recall", _section({"threshold": "tuned"}))
    assert below == ("threshold",)
    assert text.startswith("the threshold of recall cannot be tuned")
