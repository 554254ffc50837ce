"""Settings that fit their shape and still cannot be meant."""

from __future__ import annotations

import pytest

from mlci_action.domain.limits import Margin, SliceLimits
from mlci_action.settings.parse import parse_settings
from tests.unit.settings.documents import document, problems


def test_two_spellings_of_one_metric_are_one_too_many() -> None:
    metrics = "metrics:\n  auc: {min: 0.8}\n  roc_auc: {min: 0.7}"
    assert problems(document(metrics=metrics)) == (
        "6: metrics.roc_auc: the same metric as 'auc' in line 5; keep one",
    )


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        (["f1", "rmse"], "rmse: is for a regression target, the metrics above for binary"),
        (["rmse", "f1"], "f1: is for a binary target, the metrics above for regression"),
        (["accuracy", "r2"], "r2: is for a regression target, the metrics above for {both}"),
        (["f1", "roc_auc_ovr"], "roc_auc_ovr: is for a multiclass target, {above} binary"),
    ],
)
def test_metrics_for_different_targets_cannot_be_judged_together(
    metrics: list[str], said: str
) -> None:
    text = "metrics: {" + ", ".join(f"{name}: {{max: 0.5}}" for name in metrics) + "}"
    written_out = said.format(both="binary or multiclass", above="the metrics above for")
    assert problems(document(metrics=text)) == (f"4: metrics.{written_out}",)


def test_metrics_for_one_target_can() -> None:
    metrics = "metrics: {accuracy: {min: 0.5}, f1_macro: {min: 0.5}, log_loss: {max: 1}, f1: }"
    names = [m.metric.name for m in parse_settings(document(metrics=metrics), path="x").metrics]
    assert names == ["accuracy", "f1_macro", "log_loss", "f1"]


@pytest.mark.parametrize("rule", ["max_regression", "min_improvement", "max_improvement"])
def test_a_comparison_without_a_baseline_is_a_problem(rule: str) -> None:
    text = document(baseline="", metrics=f"metrics: {{f1: {{min: 0.1, {rule}: 0.1}}}}")
    assert problems(text) == (
        f"4: metrics.f1.{rule}: compares with a baseline, but baseline.from is missing",
    )


def test_slices_that_compare_without_a_baseline_are_a_problem() -> None:
    text = document("slices: {by: [sex], max_regression: 0.1}", baseline="")
    assert problems(text) == (
        "5: slices.max_regression: compares with a baseline, but baseline.from is missing",
    )


def test_a_missing_baseline_is_said_once() -> None:
    metrics = "metrics: {f1: {max_regression: 0.1}, accuracy: {max_regression: 0.1}}"
    assert len(problems(document(baseline="", metrics=metrics))) == 1


def test_slices_without_a_metric_are_a_problem() -> None:
    data = "data: {evaluation: t.csv, target: y, schema: s.yml}"
    text = document("slices: {by: [sex]}", data=data, metrics="")
    assert problems(text) == ("5: slices: nothing to look at in a slice: no metric is given",)


def test_a_slice_margin_that_no_metric_can_lose_is_a_problem() -> None:
    said = "5: slices.max_regression: can never be violated: no metric can lose that much"
    text = document("slices: {by: [sex], max_regression: 1}")
    assert problems(text) == (said,)


def test_a_slice_margin_that_one_metric_can_lose_is_none() -> None:
    metrics = "metrics: {roc_auc: {min: 0.8}, log_loss: {max: 2}}"
    text = document("slices: {by: [sex], max_regression: 1}", metrics=metrics)
    slices = parse_settings(text, path="mlci.yml").slices
    assert slices == SliceLimits(by=(("sex",),), max_regression=Margin(absolute=1.0))


def test_limits_that_decide_nothing_are_said_beside_the_rest() -> None:
    metrics = "metrics:\n  f1: {min: 1.5, max_regression: {relative: 1}}\n  auc: {mim: 1}"
    reason = "can never be violated: f1 cannot move by more than 1 of the baseline"
    assert problems(document(metrics=metrics)) == (
        f"5: metrics.f1.max_regression.relative: {reason}",
        "5: metrics.f1.min: impossible limit: f1 is never above 1",
        "6: metrics.auc.mim: unknown key; did you mean 'min'?",
    )


@pytest.mark.parametrize(
    "required",
    [
        "schema: s.yml",
        "checks: {missing: {max_share: 0.1}}",
        "checks: {duplicates: {max_share: 0.1}}",
    ],
)
def test_a_data_rule_alone_makes_a_gate(required: str) -> None:
    data = f"data: {{evaluation: t.csv, target: y, {required}}}"
    assert parse_settings(document(data=data, metrics=""), path="mlci.yml").metrics == ()


def test_slices_alone_make_a_gate() -> None:
    text = document("slices: {by: [a], max_regression: 0.1}", metrics="metrics: {f1: }")
    assert parse_settings(text, path="mlci.yml").slices is not None


@pytest.mark.parametrize(
    "only_warning",
    [
        "checks: {missing: {max_share: 0.1, severity: warn}}",
        "checks: {duplicates: {max_share: 0.1, severity: warn}}",
    ],
)
def test_what_only_warns_makes_no_gate(only_warning: str) -> None:
    data = f"data: {{evaluation: t.csv, target: y, {only_warning}}}"
    (said,) = problems(document(data=data, metrics=""))
    assert "no check is required" in said


@pytest.mark.parametrize("slices", ["{by: [a]}", "{by: [a], max_regression: 0.1, severity: warn}"])
def test_slices_that_judge_nothing_make_no_gate(slices: str) -> None:
    (said,) = problems(document(f"slices: {slices}", metrics="metrics: {f1: }"))
    assert "no check is required" in said


@pytest.mark.parametrize(
    ("checks", "key"),
    [
        ("missing: {max_share: 1}", "missing.max_share"),
        ("missing: {columns: {a: 1.0}}", "missing.columns.a"),
        ("duplicates: {max_share: 1}", "duplicates.max_share"),
    ],
)
def test_a_share_that_nothing_exceeds_is_no_limit(checks: str, key: str) -> None:
    data = f"data: {{evaluation: a, target: y, checks: {{{checks}}}}}"
    said = f"1: data.checks.{key}: always holds: a share is never above 1"
    assert problems(document(data=data)) == (said,)


def test_a_share_of_one_exempts_a_column_from_the_limit_of_all() -> None:
    checks = "checks: {missing: {max_share: 0.1, columns: {notes: 1}}}"
    parse_settings(document(data=f"data: {{evaluation: a, target: y, {checks}}}"), path="x")
