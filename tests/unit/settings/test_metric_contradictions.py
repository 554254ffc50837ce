"""Metrics that fit their shape and still cannot be meant, alone or beside each other."""

from __future__ import annotations

import pytest

from mlci_action.domain.comparison import Standing
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import has_interval
from mlci_action.settings.parse import parse_settings
from tests.unit.evaluation.cases import case_of, compared
from tests.unit.settings.documents import document, problems

_HIGHER = "{direction: higher_is_better"


def _problems(metrics: str, *more: str) -> tuple[str, ...]:
    return problems(document(*more, metrics=f"metrics: {{{metrics}}}"))


def _names(metrics: str, *more: str) -> list[str]:
    text = document(*more, metrics=f"metrics: {{{metrics}}}")
    return [limits.metric.name for limits in parse_settings(text, path="mlci.yml").metrics]


@pytest.mark.parametrize(
    ("metrics", "again"),
    [
        ("auc: {min: 0.8}, roc_auc: {min: 0.7}", "roc_auc"),
        ("f1: {min: 0.8}, mine: {metric: f1}", "mine"),
        ("a: {metric: f1, class: x}, b: {metric: f1, class: x}", "b"),
        (f"a:f: {_HIGHER}}}, b: {_HIGHER}, metric: 'a:f'}}", "b"),
    ],
)
def test_the_same_metric_twice_is_one_too_many(metrics: str, again: str) -> None:
    first = metrics.partition(": {")[0]
    said = f"4: metrics.{again}: the same metric as {first!r} in line 4; keep one"
    assert _problems(metrics) == (said,)


@pytest.mark.parametrize(
    "metrics",
    [
        "f1: {min: 0.8}, f1_bird: {metric: f1, class: bird}, f1_cat: {metric: f1, class: cat}",
        "a: {metric: fbeta, beta: 2, min: 0.1}, b: {metric: fbeta, beta: 0.5}",
        "a: {metric: f1, threshold: 0.4, min: 0.1}, b: {metric: f1, threshold: tuned}",
        f"a:f: {_HIGHER}, min: 1}}, a:g: {_HIGHER}}}",
        f"a:f: {_HIGHER}, min: 1}}, b: {_HIGHER}, metric: 'a:f', response_method: predict_proba}}",
    ],
)
def test_one_function_may_be_asked_at_several_parameters(metrics: str) -> None:
    assert len(_names(metrics)) >= 2


@pytest.mark.parametrize(
    ("metrics", "again"),
    [
        ("cost: {metric: f1, min: 0.5}, Cost: {metric: recall}", "Cost"),
        ("a_f: {metric: f1, min: 0.5}, a:f: {direction: higher_is_better}", "a:f"),
    ],
)
def test_two_names_never_share_the_ids_of_their_checks(metrics: str, again: str) -> None:
    first = metrics.partition(":")[0]
    said = f"the checks of {first!r} in line 4 have the same ids; choose another name"
    assert _problems(metrics) == (f"4: metrics.{again}: {said}",)


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        ("f1, rmse", "rmse: is for a regression target, the metrics above for binary"),
        ("rmse, f1", "f1: is for a binary target, the metrics above for regression"),
        (
            "accuracy, r2",
            "r2: is for a regression target, the metrics above for binary or multiclass",
        ),
        (
            "f1, roc_auc_ovr",
            "roc_auc_ovr: is for a multiclass target, the metrics above for binary",
        ),
    ],
)
def test_metrics_for_different_targets_cannot_be_judged_together(metrics: str, said: str) -> None:
    text = ", ".join(f"{name}: {{max: 0.5}}" for name in metrics.split(", "))
    assert _problems(text) == (f"4: metrics.{said}",)


@pytest.mark.parametrize(
    "metrics",
    [
        "accuracy: {min: 0.5}, f1_macro: {min: 0.5}, log_loss: {max: 1}, f1: ",
        "roc_auc_ovr: {min: 0.5}, f1: {class: bird}",
        "rmse: {max: 3}, a:f: {direction: higher_is_better}",
    ],
)
def test_metrics_for_one_target_can(metrics: str) -> None:
    assert len(_names(metrics)) >= 2


def test_a_metric_of_probabilities_is_for_classes() -> None:
    custom = "a:f: {direction: higher_is_better, response_method: predict_proba}"
    said = "is for a binary or multiclass target, the metrics above for regression"
    assert _problems(f"rmse: {{max: 3}}, {custom}") == (f"4: metrics.a:f: {said}",)


