"""What do the models cost, and is that allowed? The same for every output."""

from __future__ import annotations

from collections.abc import Iterable

from mlci_action.domain.costs import CostRow
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.wording import tally, worst_answers, worst_outcome


def judged_costs(report: Report) -> list[tuple[CostRow, Outcome | None]]:
    """Each measure with how its budget ended; None where it has none."""
    checks = _checks(report)
    return [(row, worst_outcome(_outcomes(checks, row))) for row in report.costs]


def budget_words(report: Report) -> str:
    """How many checks of budgets there are, and how they ended; empty without one."""
    return tally(worst_answers(_checks(report)))


def _outcomes(checks: Iterable[CheckResult], row: CostRow) -> list[Outcome]:
    """Of `budget.<measure>.<rule>`."""
    return [check.outcome for check in checks if check.id.split(".")[1] == row.measure]


def _checks(report: Report) -> list[CheckResult]:
    return [check for check in report.checks if check.area is Area.BUDGET]
