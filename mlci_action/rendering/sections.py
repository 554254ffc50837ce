"""Which parts make a report in Markdown? One function each; `arrange` puts them in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.facts import rows_scored, told
from mlci_action.rendering.figures import NONE, number, row_figures
from mlci_action.rendering.markdown import code_span, escape_cell, table
from mlci_action.rendering.origins import sources_not_taken
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.wording import (
    SYMBOLS,
    VERDICT_SYMBOLS,
    by_severity,
    change_words,
    decisive_checks,
    deploy_words,
    interval_header,
    outcome_words,
    row_words,
    rule_words,
    subject,
    tally,
    waits_for_a_baseline,
    ways_out,
    worst_first,
)

_HEADING_REASON = 140
_SLICES_ABOVE = 5
_NBSP = "\N{NO-BREAK SPACE}"  # a number is not read across two lines
_BROKEN = (Outcome.FAILED, Outcome.ERRORED)


def heading(report: Report, title: str) -> str:
    """The whole answer in one line: verdict, deploy and the first reason."""
    decision = report.decision
    reason = escape_cell(_short(decision.reasons[0])) if decision.reasons else ""
    more = 0 if decision.deploy or decision.verdict is Verdict.PASS else len(decision.reasons) - 1
    return (
        f"### {VERDICT_SYMBOLS[decision.verdict]} {escape_cell(title, 80)}: "
        f"{decision.verdict.value}, {deploy_words(report)}"
        + (f": {reason}" if reason else "")
        + (f" (and {more} more)" if more > 0 else "")
    )


def reasons(report: Report, most: int) -> str:
    """What led to the verdict and is told neither by the heading nor by the table."""
    rows = report.comparison.rows if report.comparison else ()
    compared = {subject(row) for row in rows}
    groups: dict[tuple[Outcome, str], list[CheckResult]] = {}
    for check in decisive_checks(report):
        # The table names the limit that a number broke, but not why a number is not there.
        in_table = check.outcome is Outcome.FAILED and subject(check) in compared
        if not in_table and not _in_heading(report, check.message):
            groups.setdefault((check.outcome, check.message), []).append(check)
    items = [
        f"- {SYMBOLS[outcome]} {outcome_words(outcome)} {_ids(checks)}: {escape_cell(message)}"
        for (outcome, message), checks in groups.items()
    ]
    # A set-up error has reasons and no checks; a model that is not new has one of its own.
    of_checks = {check.message for check in report.checks}
    items += [
        f"- {escape_cell(reason)}"
        for reason in report.decision.reasons
        if reason not in of_checks and not _in_heading(report, reason)
    ]
    return _first(items, most, "more reasons")


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
    return "; ".join(said)


def checks_title(report: Report) -> str:
    """How many checks, and how they ended."""
    count = len(report.checks)
    noun = "check" if count == 1 else "checks"
    return f"{count:,} {noun}: {tally(check.outcome for check in report.checks)}"


def checks_list(report: Report, most: int) -> str:
    """Every check with its answer, most severe first."""
    items = [
        f"- {SYMBOLS[check.outcome]} {outcome_words(check.outcome)} {code_span(check.id)}"
        f"{'' if check.required else ' (optional)'}: {escape_cell(check.message)}"
        for check in by_severity(report.checks)[:most]
    ]
    return _first(items, most, "more checks", total=len(report.checks))


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


def methods(report: Report) -> str:
    """How each interval over all rows was made, and what it rests on."""
    if report.comparison is None:
        return ""
    items = [f"- {escape_cell(note)}" for note in report.comparison.notes]
    for row in report.comparison.rows:
        facts = _method_facts(row) if row.slice is None else []
        if facts:
            items.append(f"- {code_span(row.metric.name)}: {'; '.join(facts)}")
    return _first(items, 100, "more")


def _numbers_table(report: Report, rows: Sequence[ComparisonRow]) -> str:
    headers = ("Metric", "Baseline", "Candidate", "Change", interval_header(report), "Verdict", "n")
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
                figures.baseline,
                figures.candidate,
                change_words(row).replace(" ", _NBSP),
                figures.interval.replace(" ", _NBSP),
                _verdict_cell(row, judges[subject(row), row.outcome]),
                figures.n,
            )
        )
    align = ("left", "right", "right", "right", "right", "left", "right")
    return table(headers, cells, align)


def _metric_cell(row: ComparisonRow) -> str:
    name = code_span(row.metric.name)
    return f"{name} in {code_span(row.slice.label)}" if row.slice else name


def _verdict_cell(row: ComparisonRow, checks: Sequence[CheckResult]) -> str:
    words = row_words(row)
    if row.outcome is None:
        return f"{words}: {escape_cell(row.note, 80)}" if row.note else words
    if row.outcome is Outcome.PASSED:
        words, rules = _passed_words(row, checks), ""
    else:
        rules = ", ".join(code_span(rule) for check in checks if (rule := rule_words(check)))
    return f"{SYMBOLS[row.outcome]}{_NBSP}{words}" + (f": {rules}" if rules else "")


def _passed_words(row: ComparisonRow, checks: Sequence[CheckResult]) -> str:
    """A slice is not shown to be well, only not shown to be worse than its limit."""
    if row.slice is None:
        return row_words(row)
    limits = [limit for check in checks if (limit := number(check.limit)) != NONE]
    return f"no regression over {limits[0]} shown" if limits else "no regression shown"


def _method_facts(row: ComparisonRow) -> list[str]:
    facts = [escape_cell(row.note)] if row.note else []
    interval = row.interval
    if interval is not None:
        facts.append(f"interval by {code_span(interval.method)}")
        if (se := number(interval.se)) != NONE:
            facts.append(f"standard error {se}")
        if (df := number(interval.df)) != NONE:
            facts.append(f"{df} degrees of freedom")
        if interval.note and interval.note != row.note:
            facts.append(escape_cell(interval.note))
    return facts


def _ids(checks: Sequence[CheckResult]) -> str:
    more = f" and {len(checks) - 1:,} more" if len(checks) > 1 else ""
    return code_span(checks[0].id) + more


def _in_heading(report: Report, reason: str) -> bool:
    return report.decision.reasons[:1] == (reason,) and _short(reason) == reason


def _short(reason: str) -> str:
    """`reason` as far as a heading should tell it: the part before a semicolon when it is long."""
    if len(reason) <= _HEADING_REASON:
        return reason
    return one_line(reason.partition("; ")[0], _HEADING_REASON)


def _slice_rows(report: Report) -> list[ComparisonRow]:
    rows = report.comparison.rows if report.comparison else ()
    return [row for row in rows if row.slice is not None]


def _first(items: Sequence[str], most: int, what: str, *, total: int | None = None) -> str:
    """The first items, and how many are left out of a total."""
    left_out = (len(items) if total is None else total) - len(items[:most])
    more = [f"- {left_out:,} {what} in report.json"] if left_out else []
    return "\n".join([*items[:most], *more])
