"""What the comment, the summary and the console say of the data."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile
from typing import Any

import pytest

from mlci_action.domain.outcomes import Outcome, Severity
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.comment import render_comment
from mlci_action.rendering.findings import findings, most_telling
from mlci_action.rendering.plain import display_width
from mlci_action.rendering.summary import render_summary
from mlci_action.rendering.terminal import render_terminal
from tests.builders import HOSTILE, check, report, row
from tests.sample_reports import bad_data
from tests.unit.rendering.gfm import rendered


def wrong(name: str, column: str | None, rows: int | None = 1, **fields: Any) -> CheckResult:  # noqa: ANN401
    message = f"column {column!r} is wrong in {rows} rows"
    outcome = fields.pop("outcome", Outcome.FAILED)
    return check(f"data.{name}", outcome, message, column=column, rows=rows, **fields)


def told(*found: CheckResult, **data: Any) -> Report:  # noqa: ANN401
    return replace(report(*found), data=data)


def above_the_fold(made: Report) -> str:
    return render_comment(made).partition("<details>")[0].replace("\N{NO-BREAK SPACE}", " ")


def table_of(text: str, header: str = "| Check ") -> list[list[str]]:
    """The cells of the table that starts so, without its head."""
    lines = text[text.index(f"\n{header}") + 1 :].splitlines()
    rows = takewhile(lambda line: line.startswith("|"), lines[2:])
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows]


def test_what_is_wrong_is_a_table_above_the_fold_the_worst_first() -> None:
    made = told(
        check("data.dtype"),
        wrong("spelling", "region", 900, outcome=Outcome.WARNED),
        wrong("missing", "age", 3),
        wrong("duplicates", None, None),
        wrong("missing", "income", 1_200),
    )
    assert table_of(above_the_fold(made)) == [
        ["❌ failed `data.missing`", "`income`", "1,200", "is wrong in 1200 rows"],
        ["❌ failed `data.missing`", "`age`", "3", "is wrong in 3 rows"],
        ["❌ failed `data.duplicates`", "-", "-", "column None is wrong in None rows"],
        ["⚠️ warned `data.spelling`", "`region`", "900", "is wrong in 900 rows"],
    ]


def test_a_table_of_the_data_is_no_reason_told_a_second_time() -> None:
    many = [wrong("missing", f"c{place}") for place in range(12)]
    shown = above_the_fold(told(*many))
    assert "\n- " not in shown
    assert shown.count("`data.missing`") == 8 + 1
    assert "4 more: 4 `data.missing`." in shown


def test_every_check_is_seen_before_one_fills_the_table() -> None:
    many = [wrong("missing", f"c{place}", 900 - place) for place in range(20)]
    others = [wrong(name, "x") for name in ("range", "drift", "sign")]
    shown = above_the_fold(told(*many, *others, wrong("dates", "d", outcome=Outcome.WARNED)))
    rows = table_of(shown)
    assert [cells[0].split("`")[1] for cells in rows] == [
        *["data.missing"] * 5,
        *("data.range", "data.drift", "data.sign"),
    ]
    assert [cells[1] for cells in rows[:5]] == [f"`c{place}`" for place in range(5)]
    assert "16 more: 15 `data.missing`, 1 `data.dates`." in shown


def test_many_kinds_that_are_left_out_are_not_all_named() -> None:
    made = told(*(wrong(f"kind{place}", "x") for place in range(20)))
    assert above_the_fold(made).count("1 `data.kind") == 5
    assert " and others.\n" in above_the_fold(made)


def test_a_check_that_could_not_run_is_a_reason_told_once_and_no_finding() -> None:
    """A file that cannot be read stops all of them with one sentence."""
    names = ("missing", "range", "drift")
    same = [wrong(name, None, outcome=Outcome.ERRORED) for name in names]
    shown = above_the_fold(told(check("data.ids", Outcome.ERRORED, "first"), *same))
    assert "| Check" not in shown
    assert "- ❌ errored `data.missing` and 2 more: column None is wrong" in shown


def test_answers_of_one_check_for_several_columns_are_one_reason() -> None:
    """What no table tells is grouped too."""
    open_ones = [wrong("labels", name, outcome=Outcome.INCONCLUSIVE) for name in "abcd"]
    first = check("metric.f1.min", Outcome.INCONCLUSIVE, "first")
    shown = above_the_fold(told(first, *open_ones))
    assert "- ⚠️ inconclusive `data.labels` and 3 more: column 'a' is wrong" in shown
    assert shown.count("data.labels") == 1


def test_checks_of_the_data_that_passed_are_one_line_and_counted_once_each() -> None:
    held = [check(f"data.{name}") for name in ("dtype", "range", "sign")]
    shown = render_comment(told(*held, wrong("missing", "a"), wrong("missing", "b")))
    assert "<summary>4 checks: 1 failed, 3 passed</summary>" in shown
    assert "- ✅ 3 checks of the data passed: `data.dtype`, `data.range`, `data.sign`\n" in shown
    assert "passed `data.dtype`" not in shown
    alone = render_comment(told(held[0]))
    assert "- ✅ passed `data.dtype`: missing values stay within the limit" in alone


def test_what_the_data_were_compared_with_stands_under_what_is_wrong() -> None:
    reference = {"origin": "profile of main", "rows": 6000, "digest": "sha256:" + "ef" * 32}
    line = "Data compared with: profile of main, 6,000 rows, `sha256:efefefefefef`"
    shown = above_the_fold(told(wrong("missing", "a"), reference=reference))
    assert f"|\n\n{line}\n\npolicy: " in shown
    quiet = above_the_fold(told(check("data.dtype"), reference=reference))
    assert f"policy: from this pull request; {line}\n" in quiet


def test_without_earlier_data_it_says_why() -> None:
    made = told(check("data.dtype"), reference={"why_none": "there is no baseline"})
    assert "Data compared with no earlier data: there is no baseline\n" in above_the_fold(made)
    assert "compared with" not in above_the_fold(told(check("data.dtype")))


DRIFT = {"column": "age", "d": 0.2, "low": 0.1, "high": 0.3, "p": 1e-9, "drifted": True}


def test_drift_is_folded_with_what_is_judged_and_what_is_only_shown() -> None:
    made = bad_data()
    shown = render_comment(made)
    section = shown[shown.index("<summary>Drift: 1 of 3 columns moved</summary>") :]
    assert "Judged is D, the share of rows that moved" in section
    assert "are only reported" in section
    assert "With these rows a D below 0.038 would not be seen." in section
    assert "Drift" not in shown.partition("<details>")[0]
    assert [cells[0] for cells in table_of(section, "| Column ")] == [
        "`age`",
        "`income`",
        "`region`",
    ]
    assert "#### Drift: 1 of 3 columns moved" in render_summary(made)


def test_twenty_columns_of_drift_are_shown_and_the_rest_counted() -> None:
    made = told(check(), drift=[DRIFT | {"column": f"c{place}"} for place in range(30)])
    for shown in (render_comment(made), render_summary(made)):
        assert len(table_of(shown, "| Column ")) == 20
        assert "10 more columns in report.json" in shown


def test_importance_has_a_column_where_any_is_known() -> None:
    without, with_one = (
        render_comment(told(check(), drift=[DRIFT, DRIFT | {"importance": known}]))
        for known in (None, 0.3)
    )
    assert "Importance" not in without
    assert [cells[-1] for cells in table_of(with_one, "| Column ")] == ["-", "0.3"]


def test_a_moved_column_has_the_answer_of_its_check() -> None:
    drifted = wrong("drift", "age", outcome=Outcome.WARNED)
    shown = render_comment(told(check(), drifted, drift=[DRIFT, DRIFT | {"column": "b"}]))
    answers = [cells[1] for cells in table_of(shown, "| Column ")]
    assert answers == ["⚠️\N{NO-BREAK SPACE}moved", "moved"]


@pytest.mark.parametrize(
    "data",
    [
        {"reference": "text", "drift": "text", "smallest_drift": "text"},
        {"reference": {"origin": 3, "rows": "many"}, "drift": {"column": "x"}},
        {"reference": {"origin": ["x"], "why_none": {}}, "drift": [None, 1, [DRIFT]]},
        {"drift": [{}, {"column": None, "d": "0.2", "p": True, "drifted": "yes"}]},
        {"drift": [{"column": HOSTILE, "d": float("nan"), "low": float("inf")}]},
        {
            "reference": {"origin": HOSTILE, "rows": -1, "digest": HOSTILE},
            "smallest_drift": HOSTILE,
        },
    ],
)
def test_a_report_that_was_tampered_with_says_nothing_it_should_not(data: dict[str, Any]) -> None:
    made = told(wrong("missing", HOSTILE), check("data.dtype"), **data)
    markdown = render_comment(made)
    page = rendered(markdown)
    assert page.links == ()
    assert "<script" not in markdown
    assert "::error" not in markdown
    assert not re.search(r"@(?!&#8203;)", re.sub(r"`[^`]*`", "", markdown))
    assert "moved" not in markdown.replace("not\N{NO-BREAK SPACE}moved", "").replace(
        " columns moved", ""
    ).replace(" column moved", "").replace("rows that moved", "")
    assert all(line.isprintable() for line in render_terminal(made).splitlines())


def test_the_console_wraps_what_is_wrong_beside_its_column() -> None:
    message = "column 'age' lacks 412 of 6,530 values, and 3 of 6,000 in the reference"
    made = told(check("data.missing", Outcome.FAILED, message, column="age", rows=412))
    assert render_terminal(made).splitlines()[3:6] == [
        "Answer Check        Column Rows What",
        "failed data.missing age     412 lacks 412 of 6,530 values, and 3 of 6,000 in the",
        "                                reference",
    ]


def test_a_narrow_console_has_sentences_instead_of_columns() -> None:
    lines = render_terminal(told(wrong("missing", "income"), wrong("range", "日本")), width=40)
    assert "\nfailed: data.missing: column 'income' is\n    wrong in 1 rows\n" in lines
    assert max(map(display_width, lines.splitlines())) <= 40


def test_the_console_tells_the_data_once_and_counts_what_it_leaves_out() -> None:
    many = [wrong("missing", f"c{place}") for place in range(15)]
    shown = render_terminal(told(*many, wrong("range", "x", outcome=Outcome.WARNED)))
    assert shown.count("c3") == 1
    assert "and 6 more in the report\n" in shown
    assert "more reasons" not in shown
    assert "Checks: 1 failed, 1 warned\n" in shown


def test_colours_of_the_data_change_nothing_else() -> None:
    for width in (40, 80):
        colored = render_terminal(bad_data(), width=width, color=True)
        assert re.sub(r"\x1b\[\d+m", "", colored) == render_terminal(bad_data(), width=width)
        assert colored.count("\x1b[31mfailed\x1b[0m") >= 7


def test_the_order_is_severity_then_the_check_then_how_many_rows() -> None:
    found = [
        wrong("a", "1", 1, outcome=Outcome.WARNED),
        wrong("b", "2", None),
        wrong("c", "3", 5),
        wrong("b", "4", 9),
        check("data.d", Outcome.INCONCLUSIVE),
        check("metric.f1.min", Outcome.FAILED),
        check("data.e", Outcome.NOT_RUN, severity=Severity.WARN),
    ]
    assert [each.column for each in findings(report(*found, rows=(row(),)))] == ["4", "2", "3", "1"]
    ordered = findings(report(*found))
    assert [each.column for each in most_telling(ordered, 2)] == ["4", "3"]
    assert most_telling(ordered, 9) == ordered
    assert most_telling(ordered, 0) == []
