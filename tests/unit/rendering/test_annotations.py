from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlci_action.domain.outcomes import AnnotationLevel, Outcome, Severity
from mlci_action.domain.places import Located, Place
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.annotations import (
    Annotation,
    render_annotations,
    render_row_annotations,
)
from tests.builders import HOSTILE, check, report
from tests.sample_reports import SAMPLES, bad_data, failing
from tests.unit.rendering.reports import checks, reports

ERROR, WARNING, NOTICE = AnnotationLevel.ERROR, AnnotationLevel.WARNING, AnnotationLevel.NOTICE


def test_the_verdict_leads_and_the_rest_follows_by_severity() -> None:
    found = render_annotations(failing())
    assert found[0] == Annotation(
        level=ERROR,
        title="mlci: fail",
        message="would not deploy: missing values above the limit: 'income' 120 of 6,530",
    )
    assert [(each.level, each.title) for each in found[1:]] == [
        (WARNING, "mlci: failed: metric.roc_auc.max_regression"),
        (WARNING, "mlci: failed: slice.roc_auc.max_regression.sex=female"),
        (WARNING, "mlci: warned: data.duplicates"),
    ]


@pytest.mark.parametrize(
    ("name", "level"),
    [("pass", NOTICE), ("fail", ERROR), ("inconclusive", WARNING), ("error", ERROR)],
)
def test_the_level_is_the_verdicts(name: str, level: AnnotationLevel) -> None:
    """A step that stays green shows no error."""
    assert render_annotations(SAMPLES[name]())[0].level is level


@pytest.mark.parametrize(
    ("worst", "levels"), [(Outcome.FAILED, (1, 9)), (Outcome.INCONCLUSIVE, (0, 9))]
)
def test_what_the_runner_would_drop_is_counted(worst: Outcome, levels: tuple[int, int]) -> None:
    """The runner keeps ten of a level and says nothing of the others."""
    made = report(*(check(f"data.c{place}", worst, f"bad {place}") for place in range(40)))
    found = render_annotations(made)
    counted = [sum(each.level is level for each in found) for level in (ERROR, WARNING)]
    assert tuple(counted) == levels
    assert found[-1].message == f"+{40 - len(found) + 1} more in the summary"


def test_nine_warnings_need_no_count() -> None:
    made = report(*(check(f"data.c{place}", Outcome.FAILED, f"bad {place}") for place in range(10)))
    assert [each.message for each in render_annotations(made)][1:] == [
        f"bad {place}" for place in range(1, 10)
    ]


def test_one_message_is_one_annotation() -> None:
    made = report(
        check("data.a", Outcome.FAILED, "first"),
        check("data.b", Outcome.FAILED, "twice"),
        check("data.c", Outcome.FAILED, "twice"),
    )
    assert [each.message for each in render_annotations(made)[1:]] == ["twice"]


def test_what_is_only_shown_is_no_warning() -> None:
    """A slice too small to judge is not news."""
    made = report(check(), check("data.x", Outcome.NOT_RUN, "31 rows", severity=Severity.WARN))
    assert len(render_annotations(made)) == 1


@settings(max_examples=60)
@given(reports())
def test_every_text_is_one_visible_line_of_bounded_length(made: Report) -> None:
    for each in render_annotations(made):
        assert each.title.isprintable()
        assert each.message.isprintable()
        assert len(each.message) <= 1_000


def test_columns_of_one_check_are_one_annotation() -> None:
    found = render_annotations(bad_data())
    assert [each.title.removeprefix("mlci: ") for each in found] == [
        "fail",
        "failed: data.missing",
        "failed: data.disguised",
        "failed: data.outliers",
        "failed: data.drift",
        "warned: data.spelling",
        "warned: data.duplicates",
    ]
    # The first column is the verdict's own reason.
    assert found[1].message == (
        "column 'age' lacks 412 of 6,530 values, and 3 of 6,000 in the reference "
        "(and 2 more like it)"
    )


FILE = "data/test.csv"
MISSING = check("data.missing", Outcome.FAILED, "lacks 3", column="income")
RANGE = check("data.range", Outcome.FAILED, "beyond 999", column="age")
SPELLING = check("data.spelling", Outcome.WARNED, "of the form 'Aaa'", column="region")


def located(of: CheckResult, *lines: int | None, file: str = FILE) -> Located:
    places = tuple(Place(file=file, row=row, line=line) for row, line in enumerate(lines, start=1))
    return Located(check_id=of.id, column=of.column, rows=len(places), places=places)


