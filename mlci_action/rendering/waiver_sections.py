"""Which parts tell what is tolerated for a while, and what became of it in this run?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mlci_action.domain.report import Report
from mlci_action.domain.waivers import Waiver, WaiverState, WaiverUse, tolerates_down_to
from mlci_action.rendering.console import item
from mlci_action.rendering.figures import NONE, number
from mlci_action.rendering.markdown import code_span, escape_cell, table
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.table_notes import left_out_below

_CHECK, _NAME, _REASON, _ISSUE = 100, 60, 160, 120
_IN_LINE = 3
# What needs somebody's attention comes first.
_FIRST = (WaiverState.EXCEEDED, WaiverState.EXPIRED, WaiverState.USED, WaiverState.UNUSED)
_SAID = "Broken limits that the owner tolerates, up to a ceiling and until a day."


def waivers_line(report: Report) -> str:
    """What was waived, and which waivers did not do; empty where there is no waiver."""
    return _line(report.waivers, lambda text: code_span(text, _CHECK))


def waivers_title(report: Report) -> str:
    """How many waivers, and what became of them."""
    return f"Waivers: {_counts(report.waivers, _FIRST)}" if report.waivers else "Waivers: none"


def waivers_table(report: Report, most: int = 50) -> str:
    """Every waiver with its ceiling, end and reason, at most so many; the exceeded ones first."""
    if not report.waivers or most == 0:
        return ""
    uses = sorted(report.waivers, key=lambda use: _FIRST.index(use.state))
    headers = ("Waiver", "Is", "Tolerated", "Observed", "Until", "Why")
    align = ("left", "left", "right", "right", "left", "left")
    parts = [
        _SAID,
        table(headers, [_cells(use) for use in uses[:most]], align),
        left_out_below(uses, most, "waivers"),
    ]
    return "\n\n".join(part for part in parts if part)


def waiver_lines(report: Report, width: int) -> list[str]:
    """The line for a console."""
    said = _line(report.waivers, lambda text: one_line(text, _CHECK))
    return item("", said, width) if said else []


def _line(uses: Sequence[WaiverUse], shown: Callable[[str], str]) -> str:
    used = [use.waiver for use in uses if use.state is WaiverState.USED]
    told = [f"{shown(each.check)} until {each.expires.isoformat()}" for each in used[:_IN_LINE]]
    if len(used) > _IN_LINE:
        told.append(f"{len(used) - _IN_LINE:,} more")
    others = _counts(uses, [state for state in _FIRST if state is not WaiverState.USED])
    parts = [f"waived: {', '.join(told)}" if told else "", f"waivers: {others}" if others else ""]
    return "; ".join(part for part in parts if part)


def _counts(uses: Sequence[WaiverUse], states: Sequence[WaiverState]) -> str:
    found = [use.state for use in uses]
    return ", ".join(f"{found.count(state):,} {state.value}" for state in states if state in found)


def _cells(use: WaiverUse) -> tuple[str, ...]:
    waiver = use.waiver
    reach = "down to" if tolerates_down_to(waiver.check) else "up to"
    return (
        _about(waiver),
        use.state.value,
        f"{reach} {number(waiver.ceiling)}",
        number(use.observed),
        waiver.expires.isoformat(),
        _why(waiver) or NONE,
    )


def _about(waiver: Waiver) -> str:
    parts = [code_span(waiver.check, _CHECK)]
    if waiver.column is not None:
        parts.append(f"column {code_span(waiver.column, _NAME)}")
    if waiver.slice is not None:
        parts.append(f"slice {code_span(waiver.slice, _NAME)}")
    return ", ".join(parts)


def _why(waiver: Waiver) -> str:
    said = [
        escape_cell(waiver.reason, _REASON),
        escape_cell(waiver.issue or "", _ISSUE),
        escape_cell(waiver.author or "", _NAME),
    ]
    return "; ".join(part for part in said if part)
