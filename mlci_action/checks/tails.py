"""How far out may the numbers of a batch lie, if they are drawn as the reference's were?

Its tail is taken for a power law whose exponent comes from its 50 largest numbers (Hill 1975),
heavier by twice the estimate's standard error, and never lighter than `LIGHTEST`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mlci_action.checks.ecdf import ecdf
from mlci_action.domain.profile import EXTREMES, NumberSummary

LIGHTEST = 0.2  # exponent of the tail: bounded columns often only look it, their bound unseen
ENOUGH = 100  # numbers of the reference that make a tail
_TAIL = 10  # one number in ten belongs to it
_FEW = 5  # with no more values than this a column is codes, and with fewer in a tail it has none
_LARGEST_LOG = 700.0  # e to this power is still a number


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How far from the median each side may go; None where no tail tells, perhaps infinite."""

    median: float
    low: float | None
    high: float | None


def reach(before: NumberSummary, *, n_now: int, per_side: float) -> Reach:
    """`per_side` is the chance that one side's farthest number of `n_now` lies beyond all that."""
    median = ecdf(before).median
    if before.count < ENOUGH or before.distinct <= _FEW:
        return Reach(median=median, low=None, high=None)
    chances = max(1.0, n_now / before.count / per_side)
    return Reach(
        median=median,
        low=_reach(sorted(median - x for x in before.smallest), before.count, chances),
        high=_reach(sorted(x - median for x in before.largest), before.count, chances),
    )


def _reach(distances: list[float], count: int, chances: float) -> float | None:
    tail = [z for z in distances[-min(EXTREMES, count // _TAIL) :] if z > 0]
    if len(tail) < _FEW:
        return None
    hill = sum(math.log(z / tail[0]) for z in tail) / len(tail)
    exponent = max(LIGHTEST, hill * (1 + 2 / math.sqrt(len(tail))))
    growth = exponent * math.log(chances)
    return tail[-1] * math.exp(growth) if growth < _LARGEST_LOG else math.inf
