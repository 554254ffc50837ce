"""What does the console show of the data? What is wrong, in which column and in how many rows."""

from __future__ import annotations

from collections.abc import Sequence

from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.console import OUTCOME_COLORS, item, paint
from mlci_action.rendering.figures import NONE
from mlci_action.rendering.findings import (
    compared_with,
    drift_words,
    findings,
    most_telling,
    smallest_drift_words,
    what_was_found,
)
from mlci_action.rendering.plain import display_width, one_line, wrapped
from mlci_action.rendering.wording import outcome_words

_MAX_FINDINGS = 10
_NARROWEST_WHAT, _WIDEST_NAME, _WHAT = 24, 24, 200
_HEADERS = ("Answer", "Check", "Column", "Rows", "What")


def data_lines(report: Report, width: int, *, color: bool) -> list[str]:
    """A table of what is wrong, then what the data were compared with and how far they moved."""
    found = findings(report)
    shown = most_telling(found, _MAX_FINDINGS)
    lines = _table(shown, width, color=color) if shown else []
    if len(found) > len(shown):
        lines.append(f"and {len(found) - len(shown):,} more in the report")
    drift = "; ".join(part for part in (drift_words(report), smallest_drift_words(report)) if part)
    said = [compared_with(report), f"drift: {drift}" if drift else ""]
    return lines + [line for text in said if text for line in item("", text, width)]


def _table(checks: Sequence[CheckResult], width: int, *, color: bool) -> list[str]:
    cells = [
        (
            outcome_words(check.outcome),
            one_line(check.id, _WIDEST_NAME),
            NONE if check.column is None else one_line(check.column, _WIDEST_NAME),
            NONE if check.rows is None else f"{check.rows:,}",
        )
        for check in checks
    ]
    widths = [
        max(display_width(row[place]) for row in [_HEADERS, *cells])
        for place in range(len(_HEADERS) - 1)
    ]
    before = sum(widths) + len(widths)
    if width - before < _NARROWEST_WHAT:
        return [line for check in checks for line in _stacked(check, width, color=color)]
    lines = [_joined(_HEADERS[:-1], widths) + _HEADERS[-1]]
    for check, row in zip(checks, cells, strict=True):
        first, *rest = wrapped(one_line(what_was_found(check), _WHAT), width - before)
        answer = paint(row[0], OUTCOME_COLORS.get(check.outcome), color=color)
        lines.append(_joined(row, widths).replace(row[0], answer, 1) + first)
        lines += [" " * before + part for part in rest]
    return lines


def _joined(row: Sequence[str], widths: Sequence[int]) -> str:
    """All but the last cell to the left, each with a space behind it."""
    *names, count = row
    padded = [
        name + " " * (size - display_width(name))
        for name, size in zip(names, widths[:-1], strict=True)
    ]
    return " ".join([*padded, count.rjust(widths[-1]), ""])


def _stacked(check: CheckResult, width: int, *, color: bool) -> list[str]:
    """The same in one sentence, for a console or for names that leave no room for columns."""
    words = outcome_words(check.outcome)
    first, *rest = item(f"{words}: ", f"{check.id}: {check.message}", width)
    return [
        first.replace(words, paint(words, OUTCOME_COLORS.get(check.outcome), color=color), 1),
        *rest,
    ]
