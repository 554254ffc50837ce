"""Are more values missing than allowed?"""

from __future__ import annotations

from mlci_action.checks.context import DataToCheck
from mlci_action.domain.data_limits import MissingLimits
from mlci_action.domain.names import did_you_mean
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult, broken

ID = "data.missing"
_SHOWN = 5


def check_missing(data: DataToCheck) -> CheckResult:
    """Every column's share of missing values against its limit; without a limit, only counted."""
    counts = {str(name): int(n) for name, n in data.frame.isna().sum().items()}
    limits = data.limits.missing
    if limits is None:
        return _counted(counts, len(data.frame))
    unknown = [name for name, _ in limits.columns if name not in data.frame.columns]
    if unknown:
        return CheckResult(
            id=ID,
            area=Area.DATA,
            outcome=Outcome.ERRORED,
            severity=limits.severity,
            column=unknown[0],
            message=f"missing values: column {unknown[0]!r} has a limit but is not in the data; "
            f"{did_you_mean(unknown[0], map(str, data.frame.columns))}",
        )
    return _judged(counts, len(data.frame), limits)


def _judged(counts: dict[str, int], rows: int, limits: MissingLimits) -> CheckResult:
    allowed = {name: limits.for_column(name) for name in counts}
    shares = {name: count / rows for name, count in counts.items()}
    over = {
        name: share
        for name, share in shares.items()
        if (limit := allowed[name]) is not None and not share <= limit
    }
    # The column that is shown is the worst of those that break their limit, else the worst of all.
    judged = over or {name: share for name, share in shares.items() if allowed[name] is not None}
    worst = max(judged, key=lambda name: judged[name], default=None)
    message = (
        f"missing values above the limit: {_listing(counts, over, rows)}"
        if over
        else f"missing values stay within the limit in all {len(judged)} columns judged"
    )
    return CheckResult(
        id=ID,
        area=Area.DATA,
        outcome=broken(limits.severity) if over else Outcome.PASSED,
        severity=limits.severity,
        column=worst,
        rows=None if worst is None else counts[worst],
        observed=None if worst is None else judged[worst],
        limit=None if worst is None else allowed[worst],
        message=message,
        evidence={"columns": {name: counts[name] for name in over}},
    )


def _counted(counts: dict[str, int], rows: int) -> CheckResult:
    some = {name: count / rows for name, count in counts.items() if count}
    message = (
        f"missing values, no limit set: {_listing(counts, some, rows)}"
        if some
        else "no missing values"
    )
    return CheckResult(
        id=ID,
        area=Area.DATA,
        outcome=Outcome.PASSED,
        severity=Severity.WARN,
        message=message,
        evidence={"columns": {name: counts[name] for name in some}},
    )


def _listing(counts: dict[str, int], shares: dict[str, float], rows: int) -> str:
    ranked = sorted(shares, key=lambda name: (-shares[name], name))
    shown = [f"{name!r} {counts[name]:,} of {rows:,}" for name in ranked[:_SHOWN]]
    more = f" and {len(ranked) - _SHOWN} more columns" if len(ranked) > _SHOWN else ""
    return ", ".join(shown) + more
