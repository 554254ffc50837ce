"""Settings that fit their shape and still cannot be meant."""

from __future__ import annotations

import pytest

from mlci_action.domain.limits import FlipLimits, Margin, SliceLimits
from mlci_action.settings.parse import parse_settings
from tests.unit.settings.documents import document, problems


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


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("flips: {max_negative_rate: 0.1}", "flips.max_negative_rate"),
        (
            "fairness: {sensitive: [a], equalized_odds_ratio: {min_improvement: 0.1}}",
            "fairness.equalized_odds_ratio.min_improvement",
        ),
        ("slices: {by: [a], find: 3}", "slices.find"),
    ],
)
def test_whatever_else_compares_needs_a_baseline(section: str, key: str) -> None:
    said = f"5: {key}: compares with a baseline, but baseline.from is missing"
    assert problems(document(section, baseline="")) == (said,)


@pytest.mark.parametrize(
    "section",
    [
        "slices: {by: [a], find: 0}",
        "slices: {by: [a]}",
        "fairness: {sensitive: [a], equalized_odds_difference: {max: 0.1}}",
    ],
)
def test_what_looks_at_the_candidate_alone_needs_none(section: str) -> None:
    assert parse_settings(document(section, baseline=""), path="mlci.yml").baseline == ()


def test_a_missing_baseline_is_said_once() -> None:
    metrics = "metrics: {f1: {max_regression: 0.1}, accuracy: {max_regression: 0.1}}"
    assert len(problems(document(baseline="", metrics=metrics))) == 1


def test_slices_without_a_metric_are_a_problem() -> None:
    data = "data: {evaluation: t.csv, target: y, schema: s.yml}"
    text = document("slices: {by: [sex]}", data=data, metrics="")
    assert problems(text) == ("5: slices: nothing to look at in a slice: no metric is given",)


@pytest.mark.parametrize(
    "section", ["flips: {max_negative_rate: 0.1}", "fairness: {sensitive: [a]}"]
)
def test_regions_are_found_for_whatever_asks_the_models(section: str) -> None:
    data = "data: {evaluation: t.csv, target: y, schema: s.yml}"
    text = document("slices: {find: 2}", section, data=data, metrics="")
    assert parse_settings(text, path="mlci.yml").slices == SliceLimits(find=2)


def test_regions_of_models_that_nobody_asks_are_a_problem() -> None:
    data = "data: {evaluation: t.csv, target: y, schema: s.yml}"
    text = document("slices: {find: 2}", data=data, metrics="")
    assert problems(text) == ("5: slices: nothing to look at in a slice: no metric is given",)


@pytest.mark.parametrize(
    "metrics", ["max_error: {max: 3}", "a:f: {max: 3, direction: lower_is_better}"]
)
def test_a_slice_margin_that_no_interval_settles_is_a_problem(metrics: str) -> None:
    said = "can never be violated: none of the metrics has an interval in a slice"
    slices = "slices: {by: [sex], max_regression: 1}"
    text = document(slices, metrics=f"metrics: {{{metrics}}}")
    assert problems(text) == (f"5: slices.max_regression: {said}",)
    by_point = document(slices, "evidence: {decide_by: point}", metrics=f"metrics: {{{metrics}}}")
    assert parse_settings(by_point, path="mlci.yml").slices is not None


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
        "checks: {missing: {severity: fail}}",
        "checks: {drift: {max: 0.2}}",
        "checks: {spelling: {severity: fail}}",
        "checks: {spelling: {severity: warn}, leakage: {severity: fail}}",
        "integrity: [start <= end]",
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
        "checks: {drift: {max: 0.2, severity: warn}, spelling: {severity: warn}}",
        "checks: {drift: off, missing: off}",
        "integrity: [{never: a > b, severity: warn}]",
        "train: train.csv",
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
    "section",
    [
        "flips: {max_negative_rate: 0.1}",
        "fairness: {sensitive: [a], equalized_odds_ratio: {min: 0.8}}",
        "fairness: {sensitive: [a], equalized_odds_ratio: {max_regression: 0.1}}",
    ],
)
def test_flips_or_fairness_alone_make_a_gate(section: str) -> None:
    assert parse_settings(document(section, metrics=""), path="mlci.yml").metrics == ()


@pytest.mark.parametrize(
    "section",
    [
        "flips: {max_negative_rate: 0.1, severity: warn}",
        "fairness: {sensitive: [a]}",
        "fairness: {sensitive: [a], equalized_odds_ratio: }",
        "fairness: {sensitive: [a], equalized_odds_ratio: {min: 0.8, severity: warn}}",
    ],
)
def test_flips_and_fairness_without_a_required_limit_make_none(section: str) -> None:
    (said,) = problems(document(section, metrics=""))
    assert "no check is required" in said


