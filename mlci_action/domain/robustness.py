"""What if the rows were a little different? What is tried, and how far answers may move."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlci_action.domain.behaviour import Value
from mlci_action.domain.limits import Margin
from mlci_action.domain.outcomes import Severity

INVARIANT, MONOTONIC = "invariant_to", "monotonic"


class Perturbation(StrEnum):
    """What is done to the rows; the values are the words of mlci.yml."""

    NOISE = "noise"
    MISSING = "missing"
    UNSEEN = "unseen_categories"
    SWAPPED = "swapped_categories"
    TYPOS = "typos"
    UNITS = "units"


class Monotonicity(StrEnum):
    """Which way answers may go when a number rises."""

    INCREASING = "increasing"
    DECREASING = "decreasing"


@dataclass(frozen=True, kw_only=True, slots=True)
class PerturbationLimits:
    """One perturbation and what it may do.

    amount: standard deviations of noise, or the factor of another unit. share: of the cells of each
    column, how many are changed. columns: those that are changed, None: all that can be; of `units`
    each is changed alone. max_drop: how much of every metric the candidate may lose.
    max_drop_regression: how much more of it than the baseline loses. max_flips: the share of rows
    whose label may change. max_flips_regression: how much more than the baseline's.
    """

    kind: Perturbation
    amount: float = 1.0
    share: float = 1.0
    columns: tuple[str, ...] | None = None
    max_drop: Margin | None = None
    max_drop_regression: float | None = None
    max_flips: float | None = None
    max_flips_regression: float | None = None
    severity: Severity = Severity.FAIL

    @property
    def what(self) -> str:
        """The word of mlci.yml."""
        return self.kind.value

    @property
    def alone(self) -> tuple[str | None, ...]:
        """The columns that are changed one at a time; None stands for all of them together."""
        return self.columns or () if self.kind is Perturbation.UNITS else (None,)

    @property
    def limited(self) -> bool:
        """Whether there is a limit that could be broken; without one it is only shown."""
        limits = (
            self.max_drop,
            self.max_drop_regression,
            self.max_flips,
            self.max_flips_regression,
        )
        return any(limit is not None for limit in limits)


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyLimits:
    """What must hold row by row: no other value of `column` changes the label (direction None), or
    the score goes one way as it rises. max_share: of the rows that were asked, how many may not.
    """

    column: str
    direction: Monotonicity | None = None
    max_share: float = 0.0
    severity: Severity = Severity.FAIL

    @property
    def what(self) -> str:
        """The word of mlci.yml."""
        return INVARIANT if self.direction is None else MONOTONIC


@dataclass(frozen=True, kw_only=True, slots=True)
class RobustnessLimits:
    """All that is tried, on at most `rows` of the evaluation data."""

    perturbations: tuple[PerturbationLimits, ...] = ()
    properties: tuple[PropertyLimits, ...] = ()
    rows: int = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class RobustnessRow:
    """What one change of the rows did to one measure, as reports show it.

    what: the word of mlci.yml (`noise`, ..., `invariant_to`, `monotonic`). detail: how much of
    which columns, and the seed. measure: a metric's name, `flips` or `violations`. candidate,
    baseline: what is lost of the metric (up is worse), or the share of the n rows. rise: the
    candidate's less the baseline's.
    """

    what: str
    detail: str
    measure: str
    n: int
    candidate: Value
    baseline: Value | None = None
    rise: Value | None = None
