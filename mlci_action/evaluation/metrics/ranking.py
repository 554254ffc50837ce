"""How well does a score order the rows? ROC AUC and average precision, from one sort.

AUC influence: placements (DeLong, DeLong and Clarke-Pearson 1988). Average precision influence: its
derivative by the rows' weights, from cumulative sums over the same order. Ties as in scikit-learn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.evaluation.intervals.passes import ROWS_A_PASS, passes
from mlci_action.evaluation.metrics.ordering import Order, order_of
from mlci_action.evaluation.reading.paired import Estimate, estimate

_Float = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ranking:
    """Both metrics of one score."""

    roc_auc: Estimate
    average_precision: Estimate


def rank(
    positive: NDArray[np.bool_], scores: NDArray[np.floating[Any]], weight: _Float | None
) -> Ranking:
    """(n,) truth, (n,) finite scores, (n,) weights or None -> both metrics with (n,) influence."""
    walk = _Walk.through(positive, weight)
    if walk is None:
        return Ranking(roc_auc=_UNDEFINED, average_precision=_UNDEFINED)
    order = order_of(scores)
    of_auc, of_precision = np.empty(len(scores)), np.empty(len(scores))
    for rows, groups in _groups(order, positive, weight):
        sums = walk.past(groups)
        of_auc[rows] = walk.placements(groups, sums)
        of_precision[rows] = walk.precisions(groups, sums)
    area, precision = walk.area / walk.positives, walk.precision / walk.positives
    _centre(of_auc, positive, weight, area / walk.positives, area / walk.negatives)
    _centre(of_precision, positive, weight, precision / walk.positives, 0.0)
    return Ranking(
        roc_auc=estimate(area, of_auc), average_precision=estimate(precision, of_precision)
    )


def roc_auc(
    positive: NDArray[np.bool_], scores: NDArray[np.floating[Any]], weight: _Float | None
) -> Estimate:
    """The area of `rank` alone."""
    walk = _Walk.through(positive, weight)
    if walk is None:
        return _UNDEFINED
    order = order_of(scores)
    influence = np.empty(len(scores))
    for rows, groups in _groups(order, positive, weight):
        influence[rows] = walk.placements(groups, walk.past(groups))
    area = walk.area / walk.positives
    _centre(influence, positive, weight, area / walk.positives, area / walk.negatives)
    return estimate(area, influence)


_UNDEFINED = Estimate(note="the rows hold only one class")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Groups:
    """Consecutive rows in ascending order of their scores, in whole groups of equal ones.

    positive, weight: (m,) of the rows. ends: (g,) the last row of each group, None when no two rows
    tie.
    """

    positive: NDArray[np.bool_]
    weight: _Float | None
    ends: NDArray[np.int64] | None

    def positives(self) -> _Float:
        """(g,) weight of the positives up to and with each group."""
        # Counts, where rows count as one, are summed several times faster than floats.
        if self.weight is None:
            sums = np.cumsum(self.positive, dtype=np.int64)
        else:
            sums = np.cumsum(self.positive * self.weight)
        return (sums if self.ends is None else sums[self.ends]).astype(np.float64)

    def rows(self) -> _Float:
        """(g,) weight of all rows up to and with each group."""
        if self.weight is None:
            sums = np.arange(1.0, len(self.positive) + 1)
        else:
            sums = np.cumsum(self.weight)
        return sums if self.ends is None else sums[self.ends]

    def weighted(self, values: _Float) -> _Float:
        """(m,) times the weights."""
        return values if self.weight is None else values * self.weight

    def per_row(self, values: _Float) -> _Float:
        """(g,) -> (m,)."""
        return values if self.ends is None else np.repeat(values, np.diff(self.ends, prepend=-1))


def _groups(
    order: Order, positive: NDArray[np.bool_], weight: _Float | None
) -> Iterator[tuple[NDArray[np.int64], _Groups]]:
    """The rows in ascending order, pass by pass."""
    begin = 0
    while begin < len(order.rows):
        end = min(begin + ROWS_A_PASS, len(order.rows))
        end += int(order.last[end - 1 :].argmax())
        rows, last = order.rows[begin:end], order.last[begin:end]
        yield (
            rows,
            _Groups(
                positive=positive[rows],
                weight=None if weight is None else weight[rows],
                ends=None if last.all() else np.flatnonzero(last),
            ),
        )
        begin = end


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Sums:
    """(g,) summed weights of groups: up to and with each, and of each alone."""

    up_to_positives: _Float
    up_to_rows: _Float
    positives: _Float
    rows: _Float


@dataclass(kw_only=True, slots=True)
class _Walk:
    """Both metrics' sums over the groups that were passed, from the lowest score up.

    positives, negatives: the weight of each class. area, precision: the metrics times positives.
    """

    positives: float
    negatives: float
    positives_below: float = 0.0
    rows_below: float = 0.0
    area: float = 0.0
    precision: float = 0.0
    share_below: float = 0.0
    cost_below: float = 0.0

    @classmethod
    def through(cls, positive: NDArray[np.bool_], weight: _Float | None) -> _Walk | None:
        """A walk through these rows, None when one class has no weight."""
        if weight is None:
            positives = float(np.count_nonzero(positive))
            negatives = len(positive) - positives
        else:
            positives, negatives = float(weight[positive].sum()), float(weight[~positive].sum())
        if not (positives > 0 and negatives > 0):
            return None
        return cls(positives=positives, negatives=negatives)

    def past(self, groups: _Groups) -> _Sums:
        """The sums of these groups, the next ones."""
        up_to_positives, up_to_rows = groups.positives(), groups.rows()
        up_to_positives += self.positives_below
        up_to_rows += self.rows_below
        sums = _Sums(
            up_to_positives=up_to_positives,
            up_to_rows=up_to_rows,
            positives=np.diff(up_to_positives, prepend=self.positives_below),
            rows=np.diff(up_to_rows, prepend=self.rows_below),
        )
        self.positives_below, self.rows_below = float(up_to_positives[-1]), float(up_to_rows[-1])
        return sums

    def placements(self, groups: _Groups, sums: _Sums) -> _Float:
        """(m,) how each row moves the area, but for a constant a class: its placement."""
        negatives_below = sums.up_to_rows - sums.up_to_positives
        negatives_below -= (sums.rows - sums.positives) / 2
        self.area += float((sums.positives * negatives_below).sum()) / self.negatives
        positives_above = self.positives - sums.up_to_positives
        positives_above += sums.positives / 2
        # Products, because a choice by labels in no order is a branch that is guessed wrong.
        placed = groups.positive * groups.per_row(negatives_below)
        placed += ~groups.positive * groups.per_row(positives_above)
        placed /= self.positives * self.negatives
        return groups.weighted(placed)

    def precisions(self, groups: _Groups, sums: _Sums) -> _Float:
        """(m,) how each row moves the average precision, but for a constant a class.

        A row joins every group at or below its own: as a hit if positive, as a row in any case.
        """
        rows_from = self.positives + self.negatives - sums.up_to_rows
        rows_from += sums.rows
        # Rows without weight may be all there is at the top: they are no hits.
        np.maximum(rows_from, np.finfo(np.float64).tiny, out=rows_from)
        precision = (self.positives - sums.up_to_positives + sums.positives) / rows_from
        self.precision += float((sums.positives * precision).sum())
        share = sums.positives / rows_from
        cost = np.cumsum(share * precision)
        cost += self.cost_below
        gained = np.cumsum(share)
        gained += self.share_below
        self.share_below, self.cost_below = float(gained[-1]), float(cost[-1])
        gained += precision
        moved = groups.positive * groups.per_row(gained)
        moved -= groups.per_row(cost)
        moved /= self.positives
        return groups.weighted(moved)


def _centre(
    influence: _Float,
    positive: NDArray[np.bool_],
    weight: _Float | None,
    of_positive: float,
    of_negative: float,
) -> None:
    """Take from each row, in place, what the metric's own value makes of it."""
    for part in passes(len(influence)):
        constant = positive[part] * of_positive
        constant += ~positive[part] * of_negative
        if weight is not None:
            constant *= weight[part]
        influence[part] -= constant
