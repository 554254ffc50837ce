"""How well does a score order the rows? ROC AUC and average precision, from one sort.

AUC influence: placements (DeLong, DeLong and Clarke-Pearson 1988). Average precision influence: its
derivative by the rows' weights, from cumulative sums over the same order. Ties as in scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlci_action.evaluation.ordering import ascending
from mlci_action.evaluation.paired import Estimate, estimate

_Float = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ranking:
    """Both metrics of one score."""

    roc_auc: Estimate
    average_precision: Estimate


def rank(positive: NDArray[np.bool_], scores: _Float, weight: _Float | None) -> Ranking:
    """(n,) truth, (n,) finite scores, (n,) weights or None -> both metrics with (n,) influence."""
    order = ascending(scores)
    truth = positive[order]
    weights = None if weight is None else weight[order]
    groups = _groups(scores[order], truth, weights)
    if not (groups.all_positives > 0 and groups.all_negatives > 0):
        undefined = Estimate(note="the rows hold only one class")
        return Ranking(roc_auc=undefined, average_precision=undefined)
    return Ranking(
        roc_auc=_in_order(order, weights, *_roc_auc(groups, truth)),
        average_precision=_in_order(order, weights, *_average_precision(groups, truth)),
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Groups:
    """Rows of equal score, ascending: (g,) summed weights, of positives and of all.

    up_to_*: sums up to and with the group. sizes: rows per group, None when no two rows tie.
    """

    positives: _Float
    rows: _Float
    up_to_positives: _Float
    up_to_rows: _Float
    sizes: NDArray[np.int64] | None

    @property
    def all_positives(self) -> float:
        """The weight of all positives."""
        return float(self.up_to_positives[-1]) if len(self.up_to_positives) else 0.0

    @property
    def all_negatives(self) -> float:
        """The weight of all negatives."""
        return float(self.up_to_rows[-1]) - self.all_positives if len(self.up_to_rows) else 0.0

    def per_row(self, values: _Float) -> _Float:
        """(g,) -> (n,)."""
        return values if self.sizes is None else np.repeat(values, self.sizes)


def _groups(scores: _Float, truth: NDArray[np.bool_], weights: _Float | None) -> _Groups:
    """Running sums at the last row of each group; of whole rows they are counts."""
    if weights is None:
        up_to_positives = np.cumsum(truth, dtype=np.int64).astype(np.float64)
        up_to_rows = np.arange(1.0, len(truth) + 1)
    else:
        up_to_positives, up_to_rows = np.cumsum(truth * weights), np.cumsum(weights)
    ends = np.flatnonzero(np.append(scores[1:] != scores[:-1], True))
    sizes = None
    if len(ends) < len(scores):
        up_to_positives, up_to_rows = up_to_positives[ends], up_to_rows[ends]
        sizes = np.diff(ends, prepend=-1)
    return _Groups(
        positives=np.diff(up_to_positives, prepend=0.0),
        rows=np.diff(up_to_rows, prepend=0.0),
        up_to_positives=up_to_positives,
        up_to_rows=up_to_rows,
        sizes=sizes,
    )


def _roc_auc(groups: _Groups, truth: NDArray[np.bool_]) -> tuple[float, _Float]:
    """The area, and its derivative by each row's weight: the placement in the other class."""
    positives, negatives = groups.all_positives, groups.all_negatives
    own_negatives = groups.rows - groups.positives
    negatives_below = groups.up_to_rows - groups.up_to_positives - own_negatives / 2
    positives_above = positives - groups.up_to_positives + groups.positives / 2
    pairs = positives * negatives
    area = float((groups.positives * negatives_below).sum()) / pairs
    of_positive = groups.per_row(negatives_below / pairs - area / positives)
    of_negative = groups.per_row(positives_above / pairs - area / negatives)
    return area, np.where(truth, of_positive, of_negative)


def _average_precision(groups: _Groups, truth: NDArray[np.bool_]) -> tuple[float, _Float]:
    """The value, and its derivative by each row's weight."""
    positives = groups.all_positives
    rows_from = groups.up_to_rows[-1] - groups.up_to_rows + groups.rows
    # Rows without weight may be all there is at the top: they are no hits.
    rows_from = np.maximum(rows_from, np.finfo(np.float64).tiny)
    precision = (positives - groups.up_to_positives + groups.positives) / rows_from
    value = float((groups.positives * precision).sum()) / positives
    # A row joins every group at or below its own score: as a hit if positive, as a row in any case.
    share = groups.positives / (rows_from * positives)
    gained = (precision - value) / positives + np.cumsum(share)
    cost = np.cumsum(share * precision)
    return value, truth * groups.per_row(gained) - groups.per_row(cost)


def _in_order(
    order: NDArray[np.int64], weights: _Float | None, value: float, derivative: _Float
) -> Estimate:
    """The estimate with each row's influence, put back into the rows' own order."""
    influence = np.empty_like(derivative)
    influence[order] = derivative if weights is None else derivative * weights
    return estimate(value, influence)
