"""What comes of what was found? Findings of one check as its results, one per column."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from mlci_action.checks.findings import Finding, Kind
from mlci_action.domain.data_limits import DataChecks
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult, broken
from mlci_action.errors import MlciError

Find = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judge:
    """How findings are taken: by which `limits`, and why batches differ in time, if they do."""

    limits: DataChecks
    follows_time: str = ""

    def answers(self, name: str, held: str, find: Find) -> tuple[CheckResult, ...]:
        """One result per finding of the check `name`, or one that it held; a crash is `errored`."""
        check_id = f"data.{name}"
        severity = self.limits.severity(name)
        try:
            found = list(find())
        except MlciError as error:
            return (_result(check_id, Outcome.ERRORED, severity, str(error)),)
        except Exception as error:  # noqa: BLE001 - one broken check must not hide the others' answers
            message = f"{check_id} crashed: {type(error).__name__}: {error}"
            return (_result(check_id, Outcome.ERRORED, severity, message),)
        if not found:
            return (_result(check_id, Outcome.PASSED, severity, held),)
        return tuple(self._answer(name, severity, finding) for finding in found)

    def _answer(self, name: str, severity: Severity, finding: Finding) -> CheckResult:
        excuse = self._excuse(name, finding)
        if excuse or finding.warns:
            severity = Severity.WARN
        result = _result(f"data.{name}", broken(severity), severity, finding.message + excuse)
        return replace(
            result,
            column=finding.column,
            rows=finding.rows,
            observed=finding.observed,
            limit=finding.limit,
            evidence={"kind": finding.kind.value, **finding.evidence},
            cells=finding.cells,
        )

    def _excuse(self, name: str, finding: Finding) -> str:
        """Why a count that changed is no failure here; empty when it is one."""
        counts = finding.kind is Kind.COUNT and not finding.settled
        if not (counts and self.follows_time) or self.limits.declared(name):
            return ""
        return (
            f"; only a warning, since {self.follows_time}: name data.checks.{name} to make it count"
        )


def _result(check_id: str, outcome: Outcome, severity: Severity, message: str) -> CheckResult:
    return CheckResult(
        id=check_id, area=Area.DATA, outcome=outcome, severity=severity, message=message
    )
