"""What does the console show? The verdict first, then numbers that fit its width."""

from __future__ import annotations

from mlci_action.domain.behaviour import FoundSlice
from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.domain.report import Report
from mlci_action.rendering.console import GREEN, RED, YELLOW, item, paint
from mlci_action.rendering.facts import listed, rows_scored, told
from mlci_action.rendering.figures import NONE, found_figures, number, row_figures
from mlci_action.rendering.findings import findings
from mlci_action.rendering.how_asked import how_asked
from mlci_action.rendering.moves_sections import moves_lines
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.policy_sections import policy_lines
from mlci_action.rendering.self_test_sections import self_test_lines
from mlci_action.rendering.terminal_beside import cost_lines, robustness_lines
from mlci_action.rendering.terminal_data import data_lines
from mlci_action.rendering.terminal_table import Line, number_table
from mlci_action.rendering.waiver_sections import waiver_lines
from mlci_action.rendering.wording import (
    by_severity,
    deploy_words,
    flips_words,
    interval_header,
    metric_words,
    outcome_words,
    row_words,
    tally,
    ways_out,
    worst_answers,
    worst_first,
)

_VERDICT_COLORS = {
    Verdict.PASS: GREEN,
    Verdict.FAIL: RED,
    Verdict.INCONCLUSIVE: YELLOW,
    Verdict.ERROR: RED,
}
_NOT_FAILED = "not failed"  # a slice is not shown to be well, and the column is narrow
_NARROWEST = 40
_MAX_REASONS, _MAX_SLICES, _MAX_CHECKS, _MAX_TRIED, _MAX_REGIONS = 10, 4, 20, 5, 3


def render_terminal(
    report: Report, *, width: int = 80, color: bool = False, report_path: str | None = None
) -> str:
    """Text for a console of `width` columns (40 at least), without control characters of others."""
    width = max(width, _NARROWEST)
    parts = [
        _head(report, width, color=color),
        policy_lines(report, width),
        data_lines(report, width, color=color),
        _table(report, width, color=color),
        robustness_lines(report, width, color=color),
        cost_lines(report, width, color=color),
        moves_lines(report, width, color=color),
        _context(report, width),
        [*waiver_lines(report, width), *self_test_lines(report, width)],
        _checks(report, width),
        _remedies(report, width),
        item("Report: ", report_path, width) if report_path else [],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(report: Report, width: int, *, color: bool) -> list[str]:
    decision = report.decision
    verdict = paint(decision.verdict.value, _VERDICT_COLORS[decision.verdict], color=color)
    told = _reasons(report)
    reasons = told[:_MAX_REASONS]
    left_out = len(told) - len(reasons)
    more = [f"and {left_out:,} more reasons"] if left_out else []
    lines = [line for reason in [*reasons, *more] for line in item("  ", reason, width)]
    return [f"mlci: {verdict}, {deploy_words(report)}", *lines]


def _reasons(report: Report) -> list[str]:
    """The first one, and of the others those that the table of the data does not tell."""
    first, others = report.decision.reasons[:1], report.decision.reasons[1:]
    found = {check.message for check in findings(report)}
    return [*first, *(reason for reason in others if reason not in found)]


def _table(report: Report, width: int, *, color: bool) -> list[str]:
    lines = _lines(report)
    if not lines:
        return []
    headers = ("Metric", "Baseline", "Candidate", "Change", interval_header(report), "n")
    return number_table(headers, lines, width, color=color)


def _lines(report: Report) -> list[Line]:
    """Every metric over all rows, its worst slices below it."""
    rows = report.comparison.rows if report.comparison else ()
    lines = []
    for overall in (row for row in rows if row.slice is None):
        slices = worst_first(r for r in rows if r.slice and r.metric.name == overall.metric.name)
        lines.append(_line(report, overall))
        lines.extend(_line(report, row) for row in slices[:_MAX_SLICES])
    return lines


def _line(report: Report, row: ComparisonRow) -> Line:
    figures = row_figures(row)
    name = row.slice.label if row.slice else metric_words(row)
    return Line(
        name=one_line(name, 80),
        indent="  " if row.slice else "",
        cells=(figures.baseline, figures.candidate, figures.diff, figures.interval, figures.n),
        sentence=f"{figures.baseline} -> {figures.candidate}, {figures.diff} "
        f"({interval_header(report)} {figures.interval}), n {figures.n}",
        words=_NOT_FAILED if _quiet(row) else row_words(row),
        outcome=None if _quiet(row) else row.outcome,
    )


def _quiet(row: ComparisonRow) -> bool:
    return row.slice is not None and row.outcome is Outcome.PASSED


def _context(report: Report, width: int) -> list[str]:
    """What the numbers rest on."""
    said = []
    comparison = report.comparison
    if comparison is not None:
        rows = rows_scored(report, comparison.n_rows)
        if (share := number(comparison.disagreement, 3)) != NONE:
            rows += f"; the models' labels differ on {share} of them"
        said.append(rows)
        said += [f"warning: {text}" for text in comparison.warnings]
        if (flips := comparison.behaviour.flips) is not None:
            said.append(flips_words(flips, interval_header(report)))
        said += map(_region, comparison.behaviour.found_slices[:_MAX_REGIONS])
        left_out = len(comparison.rows) - len(_lines(report))
        if left_out:
            said.append(f"{left_out:,} more slice rows in the report")
    if baseline := told(report.provenance, "baseline", "source"):
        same = told(report.provenance, "same_model") == "yes"
        said.append(f"baseline: {baseline}" + (", the candidate's own bytes" if same else ""))
    said += how_asked(report)
    said += [
        f"not taken as baseline: {told(source, 'source')} ({told(source, 'why')})"
        for source in listed(report.provenance, "baseline", "tried")[:_MAX_TRIED]
    ]
    return [line for text in said for line in item("", text, width)]


def _region(found: FoundSlice) -> str:
    figures = found_figures(found)
    return (
        f"weak region: {one_line(found.where, 100)}: {one_line(found.loss, 40)} {figures.baseline} "
        f"-> {figures.candidate}, n {figures.n}, not judged"
    )


def _checks(report: Report, width: int) -> list[str]:
    """All checks that did not simply pass; what is told above is not told twice."""
    if not report.checks:
        return []
    told_above = {*_reasons(report)[:_MAX_REASONS], *(c.message for c in findings(report))}
    others = [
        check
        for check in by_severity(report.checks)
        if check.outcome is not Outcome.PASSED and check.message not in told_above
    ]
    lines = item("Checks: ", tally(worst_answers(report.checks)), width)
    for check in others[:_MAX_CHECKS]:
        lines += item(f"  {outcome_words(check.outcome)}: ", f"{check.id}: {check.message}", width)
    left_out = len(others) - len(others[:_MAX_CHECKS])
    return [*lines, f"  and {left_out:,} more in the report"] if left_out else lines


def _remedies(report: Report, width: int) -> list[str]:
    ways = ways_out(report)
    lines = [line for way in ways for line in item("  - ", way.replace("`", ""), width)]
    return ["What can be done:", *lines] if lines else []
