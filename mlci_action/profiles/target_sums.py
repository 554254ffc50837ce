"""Is the target a sum of other columns? By least squares, then without what is not needed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlci_action.profiles.cells import Numbers

SUM_SKILL = 0.9999
NEARLY_SUM = 0.999
_MOST_TERMS = 8
_MOST_COLUMNS = 100
_MOST_MISSING = 0.2
_ROWS_PER_COLUMN = 5
_RIDGE = 1e-9  # columns that say the same make no equation unsolvable


def find_sum(columns: pd.DataFrame, target: Numbers) -> tuple[tuple[str, ...], float]:
    """The fewest columns found that add up to `target`, each times a number; none if none do.

    And the share of its spread that they explain (R squared).
    """
    named = [str(n) for n in columns if columns[n].isna().mean() <= _MOST_MISSING]
    complete = columns[named].notna().all(axis=1).to_numpy(dtype=bool)
    values = columns.loc[complete, named].to_numpy(dtype=float)
    scores, moves = _standardized(np.column_stack([values, target[complete]]))
    if not moves[-1] or np.count_nonzero(moves[:-1]) < 2:  # noqa: PLR2004 - a sum has two terms
        return (), 0.0
    together = scores.T @ scores / len(scores)
    related = together[:-1, -1]
    kept = np.flatnonzero(moves[:-1])
    most = min(_MOST_COLUMNS, len(scores) // _ROWS_PER_COLUMN)
    kept = np.sort(kept[np.argsort(-np.abs(related[kept]), kind="stable")][:most])
    full = _explained(together, related, kept)
    if not full >= NEARLY_SUM:
        return (), 0.0
    bar = SUM_SKILL if full >= SUM_SKILL else NEARLY_SUM
    while len(kept) > 1:
        fewer = np.delete(kept, _least_needed(together, related, kept))
        if not _explained(together, related, fewer) >= bar:
            break
        kept = fewer
    if len(kept) > _MOST_TERMS:
        return (), 0.0
    return tuple(named[place] for place in kept), _explained(together, related, kept)


def _standardized(values: Numbers) -> tuple[Numbers, np.ndarray]:
    """Columns with mean 0 and spread 1, and which of them move at all."""
    if not len(values):
        return values, np.zeros(values.shape[1], dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):
        centred = values - values.mean(axis=0)
        spread = centred.std(axis=0)
    moves = np.isfinite(spread) & (spread > 0)
    return np.where(moves, centred / np.where(moves, spread, 1.0), 0.0), moves


def _explained(together: Numbers, related: Numbers, kept: np.ndarray) -> float:
    """The share of the target's spread that these columns explain (R squared)."""
    if not len(kept):
        return 0.0
    own, with_target = together[np.ix_(kept, kept)], related[kept]
    weights = np.linalg.solve(own + _RIDGE * np.eye(len(kept)), with_target)
    return float(2 * weights @ with_target - weights @ own @ weights)


def _least_needed(together: Numbers, related: Numbers, kept: np.ndarray) -> int:
    """The place in `kept` of the column without which the least is lost."""
    inverse = np.linalg.inv(together[np.ix_(kept, kept)] + _RIDGE * np.eye(len(kept)))
    weights = inverse @ related[kept]
    return int(np.argmin(weights**2 / np.diag(inverse)))
