"""Does the declared id name every row once?"""

from __future__ import annotations

from mlci_action.checks.context import DataToCheck
from mlci_action.domain.names import did_you_mean
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult

ID = "data.ids"


def check_ids(data: DataToCheck) -> CheckResult | None:
    """Strict, because it was declared: no id is missing and none comes twice."""
    column = data.id
    if column is None:
        return None
    if column not in data.frame.columns:
        hint = did_you_mean(column, map(str, data.frame.columns))
        return _result(Outcome.ERRORED, column, f"data.id: no column {column!r}; {hint}")
    ids = data.frame[column]
    missing, repeated = int(ids.isna().sum()), int(ids.dropna().duplicated().sum())
    if not missing and not repeated:
        return _result(Outcome.PASSED, column, f"{column!r} names every row once", rows=0)
    return _result(
        Outcome.FAILED,
        column,
        f"{column!r} is declared as the id, but {repeated:,} rows repeat an earlier id "
        f"and {missing:,} have none",
        rows=repeated + missing,
    )


def _result(outcome: Outcome, column: str, message: str, rows: int | None = None) -> CheckResult:
    return CheckResult(
        id=ID, area=Area.DATA, outcome=outcome, column=column, message=message, rows=rows
    )