def test_only_lines_that_the_change_touches_are_annotated() -> None:
    found = render_row_annotations(
        [located(MISSING, 2, 5, 6, 7, 9, None), located(RANGE, 5, file="data/other.csv")],
        {FILE: [range(3, 4), range(6, 8), range(10, 20)], "data/gone.csv": [range(1, 9)]},
        [MISSING, RANGE],
    )
    assert found == tuple(
        Annotation(
            level=ERROR,
            title="mlci: data.missing",
            message="column 'income': more values are missing than before or than allowed",
            file=FILE,
            line=line,
        )
        for line in (6, 7)
    )


def test_all_that_is_wrong_with_a_line_is_one_annotation_the_worst_first() -> None:
    (found,) = render_row_annotations(
        [located(SPELLING, 4), located(RANGE, 4), located(MISSING, 4, 4)],
        {FILE: [range(4, 5)]},
        [SPELLING, RANGE, MISSING],
    )
    assert found.title == "mlci: data.range, data.missing, data.spelling"
    assert found.message == (
        "column 'age': numbers lie beyond the ends of what was seen before; "
        "column 'income': more values are missing than before or than allowed; "
        "column 'region': known categories are spelled otherwise"
    )
    assert found.level is ERROR


def test_each_check_has_a_line_before_any_has_a_second_and_failures_before_warnings() -> None:
    found = render_row_annotations(
        [located(SPELLING, 1), located(MISSING, 11, 12, 13), located(RANGE, 22, 21)],
        {FILE: [range(1, 100)]},
        [SPELLING, MISSING, RANGE],
    )
    assert [each.line for each in found] == [11, 22, 12, 21, 13, 1]
    assert [each.level for each in found] == [ERROR] * 5 + [NOTICE]


@pytest.mark.parametrize(
    ("failing_lines", "warned_lines", "levels", "left_out"),
    [
        (40, 0, (8, 2), 30),
        (0, 40, (0, 9), 31),
        (3, 40, (3, 7), 33),
        (9, 0, (8, 1), 0),
        (0, 9, (0, 9), 0),
        (1, 9, (1, 9), 0),
    ],
)
def test_the_runner_drops_no_line_and_what_we_leave_out_is_counted(
    failing_lines: int, warned_lines: int, levels: tuple[int, int], left_out: int
) -> None:
    """Ten of a level are kept, of which the verdict and a crash may take one each."""
    found = render_row_annotations(
        [
            located(MISSING, *range(1, failing_lines + 1)),
            located(SPELLING, *range(1_001, 1_001 + warned_lines)),
        ],
        {FILE: [range(1, 2_000)]},
        [MISSING, SPELLING],
    )
    assert tuple(sum(each.level is level for each in found) for level in (ERROR, NOTICE)) == levels
    more = f" ({left_out} more of the changed lines are in report.sarif)"
    assert found[-1].message.endswith(more) == bool(left_out)
    assert not any("more of the changed" in each.message for each in found[:-1])


def test_with_all_other_annotations_no_level_has_more_than_the_runner_keeps() -> None:
    wrong = [check(f"data.c{place}", Outcome.FAILED, f"bad {place}") for place in range(40)]
    warned = [check(f"data.w{place}", Outcome.WARNED, f"odd {place}") for place in range(40)]
    for found in (wrong, warned, wrong[:5] + warned):
        made = report(check(), *found)
        rows = render_row_annotations(
            [located(one, *range(place, place + 9)) for place, one in enumerate(found)],
            {FILE: [range(100)]},
            found,
        )
        both = [*render_annotations(made), *rows]
        counts = [sum(each.level is level for each in both) for level in (ERROR, WARNING, NOTICE)]
        assert max(counts) <= 10
        assert counts[0] <= 9


def test_what_passed_or_was_not_run_says_nothing_of_a_line() -> None:
    quiet = [check("data.range", outcome) for outcome in (Outcome.PASSED, Outcome.NOT_RUN)]
    for one in quiet:
        assert not render_row_annotations([located(one, 1)], {FILE: [range(1, 2)]}, [one])


def test_neither_messages_nor_values_reach_a_line() -> None:
    shown = check("data.categories", Outcome.FAILED, "'Jane Roe' is new", column="name")
    (found,) = render_row_annotations([located(shown, 1)], {FILE: [range(1, 2)]}, [shown])
    assert "Jane" not in found.title + found.message


@settings(max_examples=60)
@given(st.lists(checks(), max_size=4), st.text(max_size=5))
def test_what_is_told_of_a_line_is_visible_and_bounded(
    found: list[CheckResult], column: str
) -> None:
    odd = check("data.range", Outcome.FAILED, column=column + HOSTILE * 99)
    for each in render_row_annotations(
        [located(one, *range(1, 20)) for one in (*found, odd)],
        {FILE: [range(1, 20)]},
        [*found, odd],
    ):
        assert each.title.isprintable()
        assert each.message.isprintable()
        assert len(each.message) <= 1_000
