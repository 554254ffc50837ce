"""How the self-test is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlci_action.domain.outcomes import Verdict
from mlci_action.domain.self_test import Sabotage, SelfTest, Trial
from mlci_action.rendering.self_test_sections import (
    self_test_line,
    self_test_lines,
    self_test_table,
    self_test_warning,
    self_test_words,
)
from tests.builders import HOSTILE, check, report
from tests.unit.rendering.gfm import rendered

CAUGHT = SelfTest(
    n=4_000,
    trials=tuple(
        Trial(sabotage=sabotage, caught=True, by=("metric.roc_auc.max_regression",))
        for sabotage in Sabotage
    ),
    copy="passed",
)
MISSED = replace(
    CAUGHT,
    trials=(
        Trial(sabotage=Sabotage.PERMUTED, caught=False, verdict=Verdict.PASS),
        Trial(
            sabotage=Sabotage.INVERTED,
            caught=True,
            by=tuple(f"slice.accuracy.max_regression.part={part}" for part in range(5)),
        ),
        Trial(
            sabotage=Sabotage.BROKEN_SLICE,
            caught=True,
            by=("metric.f1.max_regression",),
            verdict=Verdict.INCONCLUSIVE,
        ),
    ),
)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            CAUGHT,
            "gate self-test: 8/8 caught (n = 4,000); an identical copy of the baseline passes",
        ),
        (replace(CAUGHT, copy=None), "gate self-test: 8/8 caught (n = 4,000)"),
        (
            replace(CAUGHT, copy="inconclusive"),
            (
                "gate self-test: 8/8 caught (n = 4,000); an identical copy of the baseline stays "
                "inconclusive: these rows cannot settle the margin"
            ),
        ),
        (
            replace(CAUGHT, equal="inconclusive", note="constant: it already is"),
            (
                "gate self-test: 8/8 caught (n = 4,000); an identical copy of the baseline passes; "
                "another model that is exactly as good as the baseline stays inconclusive: these "
                "rows cannot settle the margin; not tried: constant: it already is"
            ),
        ),
        (
            replace(MISSED, copy="failed"),
            (
                "gate self-test: 2/3 caught (n = 4,000); missed: permuted; an identical copy of "
                "the baseline fails: the comparisons ask for more than being as good"
            ),
        ),
        (SelfTest(n=0, skipped="no model"), "gate self-test: not done: no model"),
    ],
    ids=["caught", "no baseline", "inconclusive", "equal", "missed", "skipped"],
)
def test_all_of_it_is_one_line(found: SelfTest, words: str) -> None:
    assert self_test_words(found) == words


def test_a_report_without_one_says_nothing() -> None:
    empty = report(check())
    assert (self_test_line(empty), self_test_warning(empty), self_test_lines(empty, 80)) == (
        "", "", [],
    )  # fmt: skip


def test_only_what_came_through_is_a_warning() -> None:
    assert self_test_warning(replace(report(check()), self_test=CAUGHT)) == ""
    assert self_test_warning(replace(report(check()), self_test=MISSED)) == (
        "⚠️ **This gate cannot say no.** The policy would deploy a candidate whose predictions are "
        "permuted."
    )
    twice = replace(MISSED, trials=(MISSED.trials[0], replace(MISSED.trials[1], caught=False)))
    assert self_test_warning(replace(report(check()), self_test=twice)) == (
        "⚠️ **This gate cannot say no.** The policy would deploy:\n\n"
        "- a candidate whose predictions are permuted\n"
        "- a candidate whose predictions are inverted"
    )


def test_foreign_text_stays_text() -> None:
    odd = SelfTest(n=0, skipped=HOSTILE, note=HOSTILE)
    shown = rendered(self_test_line(replace(report(check()), self_test=odd)))
    assert not shown.links
    assert "<script>" not in self_test_line(replace(report(check()), self_test=odd))
    lines = self_test_lines(replace(report(check()), self_test=odd), 40)
    assert all(len(line) <= 40 for line in lines)


def test_the_table_says_each_trial_within_the_width() -> None:
    assert self_test_table(MISSED).splitlines() == [
        "permuted            MISSED  it would deploy a candidate whose predictions are",
        "    permuted",
        "inverted            caught  by slice.accuracy.max_regression.part=0,",
        "    slice.accuracy.max_regression.part=1, slice.accuracy.max_regression.part=2,",
        "    and 2 more",
        "broken slice        caught (inconclusive)  by metric.f1.max_regression",
        "",
        "gate self-test: 2/3 caught (n = 4,000); missed: permuted; an identical copy of",
        "the baseline passes",
    ]


def test_a_table_without_trials_says_why() -> None:
    assert (
        self_test_table(SelfTest(n=0, skipped="no model")) == "gate self-test: not done: no model"
    )


@pytest.mark.parametrize("width", [40, 80])
def test_no_line_is_wider_than_asked(width: int) -> None:
    odd = replace(MISSED.trials[1], by=(HOSTILE * 9, "metric.f1.min"))
    table = self_test_table(replace(MISSED, trials=(odd, *MISSED.trials)), width)
    assert max(map(len, table.splitlines())) <= width
