from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mlci_action.domain.behaviour import Flips, Value
from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.outcomes import Outcome, Severity
from mlci_action.rendering.wording import (
    answered,
    by_severity,
    flips_words,
    rule_words,
    tally,
    ways_out,
    worst_first,
    worst_outcome,
)
from tests.builders import check, report, row, settled


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


def test_slices_of_metrics_in_other_units_are_ordered_by_what_chance_allows() -> None:
    """A loss in money falls by more than any share, and may still be noise."""
    money = row("mean_absolute_error", 412.0, 431.0, (-20.0, 58.0), Outcome.PASSED)
    share = row("roc_auc", 0.87, 0.84, (-0.04, -0.02), Outcome.PASSED)
    assert worst_first([money, share]) == [share, money]
    by_width = replace(share, interval=replace(settled(-0.04, -0.02), se=None))
    no_error = replace(share, interval=replace(settled(-0.03, -0.03), se=0.0))
    bare = replace(share, interval=None)
    assert worst_first([bare, no_error, money, by_width]) == [by_width, money, bare, no_error]


@pytest.mark.parametrize(
    ("negative", "positive", "words"),
    [
        (
            (12, 0.00184, 0.00105, 0.00322),
            (31, 0.00476),
            (
                "12 rows right before are wrong now (0.18 %, 90 % CI 0.10 to 0.32 %), "
                "31 the reverse (0.48 %)"
            ),
        ),
        (
            (1, 0.005, None, None),
            (0, 0.0),
            "1 row right before is wrong now (0.50 %), 0 the reverse (0.00 %)",
        ),
        (
            (1_234, 0.15, 0.1, 0.2),
            (2, 0.5),
            (
                "1,234 rows right before are wrong now (15 %, 90 % CI 10 to 20 %), "
                "2 the reverse (50 %)"
            ),
        ),
    ],
)
def test_flips_are_told_in_one_line(
    negative: tuple[int, float | None, float | None, float | None],
    positive: tuple[int, float | None],
    words: str,
) -> None:
    rows, *rate = negative
    flips = Flips(
        n=6512,
        negative_rows=rows,
        positive_rows=positive[0],
        negative=Value(value=rate[0], low=rate[1], high=rate[2]),
        positive=Value(value=positive[1]),
    )
    assert flips_words(flips, "90 % CI") == words


def test_an_answer_is_never_a_symbol_alone() -> None:
    assert answered(Outcome.NOT_RUN, "`x`") == "\N{HEAVY MINUS SIGN} not run `x`"
    assert answered(None, "`x`") == "`x`"


def test_several_answers_end_as_the_worst_of_them() -> None:
    assert worst_outcome([Outcome.PASSED, Outcome.WARNED, Outcome.WAIVED]) is Outcome.WARNED
    assert worst_outcome([]) is None


@pytest.mark.parametrize(
    ("check_ids", "first"),
    [
        (["budget.latency.max_ratio"], ["allow a ratio"]),
        (["metric.roc_auc.max_regression"], ["ask for a margin"]),
        (["robustness.noise.max_drop.roc_auc"], ["ask for a margin"]),
        (
            ["budget.latency.max_ratio", "robustness.noise.max_drop_regression"],
            ["ask for a margin", "allow a ratio"],
        ),
    ],
)
def test_more_rows_settle_no_latency_and_a_quiet_machine_settles_no_metric(
    check_ids: list[str], first: list[str]
) -> None:
    ways = ways_out(report(*(check(id_, Outcome.INCONCLUSIVE) for id_ in check_ids)))
    assert [way[: len(start)] for way, start in zip(ways, first, strict=False)] == first
    assert len(ways) == len(first) + 2
