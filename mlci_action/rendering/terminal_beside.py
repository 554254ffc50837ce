"""What does the console show of changed rows and of costs?"""

from __future__ import annotations

from mlci_action.domain.costs import CostRow
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.report import Report
from mlci_action.domain.robustness import RobustnessRow
from mlci_action.rendering.budgets import judged_costs
from mlci_action.rendering.changes import Change, changes
from mlci_action.rendering.console import item
from mlci_action.rendering.figures import NONE, cost_figures, robustness_figures
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.terminal_table import Line, number_table
from mlci_action.rendering.wording import interval_header, outcome_words

_MAX_CHANGES, _MAX_MEASURES, _MAX_COSTS, _MAX_HELD = 6, 4, 8, 12
_NAME, _DETAIL, _NOTE, _UNIT = 40, 120, 160, 10


def robustness_lines(report: Report, width: int, *, color: bool) -> list[str]:
    """The numbers of each change that did not hold; what held is named in one line."""
    found = changes(report)
    held = [change for change in found if change.outcome is Outcome.PASSED]
    others = [change for change in found if change.outcome is not Outcome.PASSED]
    lines = [line for change in others[:_MAX_CHANGES] for line in _of_change(report, change)]
    headers = ("Rows changed", "Baseline", "Candidate", "Rise", interval_header(report), "n")
    shown = number_table(headers, lines, width, color=color) if lines else []
    more = len(others) - len(others[:_MAX_CHANGES])
    said = [f"and {more:,} more changes in the report"] if more else []
    if held:
        names = dict.fromkeys(one_line(change.what, _NAME) for change in held)
        told = ", ".join(list(names)[:_MAX_HELD])
        said.append(f"passed on changed rows: {told}")
    return shown + [text for sentence in said for text in item("", sentence, width)]


def cost_lines(report: Report, width: int, *, color: bool) -> list[str]:
    """Each measure of both models, and the slowest of twenty below it."""
    rows = judged_costs(report)
    if not rows:
        return []
    level = interval_header(report)
    lines = [line for row, outcome in rows[:_MAX_COSTS] for line in _of_cost(row, outcome, level)]
    shown = number_table(
        ("Costs", "Baseline", "Candidate", "Ratio", level, "n"), lines, width, color=color
    )
    notes: dict[str, list[str]] = {}
    for row, _ in rows[:_MAX_COSTS]:
        if row.note:
            notes.setdefault(one_line(row.note, _NOTE), []).append(one_line(row.measure, _NAME))
    said = [f"{', '.join(names)}: {note}" for note, names in notes.items()]
    return shown + [text for sentence in said for text in item("", sentence, width)]


def _of_change(report: Report, change: Change) -> list[Line]:
    detail = one_line(change.detail, _DETAIL)
    title = Line(name=one_line(change.what, _NAME) + (f": {detail}" if detail else ""))
    level = interval_header(report)
    return [title, *(_of_measure(*judged, level) for judged in change.rows[:_MAX_MEASURES])]


def _of_measure(row: RobustnessRow, outcome: Outcome | None, level: str) -> Line:
    figures = robustness_figures(row)
    return Line(
        name=one_line(row.measure, _NAME),
        indent="  ",
        cells=(figures.baseline, figures.candidate, figures.diff, figures.interval, figures.n),
        sentence=f"{figures.baseline} -> {figures.candidate}, {figures.diff}"
        f"{_between(level, figures.interval)}, n {figures.n}",
        words="" if outcome is None else outcome_words(outcome),
        outcome=outcome,
    )


def _of_cost(row: CostRow, outcome: Outcome | None, level: str) -> list[Line]:
    figures = cost_figures(row)
    baseline, candidate = (_with_unit(x, row.unit) for x in (figures.baseline, figures.candidate))
    lines = [
        Line(
            name=one_line(row.measure, _NAME),
            cells=(baseline, candidate, figures.ratio, figures.interval, figures.n),
            sentence=f"{baseline} -> {candidate}, ratio {figures.ratio}"
            f"{_between(level, figures.interval)}, n {figures.n}",
            words="" if outcome is None else outcome_words(outcome),
            outcome=outcome,
        )
    ]
    p95 = tuple(_with_unit(x, row.unit) for x in (figures.baseline_p95, figures.candidate_p95))
    if p95 != (NONE, NONE):
        below = Line(
            name="p95", indent="  ", cells=(*p95, "", "", ""), sentence=f"{p95[0]} -> {p95[1]}"
        )
        lines.append(below)
    return lines


def _with_unit(number: str, unit: str) -> str:
    return number if number == NONE else f"{number} {one_line(unit, _UNIT)}"


def _between(level: str, interval: str) -> str:
    return "" if interval == NONE else f" ({level} {interval})"