_RATIO = "fairness: {sensitive: [sex]}"
_FLIPS = "flips: {max_negative_rate: 0.1}"


@pytest.mark.parametrize(
    ("metrics", "section", "said"),
    [
        ("rmse", _RATIO, "fairness: is for a binary target, the metrics are for regression"),
        ("roc_auc_ovr", _RATIO, "fairness: is for a binary target, the metrics are for multiclass"),
        ("rmse", _FLIPS, "flips: is for a binary or multiclass target, the metrics are for"),
    ],
)
def test_what_judges_classes_is_refused_for_other_targets(
    metrics: str, section: str, said: str
) -> None:
    (found,) = _problems(f"{metrics}: {{max: 0.5}}", section)
    assert found.startswith(f"5: {said}")


@pytest.mark.parametrize(("line", "role"), [(2, "candidate"), (3, "baseline")])
def test_a_threshold_on_the_scores_is_for_two_classes(line: int, role: str) -> None:
    key = {"candidate": "model", "baseline": "from"}[role]
    text = document(
        metrics="metrics: {rmse: {max: 3}}",
        **{role: f"{role}: {{{key}: m, threshold: 0.5}}"},
    )
    said = "is for a binary target, the metrics are for regression"
    assert problems(text) == (f"{line}: {role}.threshold: {said}",)


def test_flips_are_counted_for_any_number_of_classes() -> None:
    assert _names("roc_auc_ovr: {min: 0.5}", _FLIPS) == ["roc_auc_ovr"]


@pytest.mark.parametrize("rule", ["max_regression", "min_improvement", "max_improvement"])
def test_a_change_that_no_rows_can_settle_is_refused(rule: str) -> None:
    said = "max_error has no interval, so this can never pass: use max"
    assert _problems(f"max_error: {{{rule}: 3}}") == (f"4: metrics.max_error.{rule}: {said}",)


def test_a_change_that_no_rows_can_settle_is_judged_by_its_point_when_asked() -> None:
    text = "max_error: {max: 9, max_regression: 3}"
    assert _names(text, "evidence: {decide_by: point}") == ["max_error"]
    assert _names("max_error: {max: 9}") == ["max_error"]


@pytest.mark.parametrize("task", Task)
def test_what_no_rows_can_settle_is_what_the_evaluation_gives_no_interval(task: Task) -> None:
    comparison = compared(case_of(task, 2000, seed=5))
    without = {
        row.metric
        for row in comparison.rows
        if row.interval is None or row.interval.standing is Standing.NOT_ESTIMABLE
    }
    assert without == {row.metric for row in comparison.rows if not has_interval(row.metric)}


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("f1: {k: 3, min: 0.5}", "f1.k: f1 takes no k"),
        ("lift: {k: 0.1, min: 11}", "lift.min: impossible limit: lift_at_k is never above 10"),
        ("top_k_accuracy: {k: 0.5}", "top_k_accuracy.k: k is a number of labels and cannot be"),
        ("fbeta: {min: 0.5}", "fbeta: fbeta needs beta"),
        ("f1: {metric: recall}", "f1.metric: f1 is a metric already; give this one a name of its"),
        ("mine: {metric: recal}", "mine.metric: unknown metric 'recal'; did you mean 'recall'?"),
        (
            "mine: {class: a}",
            "mine: unknown metric 'mine'; under a name of your own, say by `metric`",
        ),
        ("a:f: {max: 3}", "a:f: a custom metric needs direction: higher_is_better or lower_is"),
        ("mine: {metric: f1, min: 2}", "mine.min: impossible limit: mine is never above 1"),
    ],
)
def test_what_a_metric_cannot_be_is_said_at_its_key(metric: str, said: str) -> None:
    (found,) = _problems(metric)
    assert found.startswith(f"4: metrics.{said}")


def test_what_is_wrong_with_a_name_is_said_beside_what_is_wrong_below_it() -> None:
    assert _problems("accuraccy: {mim: 1}, roc_auc: {min: 0.5}, rmse: {max: x}") == (
        "4: metrics.accuraccy: unknown metric 'accuraccy'; did you mean 'accuracy'?",
        "4: metrics.accuraccy.mim: unknown key; did you mean 'min'?",
        "4: metrics.rmse: is for a regression target, the metrics above for binary",
        "4: metrics.rmse.max: expected a number, not the text 'x'",
    )
