"""Which part tells in Markdown how far answers move when the rows are a little different?"""

from __future__ import annotations

from mlci_action.domain.report import Report
from mlci_action.domain.robustness import RobustnessRow
from mlci_action.rendering.changes import Change, changes, robustness_words
from mlci_action.rendering.figures import NONE, robustness_figures
from mlci_action.rendering.markdown import NBSP, code_span, escape_cell, table
from mlci_action.rendering.table_notes import left_out_below, notes_below
from mlci_action.rendering.wording import answered, better_or_worse, interval_header

_WHAT, _MEASURE, _DETAIL = 40, 80, 160
_SAID = (
    "What is lost of a metric, or the share of rows, when the same rows are changed: up is worse."
)


def robustness_title(report: Report) -> str:
    """How the checks of changed rows ended."""
    words = robustness_words(report)
    return f"Robustness: {words}" if words else "Robustness: not judged"


def robustness_table(report: Report, most: int) -> str:
    """Every measure of every change, at most so many; what did not hold comes first."""
    if not report.robustness or most == 0:
        return ""
    lines = [(change, place) for change in changes(report) for place in range(len(change.rows))]
    cells = [_cells(change, place) for change, place in lines[:most]]
    rise = f"Rise ({interval_header(report)})"
    headers = ("Change of the rows", "Measure", "Baseline", "Candidate", rise, "n")
    align = ("left", "left", "right", "right", "right", "right")
    parts = [
        _SAID,
        table(headers, cells, align),
        notes_below((row.what, note) for row in report.robustness for note in _notes(row)),
        left_out_below(lines, most, "rows"),
    ]
    return "\n\n".join(part for part in parts if part)


def _cells(change: Change, place: int) -> tuple[str, ...]:
    """One line; only the first one of a change says all of it."""
    row, outcome = change.rows[place]
    figures = robustness_figures(row)
    detail = escape_cell(change.detail, _DETAIL) if place == 0 else ""
    between = "" if figures.interval == NONE else f" ({figures.interval})"
    ours, rise = figures.candidate + between, NONE
    if row.rise is not None:
        ours = figures.candidate
        rise = better_or_worse(figures.diff, row.rise.value, sign=-1) + between
    return (
        code_span(row.what, _WHAT) + (f": {detail}" if detail else ""),
        answered(outcome, code_span(row.measure, _MEASURE), space=NBSP),
        figures.baseline,
        ours.replace(" ", NBSP),
        rise.replace(" ", NBSP),
        figures.n,
    )


def _notes(row: RobustnessRow) -> list[str]:
    values = {"candidate": row.candidate, "baseline": row.baseline, "rise": row.rise}
    return [f"{of}: {value.note}" for of, value in values.items() if value and value.note]
