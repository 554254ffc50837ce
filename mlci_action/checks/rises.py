"""Did a count rise by more than chance? One exact test for all columns of one check.

The hypergeometric test of two counts (Fisher 1935), with Bonferroni's correction over those
hypotheses alone that could reach the level at all (Tarone 1990, Biometrics 46:515).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from scipy.stats import hypergeom

ALPHA = 0.0005
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rise(Generic[T]):
    """`before` of `rows_before` cells, now `now` of `rows_now`; `of` is what was counted."""

    of: T
    before: int
    rows_before: int
    now: int
    rows_now: int

    @property
    def rise(self) -> float:
        """By how much the share rose, 0 to 1."""
        if not (self.rows_before and self.rows_now):
            return 0.0
        return self.now / self.rows_now - self.before / self.rows_before


def risen(rises: Sequence[Rise[T]], *, alpha: float = ALPHA) -> list[tuple[Rise[T], float]]:
    """Those that rose, with their p; `alpha` is the level of all of them together."""
    asked = [rise for rise in rises if rise.rows_before > 0 and rise.rows_now > 0]
    if not asked:
        return []
    p, smallest = _p_values(asked)
    level = alpha / max(_tarone(smallest, alpha), 1)
    return [(rise, float(one)) for rise, one in zip(asked, p, strict=True) if one <= level]


def _p_values(rises: Sequence[Rise[T]]) -> tuple[np.ndarray, np.ndarray]:
    """P(K now >= seen) given both counts together, and the smallest that those counts allow."""
    counts = [(r.before, r.rows_before, r.now, r.rows_now) for r in rises]
    # Thousands of rare categories have few different counts, and each costs a sum.
    unlike, place = np.unique(np.array(counts, dtype=np.int64), axis=0, return_inverse=True)
    before, rows_before, now, rows_now = unlike.T
    both, everyone = before + now, rows_before + rows_now
    p = hypergeom.sf(now - 1, everyone, both, rows_now)
    most = np.minimum(both, rows_now)
    smallest = hypergeom.sf(most - 1, everyone, both, rows_now)
    place = place.reshape(-1)  # numpy 2.0 gave it another shape
    return p[place], smallest[place]


def _tarone(smallest: np.ndarray, alpha: float) -> int:
    """The smallest k such that at most k hypotheses can reach alpha / k."""
    ordered = np.sort(smallest)
    for k in range(1, len(ordered) + 1):
        if np.searchsorted(ordered, alpha / k, side="right") <= k:
            return k
    return len(ordered)
