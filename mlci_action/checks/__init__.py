"""Is the data fit to judge a model on? One file per question, one result per check.

To add a check: one file here with a function from `DataToCheck` to a `CheckResult` (or None when it
is not configured), one line in `CHECKS`, one test file in `tests/unit/checks/`, one row in the
README's table.
"""

from __future__ import annotations

from collections.abc import Callable

from mlci_action.checks import duplicates, ids, missing, schema
from mlci_action.checks.context import DataToCheck
from mlci_action.domain.data_limits import DataChecks
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult

DataCheck = Callable[[DataToCheck], CheckResult | None]

CHECKS: tuple[tuple[str, DataCheck], ...] = (
    (schema.ID, schema.check_schema),
    (missing.ID, missing.check_missing),
    (duplicates.ID, duplicates.check_duplicates),
    (ids.ID, ids.check_ids),
)


def run_checks(data: DataToCheck) -> tuple[CheckResult, ...]:
    """Exactly one result per configured check; one that crashes is `errored`, the others run."""
    results = (_guarded(check_id, check, data) for check_id, check in CHECKS)
    return tuple(result for result in results if result is not None)


def unchecked(
    limits: DataChecks, *, id_column: str | None, has_schema: bool, message: str
) -> tuple[CheckResult, ...]:
    """Every configured check as `errored`: there was no table to ask."""
    configured = {
        schema.ID: Severity.FAIL if has_schema else None,
        missing.ID: None if limits.missing is None else limits.missing.severity,
        duplicates.ID: None if limits.duplicates is None else limits.duplicates.severity,
        ids.ID: Severity.FAIL if id_column is not None else None,
    }
    return tuple(
        CheckResult(
            id=check_id, area=Area.DATA, outcome=Outcome.ERRORED, severity=severity, message=message
        )
        for check_id, severity in configured.items()
        if severity is not None
    )


def _guarded(check_id: str, check: DataCheck, data: DataToCheck) -> CheckResult | None:
    try:
        return check(data)
    except Exception as error:  # noqa: BLE001 - one broken check must not hide the others' answers
        message = f"{check_id} crashed: {type(error).__name__}: {error}"
        return CheckResult(id=check_id, area=Area.DATA, outcome=Outcome.ERRORED, message=message)
