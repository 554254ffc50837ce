"""Do two columns no longer go together as they did: were rows of one of them shuffled?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from scipy.stats import norm

from mlci_action.checks.findings import Compared, Finding, Kind
from mlci_action.checks.row_order import free_pairs
from mlci_action.checks.value_counts import value_counts
from mlci_action.domain.profile import ColumnProfile, Correlation

NAME = "correlation"
ID = f"data.{NAME}"
HELD = "columns go together as they did in the reference"

ALPHA = 0.0002  # of one table
LEAST_MOVE = 0.2  # of r
ENOUGH = 200  # complete rows of either side
_FEWEST_VALUES = 10  # a column needs more
_MOST_OF_ONE = 0.5  # no value may fill more than half of a column
# Fisher's z supposes normal columns: for others its variance was up to twice as large.
_VARIANCE = 2.0
_LARGEST_R = 1 - 1e-9
_MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Move:
    columns: tuple[str, str]
    before: float
    now: float
    p: float

    @property
    def size(self) -> float:
        return abs(self.now - self.before)


def find_correlation(data: Compared) -> Iterator[Finding]:
    """Pairs whose r moved, each told of the column that has most of them."""
    fit = {
        pair.name for pair in free_pairs(data) if _varies(pair.reference) and _varies(pair.batch)
    }
    known = {frozenset(found.columns): found for found in data.reference.correlations}
    asked = [
        (known[frozenset(now.columns)], now)
        for now in data.batch.correlations
        if frozenset(now.columns) in known and fit.issuperset(now.columns)
    ]
    judged = [(a, b) for a, b in asked if min(a.n, b.n) >= ENOUGH and _known(a) and _known(b)]
    moves = [_move(before, now) for before, now in judged]
    left = [move for move in moves if move.size > LEAST_MOVE and move.p <= ALPHA / len(judged)]
    while left:
        column = _most_moved(left)
        yield _finding(column, [move for move in left if column in move.columns])
        left = [move for move in left if column not in move.columns]


def _varies(column: ColumnProfile) -> bool:
    numbers = column.numbers
    return (
        numbers is not None
        and numbers.distinct > _FEWEST_VALUES
        and value_counts(column).top <= _MOST_OF_ONE * numbers.count
    )


def _known(found: Correlation) -> bool:
    return abs(found.r) <= 1


def _move(before: Correlation, now: Correlation) -> _Move:
    apart = math.atanh(_inside(now.r)) - math.atanh(_inside(before.r))
    sd = math.sqrt(_VARIANCE * (1 / (before.n - 3) + 1 / (now.n - 3)))
    p = 2 * float(norm.sf(abs(apart) / sd))
    return _Move(columns=now.columns, before=before.r, now=now.r, p=p)


def _inside(r: float) -> float:
    return max(-_LARGEST_R, min(r, _LARGEST_R))


def _most_moved(moves: list[_Move]) -> str:
    """The column of most pairs, then of the largest moves: shuffling one moves all its pairs."""
    pairs = Counter(column for move in moves for column in move.columns)
    return max(
        pairs,
        key=lambda column: (
            pairs[column],
            sum(move.size for move in moves if column in move.columns),
        ),
    )


def _finding(column: str, moves: list[_Move]) -> Finding:
    ranked = sorted(moves, key=lambda move: -move.size)
    worst = ranked[0]
    partners = [next(name for name in move.columns if name != column) for move in ranked]
    more = f" and {len(partners) - 1} more columns" if len(partners) > 1 else ""
    return Finding(
        column=column,
        message=f"column {column!r} goes otherwise with {partners[0]!r}{more}: the correlation is "
        f"{worst.now:.2f}, {worst.before:.2f} in the reference",
        kind=Kind.COUNT,
        observed=worst.size,
        limit=LEAST_MOVE,
        evidence={
            "pairs": [
                {"with": partner, "before": move.before, "now": move.now, "p": move.p}
                for partner, move in zip(partners, ranked, strict=True)
            ][:_MOST_NAMED]
        },
    )
