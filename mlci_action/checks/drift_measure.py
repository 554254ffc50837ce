"""How far did one column move: D, the share of its rows that lie otherwise, and its p?

Numbers: the largest distance of the two distribution functions (Kolmogorov-Smirnov) at the
reference's points. Text, booleans and two-valued numbers: half the sum of the shares' differences
(total variation), less what chance alone would give, and Pearson's chi-squared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, kstwobign

from mlci_action.checks.ecdf import Floats, at_reference
from mlci_action.checks.findings import ColumnPair
from mlci_action.checks.value_counts import value_counts

ALPHA = 0.001  # of one table
ENOUGH = 30  # values of either side
_MISSED = 0.01  # all intervals of a table together miss with this chance at most
_MOST_CELLS = 50
_LEAST_EXPECTED = 5  # values of a category in the smaller sample: chi-squared's usual bound
_TWO = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """D with its p and its interval, over so many values before and now.

    The interval holds without knowing the distribution: D lies as near to what it estimates, in
    numbers by Dvoretzky, Kiefer and Wolfowitz, in categories by McDiarmid's inequality.
    """

    d: float
    p: float
    low: float
    high: float
    n_before: int
    n_now: int
    drifted: bool


def column_drift(pair: ColumnPair, *, columns: int, limit: float) -> Drift:
    """One of `columns` that are looked at: it drifted when chance fails and D is over `limit`."""
    n_before, n_now = cells_compared(pair)
    if min(n_before, n_now) < ENOUGH:
        return Drift(d=0.0, p=1.0, low=0.0, high=1.0, n_before=n_before, n_now=n_now, drifted=False)
    columns = max(columns, 1)
    rows = effective_rows(n_before, n_now)
    d, p = _numbers(pair, rows) if by_numbers(pair) else _categories(pair, rows)
    margin = math.sqrt(math.log(2 * columns / _MISSED) / (2 * rows))
    return Drift(
        d=d,
        p=p,
        low=max(d - margin, 0.0),
        high=min(d + margin, 1.0),
        n_before=n_before,
        n_now=n_now,
        drifted=p <= ALPHA / columns and d > limit,
    )


def effective_rows(n_before: int, n_now: int) -> float:
    """Two samples tell as much apart as one of this size against a known truth."""
    return n_before * n_now / (n_before + n_now)


def by_numbers(pair: ColumnPair) -> bool:
    """Whether the reference is numbers of more than two values; the rest is categories."""
    numbers, text = pair.reference.numbers, pair.reference.text
    if numbers is None or numbers.distinct <= _TWO:
        return False
    return text is None or numbers.count >= text.count


def cells_compared(pair: ColumnPair) -> tuple[int, int]:
    """The values of either side that the measure is taken of."""
    if by_numbers(pair):
        before, now = pair.reference.numbers, pair.batch.numbers
        return 0 if before is None else before.count, 0 if now is None else now.count
    return value_counts(pair.reference).cells, value_counts(pair.batch).cells


def category_table(pair: ColumnPair) -> Floats:
    """Counts before and now (2, k) of the frequent categories, the rest in one cell at the end.

    A category that one side did not keep is taken to be there as often as in the other side, as
    far as that side leaves room: what is not known is no drift.
    """
    before, now = value_counts(pair.reference), value_counts(pair.batch)
    sizes = np.array([[before.cells], [now.cells]], dtype=float)
    known = [
        (
            before.listed.get(
                value, min(before.at_most(value), now.at_most(value) / now.cells * before.cells)
            ),
            now.listed.get(
                value, min(now.at_most(value), before.at_most(value) / before.cells * now.cells)
            ),
        )
        for value in dict.fromkeys((*before.listed, *now.listed))
    ]
    counts = np.array(known, dtype=float).reshape(-1, 2).T
    pooled = counts.sum(axis=0) / sizes.sum()
    order = np.argsort(-pooled, kind="stable")[:_MOST_CELLS]
    kept = counts[:, order[pooled[order] * sizes.min() >= _LEAST_EXPECTED]]
    rest = np.maximum(sizes - kept.sum(axis=1, keepdims=True), 0.0)
    return np.hstack([kept, rest]) if rest.sum() > 0 else kept


def chi_squared(table: Floats) -> tuple[float, float]:
    """Pearson's statistic of two rows of counts, and its p."""
    if table.shape[1] < _TWO:
        return 0.0, 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return statistic, float(chi2.sf(statistic, table.shape[1] - 1))


def _numbers(pair: ColumnPair, rows: float) -> tuple[float, float]:
    before, now = at_reference(pair)
    d = float(np.abs(before - now).max(initial=0.0))
    return d, float(kstwobign.sf(d * math.sqrt(rows)))


def _categories(pair: ColumnPair, rows: float) -> tuple[float, float]:
    table = category_table(pair)
    shares = table / table.sum(axis=1, keepdims=True)
    pooled = table.sum(axis=0) / table.sum()
    moved = np.abs(shares[0] - shares[1]).sum() / 2
    by_chance = np.sqrt(2 / math.pi * pooled * (1 - pooled) / rows).sum() / 2
    return max(float(moved - by_chance), 0.0), chi_squared(table)[1]
