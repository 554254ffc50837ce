"""What must hold for the data themselves? Limits of the data checks, in the words of mlci.yml."""

from __future__ import annotations

from dataclasses import dataclass

from mlci_action.domain.outcomes import Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class MissingLimits:
    """The largest share of missing values (0 to 1) that a column may have.

    `columns` holds the columns that have a share of their own; `max_share` is for all others, None
    when only the named ones are limited.
    """

    max_share: float | None = None
    columns: tuple[tuple[str, float], ...] = ()
    severity: Severity = Severity.FAIL

    def for_column(self, column: str) -> float | None:
        """The limit of one column, None when it has none."""
        return dict(self.columns).get(column, self.max_share)


@dataclass(frozen=True, kw_only=True, slots=True)
class DuplicateLimits:
    """The largest share of rows (0 to 1) that may repeat an earlier row."""

    max_share: float
    severity: Severity = Severity.FAIL


@dataclass(frozen=True, kw_only=True, slots=True)
class DataChecks:
    """The configured data checks; one that is None has no limit, and is at most reported."""

    missing: MissingLimits | None = None
    duplicates: DuplicateLimits | None = None