_SMALL = "a difference is better when small: use max"
_NEAR_ONE = "a ratio is better when near 1: use min"


@pytest.mark.parametrize(
    ("name", "limit", "key", "said"),
    [
        ("equalized_odds_difference", "{min: 0.1}", "min", _SMALL),
        ("equalized_odds_difference", "{min: 0}", "min", _SMALL),
        ("equal_opportunity_ratio", "{max: 0.9}", "max", _NEAR_ONE),
        ("equal_opportunity_ratio", "{max: 1}", "max", _NEAR_ONE),
        ("equal_opportunity_ratio", "{min: 2}", "min", "impossible limit: {} is never above 1"),
        ("equalized_odds_difference", "{max: 1}", "max", "always holds: {} is never above 1"),
        (
            "demographic_parity_ratio",
            "{max_regression: 1}",
            "max_regression",
            "can never be violated: {} cannot move by more than 1",
        ),
        (
            "demographic_parity_difference",
            "{min_improvement: {relative: 1}}",
            "min_improvement.relative",
            "can never be met: {} cannot move by more than 1 of the baseline",
        ),
    ],
)
def test_a_fairness_limit_that_cannot_be_meant_is_said(
    name: str, limit: str, key: str, said: str
) -> None:
    text = document(f"fairness: {{sensitive: [sex], {name}: {limit}}}")
    assert problems(text) == (f"5: fairness.{name}.{key}: {said.format(name)}",)


def test_fairness_limits_are_looked_at_beside_what_does_not_fit() -> None:
    limits = "equal_opportunity_ratio: {min: 2}, equalized_odds_ratio: {mim: 0.8}"
    impossible = "impossible limit: equal_opportunity_ratio is never above 1"
    assert problems(document(f"fairness: {{sensitive: [sex], {limits}}}")) == (
        f"5: fairness.equal_opportunity_ratio.min: {impossible}",
        "5: fairness.equalized_odds_ratio.mim: unknown key; did you mean 'min'?",
    )


@pytest.mark.parametrize("sensitive", ["[approved]", "[sex, [sex, approved]]"])
def test_the_target_is_not_sensitive_to_itself(sensitive: str) -> None:
    said = "5: fairness.sensitive: names the target, which tells no groups of people apart"
    assert problems(document(f"fairness: {{sensitive: {sensitive}}}")) == (said,)


def test_a_share_of_no_flips_is_never_shown() -> None:
    """However many rows there are, an interval around their rate reaches above zero."""
    said = "can never pass: no number of rows shows a rate of 0; allow some"
    text = document("flips: {max_negative_rate: 0}")
    assert problems(text) == (f"5: flips.max_negative_rate: {said}",)


def test_a_share_of_no_flips_can_be_counted() -> None:
    text = document("flips: {max_negative_rate: 0}", "evidence: {decide_by: point}")
    flips = parse_settings(text, path="mlci.yml").flips
    assert flips == FlipLimits(max_negative_rate=0.0)


def test_a_share_of_all_flips_is_no_limit() -> None:
    text = document("flips: {max_negative_rate: 1}")
    said = "5: flips.max_negative_rate: always holds: a share is never above 1"
    assert problems(text) == (said,)


def test_a_ratio_without_a_baseline_is_a_problem() -> None:
    said = "5: budgets.latency.max_ratio: compares with a baseline, but baseline.from is missing"
    text = document("budgets: {latency: {max_ms: 5, max_ratio: 2}}", baseline="")
    assert problems(text) == (said,)
    alone = document("budgets: {latency: {max_ms: 5}}", baseline="")
    assert parse_settings(alone, path="mlci.yml").budgets.budgets[0].max == 5


def test_a_budget_alone_is_a_gate_unless_it_only_warns() -> None:
    text = document("budgets: {model_size: {max_mb: 5}}", metrics="")
    assert parse_settings(text, path="mlci.yml").metrics == ()
    warns = document("budgets: {model_size: {max_mb: 5, severity: warn}}", metrics="")
    assert "no check is required" in problems(warns)[0]


@pytest.mark.parametrize(
    ("candidate", "why"),
    [
        ("{predictions: p.csv}", "predictions: predictions have no latency, and load nothing"),
        ("{model: m, predict: './p {model} {input} {output}'}", "predict: of a command"),
    ],
)
def test_what_is_not_loaded_costs_no_more_than_its_size(candidate: str, why: str) -> None:
    budgets = "budgets: {model_size: {max_mb: 5}, memory: {max_mb: 9}}"
    (problem,) = problems(document(budgets, candidate=f"candidate: {candidate}"))
    assert problem.startswith(f"5: budgets.memory: candidate.{why}")
