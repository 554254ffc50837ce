"""Which parts tell of the data in Markdown: what is wrong with them, and how far they moved?"""

from __future__ import annotations

from collections import Counter

from mlci_action.domain.behaviour import Value
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.facts import digest
from mlci_action.rendering.figures import NONE, number, with_interval
from mlci_action.rendering.findings import (
    DriftRow,
    compared_with,
    drift_rows,
    drift_words,
    findings,
    most_telling,
    smallest_drift_words,
    what_was_found,
)
from mlci_action.rendering.markdown import NBSP, code_span, escape_cell, table
from mlci_action.rendering.wording import SYMBOLS, answered

_DRIFT = "data.drift"
_WHAT, _COLUMN, _SHOWN_IDS = 160, 60, 5
_WHAT_IS_JUDGED = (
    "Judged is D, the share of rows that moved, and whether chance explains it (p). The population "
    "stability index (PSI), Jensen-Shannon (JS) and Wasserstein per standard deviation (W1) are "
    "only reported."
)


def findings_table(report: Report, most: int) -> str:
    """What is wrong with the data, worst first, and what they were compared with."""
    found = findings(report)
    if not found or most == 0:
        return ""
    shown = most_telling(found, most)
    cells = [
        (
            answered(check.outcome, code_span(check.id), space=NBSP),
            NONE if check.column is None else code_span(check.column, _COLUMN),
            NONE if check.rows is None else f"{check.rows:,}",
            escape_cell(what_was_found(check), _WHAT),
        )
        for check in shown
    ]
    headers, align = ("Check", "Column", "Rows", "What"), ("left", "left", "right", "left")
    shown_ids = {id(check) for check in shown}
    parts = [
        table(headers, cells, align),
        _left_out([check for check in found if id(check) not in shown_ids]),
        reference_line(report),
    ]
    return "\n\n".join(part for part in parts if part)


def reference_line(report: Report) -> str:
    """Which data those at hand were compared with."""
    line = escape_cell(compared_with(report))
    found = digest(report.data, "reference", "digest")
    return f"Data {line}" + (f", {code_span(found)}" if found else "") if line else ""


def drift_title(report: Report) -> str:
    """How many columns moved."""
    return f"Drift: {drift_words(report)}"


def drift_table(report: Report, most: int) -> str:
    """The columns that moved most, what is judged of it and what is only shown."""
    rows = drift_rows(report)
    if not rows or most == 0:
        return ""
    answers = {c.column: c.outcome for c in report.checks if c.id == _DRIFT}
    weighed = any(row.importance is not None for row in rows)
    headers = ["Column", "Answer", "D (interval)", "p", "PSI", "JS", "W1"]
    cells = [
        [
            code_span(row.column, _COLUMN),
            _answer(row, answers.get(row.column)),
            with_interval(Value(value=row.d, low=row.low, high=row.high)).replace(" ", NBSP),
            *(number(value, 2) for value in (row.p, row.psi, row.js, row.w1)),
            *([number(row.importance, 2)] if weighed else []),
        ]
        for row in rows[:most]
    ]
    if weighed:
        headers.append("Importance")
    smallest = smallest_drift_words(report)
    said = f"{_WHAT_IS_JUDGED} With these rows {smallest}." if smallest else _WHAT_IS_JUDGED
    left_out = len(rows) - len(cells)
    more = f"\n\n{left_out:,} more columns in report.json." if left_out else ""
    align = ["left", "left", *["right"] * (len(headers) - 2)]
    return f"{said}\n\n{table(headers, cells, align)}{more}"


def _left_out(checks: list[CheckResult]) -> str:
    if not checks:
        return ""
    counts = Counter(check.id for check in checks)
    told = ", ".join(f"{n:,} {code_span(id_)}" for id_, n in counts.most_common(_SHOWN_IDS))
    others = " and others" if len(counts) > _SHOWN_IDS else ""
    return f"{len(checks):,} more: {told}{others}."


def _answer(row: DriftRow, outcome: Outcome | None) -> str:
    if not row.drifted:
        return f"not{NBSP}moved"
    return "moved" if outcome is None else f"{SYMBOLS[outcome]}{NBSP}moved"
