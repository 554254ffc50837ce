"""Which parts make a report in Markdown? One function each; `arrange` puts them in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.data_sections import reference_line
from mlci_action.rendering.facts import rows_scored, told
from mlci_action.rendering.figures import NONE, number, row_figures
from mlci_action.rendering.findings import findings
from mlci_action.rendering.how_asked import how_asked
from mlci_action.rendering.markdown import NBSP, bullets, code_span, escape_cell, table
from mlci_action.rendering.origins import sources_not_taken
from mlci_action.rendering.subjects import subject
from mlci_action.rendering.wording import (
    SYMBOLS,
    answered,
    by_severity,
    change_words,
    interval_header,
    row_words,
    rule_words,
    tally,
    waits_for_a_baseline,
    ways_out,
    worst_answers,
    worst_first,
)

_SLICES_ABOVE, _MOST_WARNINGS, _MOST_HELD = 5, 5, 30
_SHOWN_IN_NO_TABLE = (Area.ROBUSTNESS, Area.BUDGET, Area.PROVENANCE)
_BROKEN = (Outcome.FAILED, Outcome.ERRORED)


def remedies(report: Report) -> str:
    """What the owner can do about an inconclusive verdict."""
    ways = [f"- {way}" for way in ways_out(report)]
    if not ways:
        return ""
    looked = sources_not_taken(report) if waits_for_a_baseline(report) else ""
    if looked:
        ways.append(f"- looked for a baseline in {looked}")
    return "\n".join(["What can be done:", "", *ways])


def overall_table(report: Report, most: int) -> str:
    """Both models side by side over all rows, and the slices that failed."""
    if report.comparison is None or most == 0:
        return ""
    rows = report.comparison.rows
    overall = [row for row in rows if row.slice is None]
    broken = worst_first(row for row in rows if row.slice and row.outcome in _BROKEN)
    shown = [*overall[:most], *broken[: min(_SLICES_ABOVE, most)]]
    if not shown:
        return ""
    left_out = len(overall) + len(broken) - len(shown)
    more = f"\n\n{left_out:,} more rows in report.json." if left_out else ""
    return _numbers_table(report, shown) + more


def context(report: Report) -> str:
    """One line on what the numbers rest on."""
    said = []
    comparison = report.comparison
    if comparison is not None:
        said.append(rows_scored(report, comparison.n_rows))
        if (share := number(comparison.disagreement, 3)) != NONE:
            said.append(f"the models' labels differ on {share} of them")
    if told(report.provenance, "same_model") == "yes":
        said.append("candidate and baseline are the same bytes")
    origin = told(report.provenance, "policy", "origin")
    if origin:
        said.append(f"policy: from {escape_cell(origin, 80)}")
    said += [escape_cell(sentence, 240) for sentence in how_asked(report)]
    if not findings(report) and (line := reference_line(report)):
        said.append(line)
    return "; ".join(said)


def warnings(report: Report) -> str:
    """Why the numbers may say less than they seem to, and which warnings no table shows."""
    lines = [
        f"{answered(check.outcome, code_span(check.id))}: {escape_cell(check.message)}"
        for check in report.checks
        if check.outcome is Outcome.WARNED
        and check.area in _SHOWN_IN_NO_TABLE
        # That has the top of the report.
        and check.id != "provenance.self_test"
    ]
    found = report.comparison.warnings if report.comparison else ()
    lines += [f"{SYMBOLS[Outcome.WARNED]} {escape_cell(text)}" for text in found]
    return bullets(lines, _MOST_WARNINGS, "more warnings")


def checks_title(report: Report) -> str:
    """How many checks, and how they ended."""
    answers = worst_answers(report.checks)
    noun = "check" if len(answers) == 1 else "checks"
    return f"{len(answers):,} {noun}: {tally(answers)}"


def checks_list(report: Report, most: int) -> str:
    """Every check with its answer, most severe first; what passed of slices and data is counted."""
    held = list(dict.fromkeys(check.id for check in report.checks if _of_data_and_passed(check)))
    told_together = len(held) > 1
    listed = by_severity(
        check
        for check in report.checks
        if not (_quiet_slice(check) or (told_together and _of_data_and_passed(check)))
    )
    items = [
        f"{answered(check.outcome, code_span(check.id))}"
        f"{'' if check.required else ' (optional)'}: {escape_cell(check.message)}"
        for check in listed[:most]
    ]
    if told_together:
        names = ", ".join(code_span(id_) for id_ in held[:_MOST_HELD])
        more = f" and {len(held) - _MOST_HELD:,} more" if len(held) > _MOST_HELD else ""
        items.append(
            f"{SYMBOLS[Outcome.PASSED]} {len(held):,} checks of the data passed: {names}{more}"
        )
    quiet = sum(map(_quiet_slice, report.checks))
    if quiet:
        noun = "check of a slice" if quiet == 1 else "checks of slices"
        items.append(f"{SYMBOLS[Outcome.PASSED]} {quiet:,} {noun} passed")
    left_out = len(listed) - len(listed[:most])
    return bullets(items, len(items), "more checks", total=len(items) + left_out)


def _quiet_slice(check: CheckResult) -> bool:
    """Whether a check says nothing that the table of slices does not."""
    return check.area is Area.SLICE and check.outcome is Outcome.PASSED


def _of_data_and_passed(check: CheckResult) -> bool:
    return check.area is Area.DATA and check.outcome is Outcome.PASSED


def slices_title(report: Report) -> str:
    """How many rows of the comparison concern slices, and how they ended."""
    rows = _slice_rows(report)
    judged = [row.outcome for row in rows if row.outcome is not None]
    shown = len(rows) - len(judged)
    parts = [tally(judged)] if judged else []
    if shown:
        parts.append(f"{shown:,} not judged")
    return f"Slices: {', '.join(parts)}"


def slices_table(report: Report, most: int) -> str:
    """The slices, worst first."""
    rows = worst_first(_slice_rows(report))
    if not rows:
        return ""
    left_out = len(rows) - len(rows[:most])
    more = f"\n\n{left_out:,} more rows in report.json." if left_out else ""
    return _numbers_table(report, rows[:most]) + more


def _numbers_table(report: Report, rows: Sequence[ComparisonRow]) -> str:
    # The verdict stands beside the name: a narrow page cuts a wide table on the right.
    headers = ("Metric", "Verdict", "Baseline", "Candidate", "Change", interval_header(report), "n")
    # Of several checks on one row those with the row's outcome gave it.
    judges: dict[object, list[CheckResult]] = defaultdict(list)
    for check in report.checks:
        judges[subject(check), check.outcome].append(check)
    cells = []
    for row in rows:
        figures = row_figures(row)
        cells.append(
            (
                _metric_cell(row),
                _verdict_cell(row, judges[subject(row), row.outcome]),
                figures.baseline,
                figures.candidate,
                change_words(row).replace(" ", NBSP),
                figures.interval.replace(" ", NBSP),
                figures.n,
            )
        )
    align = ("left", "left", "right", "right", "right", "right", "right")
    return table(headers, cells, align)


def _metric_cell(row: ComparisonRow) -> str:
    name = code_span(row.metric.name)
    if row.sensitive is not None:
        return f"{name} by {code_span(row.sensitive)}"
    return f"{name} in {code_span(row.slice.label)}" if row.slice else name


def _verdict_cell(row: ComparisonRow, checks: Sequence[CheckResult]) -> str:
    words = row_words(row)
    if row.outcome is None:
        return f"{words}: {escape_cell(row.note, 80)}" if row.note else words
    if row.outcome is Outcome.PASSED:
        words, rules = _passed_words(row, checks), ""
    else:
        rules = ", ".join(code_span(rule) for check in checks if (rule := rule_words(check)))
    return f"{SYMBOLS[row.outcome]}{NBSP}{words}" + (f": {rules}" if rules else "")


def _passed_words(row: ComparisonRow, checks: Sequence[CheckResult]) -> str:
    """A slice is not shown to be well, only not shown to be worse than its limit."""
    if row.slice is None:
        return row_words(row)
    limits = [limit for check in checks if (limit := number(check.limit)) != NONE]
    return f"no regression over {limits[0]} shown" if limits else "no regression shown"


def _slice_rows(report: Report) -> list[ComparisonRow]:
    rows = report.comparison.rows if report.comparison else ()
    return [row for row in rows if row.slice is not None]
