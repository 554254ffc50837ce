"""What if the rows were a little different? What is tried, and how far answers may move."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlci_action.domain.behaviour import Value
from mlci_action.domain.limits import Margin
from mlci_action.domain.outcomes import Severity


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

    amount: standard deviations of noise, the share of cells that are changed, or the factor of
    another unit. columns: those that are changed, None: all that can be. max_drop: how much of
    every metric the candidate may lose. max_drop_regression: how much more of it than the baseline
    loses. max_flips: the share of rows whose label may change. max_flips_regression: how much more
    than the baseline's.
    """

    kind: Perturbation
    amount: float
    columns: tuple[str, ...] | None = None
    max_drop: Margin | None = None
    max_drop_regression: float | None = None
    max_flips: float | None = None
    max_flips_regression: float | None = None
    severity: Severity = Severity.FAIL


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyLimits:
    """What must hold row by row: no other value of `column` changes the label (direction None), or
    the score goes one way as it rises. max_share: of the rows that were asked, how many may not.
    """

    column: str
    direction: Monotonicity | None = None
    max_share: float = 0.0
    severity: Severity = Severity.FAIL


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
