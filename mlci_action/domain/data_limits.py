"""What must hold for the data themselves? Limits of the data checks, in the words of mlci.yml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mlci_action.domain.outcomes import Severity

# Every check that runs without being asked for; each is a key of `data.checks` and a word of an id.
DEFAULT_CHECKS = (
    "columns",
    "dtype",
    "missing",
    "disguised",
    "outliers",
    "range",
    "sign",
    "categories",
    "spelling",
    "encoding",
    "format",
    "dates",
    "spike",
    "constant",
    "correlation",
    "drift",
    "duplicates",
    "ids",
    "labels",
    "leakage",
)
MAX_DRIFT = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class MissingLimits:
    """The largest share of missing values (0 to 1) that a column may have.

    `columns` holds the columns that have a share of their own; `max_share` is for all others, None
    when only the named ones are limited. `max_rise` is how much the share of any column may rise
    above the reference's.
    """

    max_share: float | None = None
    columns: tuple[tuple[str, float], ...] = ()
    max_rise: float | None = None
    severity: Severity = Severity.FAIL

    def for_column(self, column: str) -> float | None:
        """The limit of one column, None when it has none."""
        return dict(self.columns).get(column, self.max_share)


@dataclass(frozen=True, kw_only=True, slots=True)
class DuplicateLimits:
    """The largest share of rows (0 to 1) that may repeat an earlier row, and its largest rise."""

    max_share: float | None = None
    max_rise: float | None = None
    severity: Severity = Severity.FAIL


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftLimits:
    """The largest share of rows (0 to 1) that may have moved in any column; `columns`: its own."""

    max: float = MAX_DRIFT
    columns: tuple[tuple[str, float], ...] = ()
    severity: Severity = Severity.FAIL

    def for_column(self, column: str) -> float:
        """The limit of one column."""
        return dict(self.columns).get(column, self.max)


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryLimits:
    """`closed`: no category may come that the reference lacks; else in the named columns alone."""

    closed: bool = False
    columns: tuple[str, ...] = ()
    severity: Severity = Severity.FAIL

    def is_closed(self, column: str) -> bool:
        """Whether a column takes no new category."""
        return self.closed or column in self.columns


@dataclass(frozen=True, kw_only=True, slots=True)
class RangeLimits:
    """`closed`: no number beyond the reference's smallest and largest; `max_z`: standard scores."""

    closed: bool = False
    max_z: float | None = None
    severity: Severity = Severity.FAIL


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelLimits:
    """Each class needs `min_rows` rows; `max_conflicts` is a share of rows (0 to 1)."""

    min_rows: int | None = None
    max_conflicts: float | None = None
    severity: Severity = Severity.FAIL


@dataclass(frozen=True, kw_only=True, slots=True)
class DataChecks:
    """How each data check is to be taken.

    One that is named neither here nor in `severities` runs with its own defaults. `severities` is
    for checks without limits of their own, `off` for those that are not to run.
    """

    missing: MissingLimits | None = None
    duplicates: DuplicateLimits | None = None
    drift: DriftLimits | None = None
    categories: CategoryLimits | None = None
    range: RangeLimits | None = None
    labels: LabelLimits | None = None
    severities: Mapping[str, Severity] = field(default_factory=dict)
    off: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        unknown = {*self.severities, *self.off} - set(DEFAULT_CHECKS)
        if unknown:
            raise ValueError(f"no data checks: {sorted(unknown)}; valid are {DEFAULT_CHECKS}")

    @classmethod
    def only(cls, names: Iterable[str]) -> DataChecks:
        """Those checks with their defaults, and none of the others."""
        return cls(off=frozenset(DEFAULT_CHECKS) - set(names))

    def declared(self, name: str) -> bool:
        """Whether the owner asked for it by name, so that an answer is owed."""
        return name in self.severities or getattr(self, name, None) is not None

    def severity(self, name: str) -> Severity:
        """Whether it is required."""
        limits = getattr(self, name, None)
        own: Severity = Severity.FAIL if limits is None else limits.severity
        return self.severities.get(name, own)

    def runs(self, name: str) -> bool:
        """Whether it is to run at all."""
        return name not in self.off
