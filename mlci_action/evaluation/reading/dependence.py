"""Which rows depend on each other? Units, or neighbours in time, summed before squaring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCKS = 20
FEWEST_UNITS = 10


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Dependence:
    """The unit of each row; rows of different units are independent.

    codes: (n,) int64 in 0..count-1, every code used. order: (n,) the rows' ranks in time, None for
    units that the data names. In time the units are 20 equal consecutive blocks and the degrees of
    freedom stay at 19 (Ibragimov and Müller 2010).
    """

    codes: NDArray[np.int64]
    count: int
    order: NDArray[np.int64] | None = None

    def take(self, index: NDArray[np.int64]) -> Dependence:
        """The same for some of the rows; in time, blocks are cut anew."""
        if self.order is not None:
            return blocks_in_time(self.order[index])
        return units_of(self.codes[index])

    def sums(self, influence: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) values of the rows -> (count,) sums of the units."""
        return np.bincount(self.codes, influence, self.count).astype(np.float64)

    def holding(self, some: NDArray[np.bool_]) -> int:
        """How many units hold one of `some`, (n,) booleans, of the rows."""
        return int(np.count_nonzero(np.bincount(self.codes[some], minlength=1)))

    def effect_of(self, within: float, sums: NDArray[np.float64]) -> float:
        """How many times wider than of independent rows the variance is, 1 at least.

        within: the sum of the rows' squared influence. sums: (count,) their sums by unit.
        """
        return design_effect(within=within, sums=sums, rows=len(self.codes), units=self.count)

    @property
    def inflation(self) -> float:
        """G / (G - 1): the sums of G units spread a little less than their truth.

        1 for a single unit, as in a small slice: its sum is zero, and `too_few` has said why.
        """
        return self.count / max(self.count - 1, 1)

    @property
    def too_few(self) -> str:
        """Why nothing can be said from so few units, or an empty text."""
        if self.order is not None:
            short = len(self.codes) < 2 * BLOCKS
            return f"fewer than {2 * BLOCKS} rows in {BLOCKS} blocks of time" if short else ""
        return f"only {self.count} independent units" if self.count < FEWEST_UNITS else ""


def units_of(codes: NDArray[np.int64]) -> Dependence:
    """Units from any (n,) codes >= 0."""
    used = np.bincount(codes) > 0
    numbers = np.cumsum(used) - 1
    return Dependence(codes=numbers[codes], count=int(used.sum()))


def design_effect(*, within: float, sums: NDArray[np.float64], rows: float, units: int) -> float:
    """How many times wider the variance is than of as many independent rows, 1 at least.

    within: the sum of squares of `rows` rows. sums: sums of `units` units, others being zero.
    """
    if not within > 0:
        # No row tells how far a unit's rows agree, so each unit counts as one row.
        return rows / units
    between = float((sums**2).sum()) * units / (units - 1)
    return max(between / within, 1.0)


def blocks_in_time(order: NDArray[np.int64]) -> Dependence:
    """Twenty consecutive blocks of equal size from the rows' (n,) ranks in time."""
    position = np.empty(len(order), np.int64)
    position[np.argsort(order, kind="stable")] = np.arange(len(order))
    codes = position * BLOCKS // max(len(order), 1)
    return Dependence(codes=codes, count=min(BLOCKS, len(order)), order=order)
