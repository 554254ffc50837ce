from __future__ import annotations

from dataclasses import replace

import pytest

from mlci_action.domain.behaviour import Value
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.report import Report
from mlci_action.domain.robustness import RobustnessRow
from mlci_action.rendering.markdown import NBSP
from mlci_action.rendering.robustness_sections import robustness_table, robustness_title
from tests.builders import HOSTILE, check, report
from tests.sample_other_models import ROBUSTNESS
from tests.sample_reports import fragile


def lines(made: Report, most: int = 50) -> list[list[str]]:
    """The cells of the table's rows."""
    found = robustness_table(made, most).replace(NBSP, " ").splitlines()
    rows = [line for line in found if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows]


def test_without_changed_rows_or_room_nothing_is_shown() -> None:
    assert robustness_table(report(check()), 50) == ""
    assert robustness_table(fragile(), 0) == ""


def test_the_title_counts_the_checks_as_they_ended() -> None:
    assert robustness_title(fragile()) == "Robustness: 1 failed, 1 inconclusive, 3 passed"
    unjudged = replace(report(check()), robustness=ROBUSTNESS)
    assert robustness_title(unjudged) == "Robustness: not judged"


def test_a_change_is_told_once_and_each_measure_with_its_answer_and_its_rise() -> None:
    assert lines(fragile())[:4] == [
        [
            "`noise`: 0.1 standard deviations, 7 columns; seed 0", "❌ failed `roc_auc`",
            "0.004", "0.031", "+0.027 worse (0.019 to 0.035)", "2,000",
        ],
        ["`noise`", "`log_loss`", "0.010", "0.063", "+0.053 worse (0.040 to 0.066)", "2,000"],
        [
            "`noise`", "⚠️ inconclusive `flips`",
            "0.011", "0.043", "+0.033 worse (0.024 to 0.042)", "2,000",
        ],
        [
            "`missing`: 0.05 of the cells, 12 columns; seed 0", "✅ passed `roc_auc`",
            "0.0021", "0.0019", "-0.0002 better (-0.0042 to 0.0038)", "2,000",
        ],
    ]  # fmt: skip


def test_what_did_not_hold_comes_first_and_what_is_not_judged_last() -> None:
    made = replace(
        report(
            check("robustness.noise.max_drop.log_loss"),
            check("robustness.noise.max_drop_regression.log_loss", Outcome.NOT_RUN),
            check("robustness.invariant_to.sex", Outcome.FAILED, column="sex"),
        ),
        robustness=ROBUSTNESS,
    )
    assert [(line[0].partition(":")[0], line[1]) for line in lines(made)] == [
        ("`invariant_to`", "❌ failed `violations`"),
        ("`noise`", "`roc_auc`"),
        ("`noise`", "\N{HEAVY MINUS SIGN} not run `log_loss`"),
        ("`noise`", "`flips`"),
        ("`missing`", "`roc_auc`"),
        ("`missing`", "`flips`"),
    ]


def test_columns_that_are_changed_alone_have_their_own_answers() -> None:
    """`income` is not `income_2`, and a flip is no metric."""
    units = [
        replace(ROBUSTNESS[0], what="units", detail=f"times 1000, {column}; seed 0", measure=of)
        for column in ("income", "income_2")
        for of in ("f1.own", "flips")
    ]
    rises = [
        replace(ROBUSTNESS[0], what="monotonic", measure="violations", detail=detail)
        for detail in ("age, increasing: 7 of its quantiles", "Income in k€: 5 of its quantiles")
    ]
    made = report(
        check("robustness.units.max_drop.f1.own.income", Outcome.FAILED, column="income"),
        check("robustness.units.max_flips.income_2", Outcome.INCONCLUSIVE, column="income_2"),
        check("robustness.monotonic.age", column="age"),
        check("robustness.monotonic.income_in_k~0badc0de", Outcome.WARNED, column="Income in k€"),
    )
    found = lines(replace(made, robustness=(*units, *rises)))
    assert [line[1] for line in found] == [
        "❌ failed `f1.own`", "`flips`", "`f1.own`", "⚠️ inconclusive `flips`",
        "⚠️ warned `violations`", "✅ passed `violations`",
    ]  # fmt: skip


def test_without_a_baseline_the_candidate_carries_its_interval_and_the_reason_stands_below() -> (
    None
):
    assert lines(fragile())[-1][2:] == ["-", "0.0000 (0.0000 to 0.0018)", "-", "2,000"]
    note = "- `invariant_to`: baseline: stored predictions answer no other rows"
    assert robustness_table(fragile(), 50).endswith(f"\n\n{note}")


def test_one_reason_for_many_rows_is_told_once() -> None:
    fails = Value(value=None, note="fails in predict")
    rows = tuple(replace(row, baseline=fails, rise=None) for row in ROBUSTNESS)
    shown = robustness_table(replace(fragile(), robustness=rows), 50)
    assert shown.count("fails in predict") == 1
    assert "- `noise`, `missing`, `invariant_to`: baseline: fails in predict" in shown


@pytest.mark.parametrize("note", ["", "cut"])
def test_a_number_that_does_not_exist_is_a_dash(note: str) -> None:
    row = RobustnessRow(
        what="typos", detail="", measure="f1", n=0, candidate=Value(value=None, note=note)
    )
    assert lines(replace(report(check()), robustness=(row,))) == [
        ["`typos`", "`f1`", "-", "-", "-", "0"]
    ]


def test_rows_that_find_no_room_are_counted() -> None:
    assert robustness_table(fragile(), 4).endswith("\n\n2 more rows in report.json.")
    assert len(lines(fragile(), 4)) == 4


def test_foreign_text_stays_text() -> None:
    odd = replace(ROBUSTNESS[0], what=HOSTILE, detail=HOSTILE, measure=HOSTILE)
    odd = replace(odd, rise=Value(value=0.1, note=HOSTILE))
    shown = robustness_table(replace(report(check()), robustness=(odd,)), 50)
    assert "<script>" not in shown
    assert "a|b" not in shown
    assert "@team" not in shown
