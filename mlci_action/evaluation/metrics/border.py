"""Which rows does a ranking put on top, and how many positives stand at its border?

A border that moves with the rows brings in or lets go whoever stands next to it, so that what a
metric of the top gains by a row depends on the share of positives there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlci_action.evaluation.metrics.ordering import ascending

_Float = NDArray[np.float64]
_Mask = NDArray[np.bool_]
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ranked:
    """Rows and how a model ranks them.

    scores, positive, weight: (n,) in the rows' own order, no weights for rows that count alike.
    falling: (n,) the scores from the highest. up_to: (n,) the weight of the rows up to each.
    """

    scores: _Float
    positive: _Mask
    weight: _Float | None
    falling: _Float
    up_to: _Float

    @property
    def total(self) -> float:
        """The weight of all rows."""
        return float(self.up_to[-1]) if len(self.up_to) else 0.0

    def weight_of(self, some: _Mask) -> float:
        """The weight of `some`, (n,) booleans, of the rows."""
        return float(np.count_nonzero(some) if self.weight is None else self.weight[some].sum())

    def tied_with(self, place: int) -> tuple[int, int]:
        """From which place on, and up to before which, rows have the score of this one."""
        # The scores fall, and a search wants them to rise.
        rising, n = self.falling[::-1], len(self.falling)
        first = n - int(np.searchsorted(rising, self.falling[place], "right"))
        return first, n - int(np.searchsorted(rising, self.falling[place], "left"))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Top:
    """The rows on top of a ranking.

    inside: (n,) how far each row is in: 1, 0, or for rows tied at the border the share that fits.
    weight, hits: of the rows that are in, and of the positives among them. border: the share of
    positives at the border.
    """

    inside: _Float
    weight: float
    hits: float
    border: float


def ranked(positive: _Mask, scores: _Float, weight: _Float | None) -> Ranked:
    """(n,) truth, (n,) finite scores, (n,) weights or None, sorted."""
    if weight is None:
        falling, up_to = np.sort(scores)[::-1], np.arange(1.0, len(scores) + 1)
    else:
        order = ascending(scores)[::-1]
        falling, up_to = scores[order], np.cumsum(weight[order])
    return Ranked(scores=scores, positive=positive, weight=weight, falling=falling, up_to=up_to)


def top_of(rows: Ranked, weight: float) -> Top:
    """The rows that hold the first `weight` of all the rows' weight, which is more than 0."""
    place = int(np.searchsorted(rows.up_to, weight * (1 - _ROUNDING)))
    first, last = rows.tied_with(min(place, len(rows.up_to) - 1))
    above = float(rows.up_to[first - 1]) if first else 0.0
    share = min((weight - above) / (float(rows.up_to[last - 1]) - above), 1.0)
    over, tied = rows.scores > rows.falling[first], rows.scores == rows.falling[first]
    hits = rows.weight_of(over & rows.positive) + share * rows.weight_of(tied & rows.positive)
    # Few enough to stand at the border and enough to be steady, over simulated rows.
    border = border_share(rows, first, last, near=math.ceil(last ** (2 / 3)))
    return Top(inside=over + share * tied, weight=weight, hits=hits, border=border)


def border_share(rows: Ranked, first: int, last: int, *, near: int) -> float:
    """The share of positives among the tied rows first..last - 1, or `near` rows on both sides.

    Neighbours are asked where few rows tie, and then all that tie with one of them, so that the
    order of ties does not matter; near the ends fewer on both sides. NaN where no row is to ask.
    """
    near = min(max(near - (last - first) // 2, 0), first, len(rows.falling) - last)
    if last - first + near == 0:
        return math.nan
    highest, lowest = rows.falling[first - near], rows.falling[last + near - 1]
    asked = (rows.scores <= highest) & (rows.scores >= lowest)
    return rows.weight_of(asked & rows.positive) / rows.weight_of(asked)
