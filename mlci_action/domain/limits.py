"""What must hold? Limits on a score and on its change, in the words of mlci.yml."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from mlci_action.domain.metric import Metric
from mlci_action.domain.outcomes import Severity


class ChangeRule(StrEnum):
    """The limits that a change against the baseline can have; their names are public."""

    MAX_REGRESSION = "max_regression"
    MIN_IMPROVEMENT = "min_improvement"
    MAX_IMPROVEMENT = "max_improvement"


class DecideBy(StrEnum):
    """What settles a comparison: its interval, or (never the default) the bare difference."""

    INTERVAL = "interval"
    POINT = "point"


@dataclass(frozen=True, kw_only=True, slots=True)
class Margin:
    """How much a metric may move, up being better; both limits must hold where both are set.

    `relative` is in units of `abs(baseline)`.
    """

    absolute: float | None = None
    relative: float | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.absolute, self.relative) if value is not None]
        if not given or not all(math.isfinite(value) and value >= 0 for value in given):
            raise ValueError("a margin is a finite number >= 0, absolute, relative or both")


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricLimits:
    """All that must hold for one metric over all rows; a metric without limits is only reported."""

    metric: Metric
    min: float | None = None
    max: float | None = None
    max_regression: Margin | None = None
    min_improvement: Margin | None = None
    max_improvement: Margin | None = None
    severity: Severity = Severity.FAIL

    @property
    def compares(self) -> bool:
        """Whether any limit needs a baseline."""
        return any((self.max_regression, self.min_improvement, self.max_improvement))


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceLimits:
    """Which parts of the rows are looked at, and how much every metric may fall in each.

    `by` holds one or several columns per entry (several are crossed); slices of fewer than
    `min_rows` rows are shown, never judged. `find` is how many of the weakest regions are looked
    for, which are shown, never judged. `metrics` are the names of those that are judged here, None:
    all.
    """

    by: tuple[tuple[str, ...], ...] = ()
    where: tuple[str, ...] = ()
    min_rows: int = 50
    max_regression: Margin | None = None
    severity: Severity = Severity.FAIL
    find: int = 3
    metrics: tuple[str, ...] | None = None

    def judges(self, metric: str) -> bool:
        """Whether a fall of that metric counts in a slice."""
        return self.metrics is None or metric in self.metrics


@dataclass(frozen=True, kw_only=True, slots=True)
class FairnessLimits:
    """Which columns are sensitive, and what must hold between the groups of each.

    `sensitive` holds one or several columns per entry (several are crossed). `limits` are those of
    `FAIRNESS_METRICS`, each judged for each entry; groups of fewer than `min_rows` rows are shown
    and drive nothing.
    """

    sensitive: tuple[tuple[str, ...], ...]
    limits: tuple[MetricLimits, ...] = ()
    min_rows: int = 50

    @property
    def labels(self) -> tuple[str, ...]:
        """Each entry as results name it: `sex`, or `sex & region` where columns are crossed."""
        return tuple(" & ".join(columns) for columns in self.sensitive)


@dataclass(frozen=True, kw_only=True, slots=True)
class FlipLimits:
    """How often the candidate may be wrong where the baseline is right, as a share of all rows."""

    max_negative_rate: float | None = None
    severity: Severity = Severity.FAIL


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """How differences are judged: confidence of the two-sided interval, seed, dependent rows.

    `unit` and `time` name columns; rows of one unit (or neighbours in time) depend on each other.
    """

    confidence: float = 0.95
    seed: int = 0
    unit: str | None = None
    time: str | None = None
    decide_by: DecideBy = DecideBy.INTERVAL
