"""Which broken limits does the owner tolerate, how far, and until when?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


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
