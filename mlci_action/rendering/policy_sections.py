"""Which parts tell what a change would do to the limits that it is judged by?"""

from __future__ import annotations

from mlci_action.domain.policy import Move, PolicyChange
from mlci_action.domain.report import Report
from mlci_action.rendering.console import item
from mlci_action.rendering.figures import NONE
from mlci_action.rendering.markdown import code_span, escape_cell, table
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.table_notes import left_out_below

_RULE, _VALUE = 100, 120
_IN_NOTE = 3
_LOOSER = "This change would loosen the policy; it was judged by the base branch's"
_SAID = (
    "What this change has otherwise than the base branch. Of every rule the stricter counts; what"
    " is looser counts once it is merged."
)


def policy_note(report: Report) -> str:
    """Which limits the change would loosen; empty where it would loosen none."""
    looser = _looser(report)
    if not looser:
        return ""
    told = [
        f"{code_span(change.rule, _RULE)} from {_value(change.before)} to {_value(change.after)}"
        for change in looser[:_IN_NOTE]
    ]
    return f"⚠️ {_LOOSER}: {', '.join([*told, *_more(looser)])}."


def policy_title(report: Report) -> str:
    """How many rules the change has otherwise, and how."""
    moves = [change.move for change in _changes(report)]
    counts = [f"{moves.count(move):,} {move.value}" for move in Move if move in moves]
    return f"Policy: {', '.join(counts)}" if counts else "Policy: as in the base branch"


def policy_table(report: Report, most: int = 50) -> str:
    """Every rule that the change has otherwise, at most so many; what it would loosen first."""
    found = _changes(report)
    if not found or most == 0:
        return ""
    cells = [
        (
            code_span(change.rule, _RULE),
            _value(change.before),
            _value(change.after),
            change.move.value,
            "yes" if change.in_force else "once merged",
        )
        for change in found[:most]
    ]
    headers = ("Rule", "Base branch", "This change", "Is", "In force")
    parts = [_SAID, table(headers, cells, ("left",) * 5), left_out_below(found, most, "rules")]
    return "\n\n".join(part for part in parts if part)


def policy_lines(report: Report, width: int) -> list[str]:
    """The note for a console, with every rule that would be looser on a line of its own."""
    looser = _looser(report)
    if not looser:
        return []
    lines = item("", f"{_LOOSER}:", width)
    for change in looser[:_IN_NOTE]:
        said = f"{one_line(change.rule, _RULE)}: {_plain(change.before)} -> {_plain(change.after)}"
        lines += item("  ", said, width)
    return [*lines, *(f"  {more}" for more in _more(looser))]


def _changes(report: Report) -> tuple[PolicyChange, ...]:
    return () if report.policy is None else report.policy.changes


def _looser(report: Report) -> list[PolicyChange]:
    return [change for change in _changes(report) if change.move is Move.LOOSER]


def _more(looser: list[PolicyChange]) -> list[str]:
    return [f"and {len(looser) - _IN_NOTE:,} more"] if len(looser) > _IN_NOTE else []


def _value(text: str | None) -> str:
    return "none" if text is None else escape_cell(text, _VALUE) or NONE


def _plain(text: str | None) -> str:
    return "none" if text is None else one_line(text, _VALUE)
