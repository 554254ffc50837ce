"""What is tolerated stays visible: with its ceiling, its end and its reason."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.report import Report
from mlci_action.domain.waivers import Waiver, WaiverState, WaiverUse
from mlci_action.rendering.fits import misfit
from mlci_action.rendering.waiver_fields import waiver_fields, waiver_of, waiver_schema
from mlci_action.rendering.waiver_sections import (
    waiver_lines,
    waivers_line,
    waivers_table,
    waivers_title,
)
from tests.builders import HOSTILE, check, report
from tests.unit.rendering.gfm import rendered
from tests.unit.rendering.reports import TEXTS

WAIVER = Waiver(
    check="metric.roc_auc.max_regression",
    ceiling=0.03,
    reason="few rows so far",
    expires=date(2027, 3, 31),
    issue="GH 7",
    author="ada",
)
USED = WaiverUse(waiver=WAIVER, state=WaiverState.USED, observed=0.021)
UNUSED = WaiverUse(waiver=replace(WAIVER, check="data.drift"), state=WaiverState.UNUSED)
BEYOND = WaiverUse(
    waiver=Waiver(
        check="metric.roc_auc.min",
        ceiling=0.7,
        reason="r",
        expires=date(2028, 1, 1),
        column="age",
        slice="sex=f",
    ),
    state=WaiverState.EXCEEDED,
    observed=0.65,
)


def of(*uses: WaiverUse) -> Report:
    return replace(report(check()), waivers=uses)


def test_one_line_says_what_was_waived_and_what_did_not_do() -> None:
    made = of(USED, UNUSED, BEYOND)
    assert waivers_line(made) == (
        "waived: `metric.roc_auc.max_regression` until 2027-03-31; waivers: 1 exceeded, 1 unused"
    )
    assert waiver_lines(made, 200) == [
        "waived: metric.roc_auc.max_regression until 2027-03-31; waivers: 1 exceeded, 1 unused"
    ]
    assert waivers_title(made) == "Waivers: 1 exceeded, 1 used, 1 unused"
    assert waivers_line(of(UNUSED)) == "waivers: 1 unused"


def test_without_waivers_nothing_is_shown() -> None:
    assert waivers_line(of()) == waivers_table(of()) == waivers_table(of(USED), 0) == ""
    assert waiver_lines(of(), 80) == []


def test_the_table_begins_with_what_needs_attention() -> None:
    shown = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in waivers_table(of(USED, UNUSED, BEYOND)).splitlines()
        if line.startswith("|")
    ]
    assert shown[0] == ["Waiver", "Is", "Tolerated", "Observed", "Until", "Why"]
    assert shown[2:] == [
        [
            "`metric.roc_auc.min`, column `age`, slice `sex=f`", "exceeded", "down to 0.7", "0.65",
            "2028-01-01", "r",
        ],
        [
            "`metric.roc_auc.max_regression`", "used", "up to 0.03", "0.021", "2027-03-31",
            "few rows so far; GH 7; ada",
        ],
        ["`data.drift`", "unused", "up to 0.03", "-", "2027-03-31", "few rows so far; GH 7; ada"],
    ]  # fmt: skip


def test_many_waivers_are_counted() -> None:
    assert waivers_table(of(*[USED] * 60)).endswith("\n\n10 more waivers in report.json.")
    assert "57 more; " not in waivers_line(of(*[USED] * 60))
    assert waivers_line(of(*[USED] * 60)).endswith(", 57 more")


def test_foreign_text_stays_text() -> None:
    odd = replace(
        WAIVER,
        check=HOSTILE, reason=HOSTILE, issue=HOSTILE, author=HOSTILE, column=HOSTILE, slice=HOSTILE,
    )  # fmt: skip
    made = of(replace(USED, waiver=odd))
    for shown in (waivers_line(made), waivers_table(made)):
        assert not rendered(shown).links
        assert "<script>" not in shown
        assert "@team" not in shown
        assert "::error::" not in shown
    assert all("\n" not in line for line in waiver_lines(made, 80))


_MAYBE = st.none() | TEXTS
USES = st.builds(
    WaiverUse,
    waiver=st.builds(
        Waiver,
        check=st.sampled_from(["metric.roc_auc.min", "data.missing"]),
        ceiling=st.floats(allow_nan=False, allow_infinity=False),
        reason=TEXTS,
        expires=st.dates(),
        issue=_MAYBE,
        author=_MAYBE,
        column=_MAYBE,
        slice=_MAYBE,
    ),
    state=st.sampled_from(WaiverState),
    observed=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)


@given(use=USES)
def test_the_fields_hold_all_of_it_and_fit_their_schema(use: WaiverUse) -> None:
    fields = json.loads(json.dumps(waiver_fields(use)))
    assert misfit(fields, waiver_schema()) is None
    assert waiver_of(fields) == use


@pytest.mark.parametrize(
    "field",
    [{"expires": "tomorrow"}, {"state": "new"}, {"ceiling": None}, {"ceiling": True}, {"more": 1}],
)
def test_what_is_no_waiver_does_not_fit(field: dict[str, object]) -> None:
    assert misfit(waiver_fields(USED) | field, waiver_schema()) is not None


def test_a_day_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="day"):
        waiver_of(waiver_fields(USED) | {"expires": "2027-02-31"})
