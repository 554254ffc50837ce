"""Which broken limits does the owner tolerate, how far, and until when?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mlci_action.domain.outcomes import Area

_FLOORS = frozenset({"min", "min_improvement"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """A looser limit with an end, for one check.

    check: its id. ceiling: the value in the check's own unit up to which it is tolerated, for a
    `min` down to which. expires: the last day that it counts. column, slice: where given, only the
    answer for that column or slice (by its label).
    """

    check: str
    ceiling: float
    reason: str
    expires: date
    issue: str | None = None
    author: str | None = None
    column: str | None = None
    slice: str | None = None


class WaiverState(StrEnum):
    """What became of a waiver in this run; the values are public."""

    USED = "used"
    UNUSED = "unused"
    EXPIRED = "expired"
    EXCEEDED = "exceeded"  # the value lies beyond the ceiling, or there is no value


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverUse:
    """One waiver and what became of it; observed: the value that it was held against."""

    waiver: Waiver
    state: WaiverState
    observed: float | None = None


def tolerates_down_to(check: str) -> bool:
    """Whether the ceiling of a waiver for that check is the least that is tolerated."""
    # Behind a tilde stands what tells two ids apart that would be the same.
    area, *words = check.partition("~")[0].split(".")
    if area == Area.METRIC:
        return words[-1:] != [] and words[-1] in _FLOORS
    # The names of fairness metrics hold no dots, and a sensitive column follows the rule.
    return area == Area.FAIRNESS and bool(_FLOORS & {*words[1:2]})
