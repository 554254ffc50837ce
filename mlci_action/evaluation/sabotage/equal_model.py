"""How would a model compare that is exactly as good, and differs as much as this candidate does?"""

from __future__ import annotations

from dataclasses import replace

from mlci_action.domain.behaviour import Behaviour
from mlci_action.domain.comparison import Comparison, ComparisonRow


def as_good(comparison: Comparison) -> Comparison:
    """The rows over all rows with no difference, and intervals as wide as they are.

    Only the intervals' middles move, so what one pair of models tells of the noise of another that
    disagrees as often is taken over as it is. Flips, which have no difference, are left out.
    """
    rows = tuple(_as_good(row) for row in comparison.rows if row.slice is None)
    return replace(comparison, rows=rows, behaviour=Behaviour())


def _as_good(row: ComparisonRow) -> ComparisonRow:
    interval = row.interval
    if row.diff is None or interval is None or interval.low is None or interval.high is None:
        return row
    half = (interval.high - interval.low) / 2
    return replace(
        row,
        candidate=row.baseline,
        diff=0.0,
        interval=replace(interval, low=-half, high=half, centre=None, counts=None),
    )
