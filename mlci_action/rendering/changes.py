"""What was done to the rows and what came of it? The same for every output, as plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mlci_action.domain.names import id_part
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.domain.robustness import RobustnessRow
from mlci_action.rendering.wording import severity, tally, worst_answers, worst_outcome

_OF_METRICS = {"max_drop", "max_drop_regression"}
_OF_FLIPS = {"max_flips", "max_flips_regression"}
_FLIPS, _VIOLATIONS = "flips", "violations"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of the rows: each measure of it with its answer, None where nothing judges it.

    outcome: the worst of them.
    """

    what: str
    detail: str
    rows: tuple[tuple[RobustnessRow, Outcome | None], ...]
    outcome: Outcome | None


def changes(report: Report) -> list[Change]:
    """What did not hold first; otherwise in the order given."""
    checks = _checks(report)
    measured: dict[tuple[str, str], list[RobustnessRow]] = {}
    for row in report.robustness:
        measured.setdefault((row.what, row.detail), []).append(row)
    found = [_change(what, detail, rows, checks) for (what, detail), rows in measured.items()]
    return sorted(found, key=lambda change: severity(change.outcome))


def robustness_words(report: Report) -> str:
    """How many checks of changed rows there are, and how they ended; empty without one."""
    return tally(worst_answers(_checks(report)))


def _change(
    what: str, detail: str, rows: Sequence[RobustnessRow], checks: Sequence[CheckResult]
) -> Change:
    judged = [
        (row, worst_outcome(check.outcome for check in checks if _judges(check, row)))
        for row in rows
    ]
    worst = worst_outcome(outcome for _, outcome in judged if outcome is not None)
    return Change(what=what, detail=detail, rows=tuple(judged), outcome=worst)


def _judges(check: CheckResult, row: RobustnessRow) -> bool:
    """Whether `robustness.<what>[.<rule>[.<metric>]][.<column>]` is about that row."""
    what, *rest = check.id.partition("~")[0].split(".")[1:]
    column = check.column
    if what != row.what or not (column is None or _names(row.detail, column)):
        return False
    own = [] if column is None else [id_part(column)]
    rule, behind = ".".join(rest[:1]), ".".join(rest[1:])
    if row.measure == _VIOLATIONS:
        return ".".join(rest) == ".".join(own)
    if row.measure == _FLIPS:
        return rule in _OF_FLIPS and behind == ".".join(own)
    return rule in _OF_METRICS and behind == ".".join([id_part(row.measure), *own])


def _names(detail: str, column: str) -> bool:
    """Whether a detail such as `times 1000, income; seed 0` names the column."""
    return re.search(rf"(^|, ){re.escape(column)}([,:;]|$)", detail) is not None


def _checks(report: Report) -> list[CheckResult]:
    return [check for check in report.checks if check.area is Area.ROBUSTNESS]
