from __future__ import annotations

import math

import pytest

from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.outcomes import Outcome, Severity
from mlci_action.rendering.wording import by_severity, rule_words, subject, tally, worst_first
from tests.builders import by, check, row


def fallen(metric: str, by_: float, outcome: Outcome | None = Outcome.PASSED) -> ComparisonRow:
    return row(metric, 0.5, 0.5 - by_, outcome=outcome)


def test_the_worst_is_first_whichever_way_is_better() -> None:
    """First by outcome, then by what was lost; what has no difference comes last of its kind."""
    unknown, worst = fallen("roc_auc", math.nan), fallen("roc_auc", 0.0, Outcome.FAILED)
    better, loss = fallen("roc_auc", -0.1), fallen("log_loss", -0.2)
    shown, undefined = fallen("roc_auc", 0.4, None), row(candidate=None)
    rows = [shown, unknown, better, undefined, loss, worst]
    assert worst_first(rows) == [worst, loss, better, unknown, undefined, shown]


def test_required_checks_come_before_optional_ones_of_the_same_outcome() -> None:
    optional = check("data.a", Outcome.NOT_RUN, severity=Severity.WARN)
    required, passed = check("data.b", Outcome.NOT_RUN), check("data.c")
    assert by_severity([passed, optional, required]) == [required, optional, passed]


def test_outcomes_are_counted_most_severe_first() -> None:
    outcomes = [Outcome.PASSED, Outcome.NOT_RUN, Outcome.PASSED, Outcome.FAILED]
    assert tally(outcomes) == "1 failed, 1 not run, 2 passed"


@pytest.mark.parametrize(
    ("check_id", "limit", "words"),
    [
        ("metric.roc_auc.max_regression", 0.01, "max_regression 0.01"),
        ("metric.roc_auc.min", None, "min"),
        ("metric.roc_auc.min", math.nan, "min"),
        ("metric.roc_auc", 0.8, "0.8"),
    ],
)
def test_a_rule_is_named_with_its_limit(check_id: str, limit: float | None, words: str) -> None:
    assert rule_words(check(check_id, limit=limit)) == words


def test_a_check_and_its_row_have_the_same_subject() -> None:
    """Otherwise a row would not name the rule that it broke."""
    female = by(sex="female")
    rule = check("slice.roc_auc.max_regression.sex=female", slice=female)
    assert subject(rule) == subject(row(slice_=female))
    assert subject(check("data.roc_auc")) is None
