from __future__ import annotations

import pytest
from hypothesis import given, settings

from mlci_action.domain.outcomes import AnnotationLevel, Outcome, Severity
from mlci_action.domain.report import Report
from mlci_action.rendering.annotations import Annotation, render_annotations
from tests.builders import check, report
from tests.sample_reports import SAMPLES, failing
from tests.unit.rendering.reports import reports

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
