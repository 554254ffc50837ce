"""Which part tells in Markdown what it costs to ask the models?"""

from __future__ import annotations

from mlci_action.domain.costs import CostRow
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.report import Report
from mlci_action.rendering.budgets import budget_words, judged_costs
from mlci_action.rendering.figures import NONE, cost_figures
from mlci_action.rendering.markdown import NBSP, code_span, escape_cell, table
from mlci_action.rendering.table_notes import left_out_below, notes_below
from mlci_action.rendering.wording import answered, interval_header

_MEASURE, _UNIT = 40, 10
_SAID = (
    "Medians of n measurements, both models in turn in the same run; p95 is the 95th percentile."
)


def costs_title(report: Report) -> str:
    """How the checks of budgets ended."""
    words = budget_words(report)
    return f"Costs: {words}" if words else "Costs: not judged"


def costs_table(report: Report, most: int) -> str:
    """Both models' costs, at most so many measures."""
    rows = judged_costs(report)
    if not rows or most == 0:
        return ""
    cells = [_cells(row, outcome) for row, outcome in rows[:most]]
    headers = ("Measure", "Baseline", "Candidate", f"Ratio ({interval_header(report)})", "n")
    parts = [
        _SAID,
        table(headers, cells, ("left", "right", "right", "right", "right")),
        notes_below((row.measure, note) for row, _ in rows for note in _notes(row)),
        left_out_below(rows, most, "measures"),
    ]
    return "\n\n".join(part for part in parts if part)


def _cells(row: CostRow, outcome: Outcome | None) -> tuple[str, ...]:
    figures = cost_figures(row)
    between = "" if figures.interval == NONE else f" ({figures.interval})"
    return (
        answered(outcome, code_span(row.measure, _MEASURE), space=NBSP),
        _with_p95(figures.baseline, figures.baseline_p95, row.unit),
        _with_p95(figures.candidate, figures.candidate_p95, row.unit),
        (figures.ratio + between).replace(" ", NBSP),
        figures.n,
    )


def _with_p95(median: str, p95: str, unit: str) -> str:
    if median == NONE:
        return NONE
    shown = f"{median} {escape_cell(unit, _UNIT)}"
    return (shown if p95 == NONE else f"{shown} (p95 {p95})").replace(" ", NBSP)


def _notes(row: CostRow) -> list[str]:
    return [note for note in (row.note, row.ratio.note if row.ratio else "") if note]
