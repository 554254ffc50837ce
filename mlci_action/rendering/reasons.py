"""Why did it come to this verdict? The first line, and what no table below it tells."""

from __future__ import annotations

from collections.abc import Sequence

from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.findings import findings
from mlci_action.rendering.markdown import bullets, code_span, escape_cell
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.subjects import Subject, flips_check, subject
from mlci_action.rendering.wording import (
    VERDICT_SYMBOLS,
    answered,
    decisive_checks,
    deploy_words,
)

_HEADING_REASON = 140


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
    """What led to the verdict and is told neither by the heading nor by the tables below.

    Checks that say the same are told once, and so is a check that answers for several columns.
    """
    compared = _with_numbers(report)
    found = {id(check) for check in findings(report)}
    untold = [
        check
        for check in decisive_checks(report)
        # Numbers are shown with the limit that they broke, but not why a number is not there.
        if not (check.outcome is Outcome.FAILED and subject(check) in compared)
        and id(check) not in found
        and not _in_heading(report, check.message)
    ]
    items = [
        f"{answered(checks[0].outcome, _ids(checks))}: {escape_cell(checks[0].message)}"
        for checks in _told_together(untold)
    ]
    # A set-up error has reasons and no checks; a model that is not new has one of its own.
    of_checks = {check.message for check in report.checks}
    items += [
        escape_cell(reason)
        for reason in report.decision.reasons
        if reason not in of_checks and not _in_heading(report, reason)
    ]
    return bullets(items, most, "more reasons")


def _with_numbers(report: Report) -> set[Subject | None]:
    """What the table shows a row of, and the line on flips."""
    if report.comparison is None:
        return set()
    compared = {subject(row) for row in report.comparison.rows}
    flips = flips_check(report) if report.comparison.behaviour.flips else None
    return compared | {subject(flips)} if flips else compared


def _told_together(checks: Sequence[CheckResult]) -> list[list[CheckResult]]:
    """Those that ended alike and say the same, or are answers of one check for several columns."""
    groups: list[list[CheckResult]] = []
    known: dict[tuple[Outcome, str, str], list[CheckResult]] = {}
    for check in checks:
        keys = [(check.outcome, "says", check.message), (check.outcome, "is", check.id)]
        group = next((known[key] for key in keys if key in known), None)
        if group is None:
            group = []
            groups.append(group)
        group.append(check)
        for key in keys:
            known.setdefault(key, group)
    return groups


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
