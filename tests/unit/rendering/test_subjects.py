from __future__ import annotations

from dataclasses import replace

import pytest

from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.subjects import flips_check, is_change, rule_of, subject
from tests.builders import by, check, report, row

FEMALE = by(sex="female")


def named(name: str, sensitive: str | None = None) -> ComparisonRow:
    found = row()
    metric = replace(found.metric, name=name)
    return replace(found, metric=metric, sensitive=sensitive)


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (check("metric.roc_auc.min"), named("roc_auc")),
        (check("metric.roc_auc"), named("roc_auc")),
        (check("metric.roc_auc.min~1a2b3c4d"), named("roc_auc")),
        (check("metric.acme.metrics_profit.max_regression"), named("acme.metrics:Profit")),
        (check("metric.f1.min.max"), named("f1.min")),
        (
            check("slice.acme.max.gain.max_regression.sex=female", slice=FEMALE),
            row(slice_=FEMALE, note="acme.max.gain"),
        ),
        (
            check("slice.roc_auc.max_regression.sex=female~1a2b3c4d", slice=FEMALE),
            row(slice_=FEMALE),
        ),
        (
            check("fairness.equalized_odds_ratio.min.sex_&_min.age", sensitive="sex & min.age"),
            named("equalized_odds_ratio", sensitive="sex & min.age"),
        ),
    ],
)
def test_a_check_and_its_row_have_the_same_subject(
    found: CheckResult, shown: ComparisonRow
) -> None:
    """Otherwise a row would not name the rule that it broke; names may hold dots and colons."""
    if shown.note:
        shown = replace(shown, metric=replace(shown.metric, name=shown.note))
    assert subject(found) == subject(shown)


def test_fairness_by_one_column_is_not_fairness_by_another_nor_the_metric_itself() -> None:
    rows = [named("f1"), named("f1", sensitive="sex"), named("f1", sensitive="age")]
    assert len({subject(found) for found in rows}) == 3
    assert subject(check("fairness.f1.max.sex", sensitive="sex")) == subject(rows[1])
    assert subject(check("data.f1")) is None


@pytest.mark.parametrize(
    ("check_id", "rule", "change"),
    [
        ("metric.roc_auc.max_regression", "max_regression", True),
        ("metric.flips.max_negative_rate", "max_negative_rate", True),
        ("metric.acme.min.gain.max", "max", False),
        ("metric.max", "", False),
        ("fairness.equalized_odds_difference.max_regression.sex.max", "max_regression", True),
        ("slice.roc_auc.max_regression.age_>_1.min", "max_regression", True),
        ("data.missing", "", False),
    ],
)
def test_the_rule_of_a_check_is_read_from_its_id(check_id: str, rule: str, change: bool) -> None:  # noqa: FBT001 - a table
    assert (rule_of(check(check_id)), is_change(check(check_id))) == (rule, change)


def test_the_check_on_flips_is_found() -> None:
    flips = check("metric.flips.max_negative_rate")
    assert flips_check(report(check(), flips)) is flips
    assert flips_check(report(check())) is None


@pytest.mark.parametrize(
    "check_id",
    [
        "robustness.noise.max_drop_regression.roc_auc",
        "robustness.typos.max_flips_regression",
        "budget.latency.max_ratio",
    ],
)
def test_changed_rows_and_costs_are_held_against_a_baseline_by_some_rules(check_id: str) -> None:
    assert is_change(check(check_id))


@pytest.mark.parametrize(
    "check_id",
    [
        "robustness.noise.max_drop.roc_auc",
        "robustness.typos.max_flips",
        "robustness.invariant_to.max_drop_regression",
        "robustness.determinism",
        "budget.latency.max_ms",
    ],
)
def test_other_rules_on_them_need_none(check_id: str) -> None:
    assert not is_change(check(check_id))
