"""Which rows tell two models apart by their labels? Rows counted by truth and both labels.

The influence of a row on a label metric is the same for all rows of a joint cell, so the cells are
all that the intervals need; rows that depend on each other are counted unit by unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlci_action.evaluation.intervals.methods import power_of_two
from mlci_action.evaluation.reading.dependence import Dependence, DesignEffect
from mlci_action.evaluation.reading.paired import PairedRows

_Float = NDArray[np.float64]
_Int = NDArray[np.int64]
_Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class JointCells:
    """The m joint cells of truth and both models' labels: all eight of two classes in their order,
    of several classes those that hold a row.

    truth, ours, theirs: (m,) class codes. rows: (m,) how many there are. first, second, fourth:
    (m,) sums of w, w² and w⁴, the weights scaled to 1 at the most, half rows included; half_*: what
    of them are half rows.
    """

    n_classes: int
    truth: _Int
    ours: _Int
    theirs: _Int
    rows: _Int
    first: _Float
    second: _Float
    fourth: _Float
    half_second: _Float
    half_fourth: _Float
    units: UnitCells | None

    @property
    def n(self) -> int:
        """How many rows there are."""
        return int(self.rows.sum())

    @property
    def differ(self) -> _Mask:
        """(m,) whether the models differ."""
        return np.asarray(self.ours != self.theirs)

    @property
    def differing(self) -> int:
        """How many rows the models differ on."""
        return int(self.rows[self.differ].sum())

    def confusions(self) -> _Float:
        """(2, k, k) weight by truth and by the labels of the candidate, of the baseline."""
        k = self.n_classes
        both: list[NDArray[Any]] = [
            np.bincount(self.truth * k + labels, self.first, k * k)
            for labels in (self.ours, self.theirs)
        ]
        return np.stack(both).reshape(2, k, k)

    def with_half_rows(self) -> JointCells:
        """The same with half a row in each cell where the models differ (Agresti and Min 2005).

        A half row has the mean weight (mean square, mean fourth power) of the rows.
        """
        halves = [0.5 * self.differ * sums.sum() / self.n for sums in self._sums]
        return replace(
            self,
            first=self.first + halves[0],
            second=self.second + halves[1],
            fourth=self.fourth + halves[2],
            half_second=halves[1],
            half_fourth=halves[2],
        )

    @property
    def _sums(self) -> tuple[_Float, _Float, _Float]:
        return self.first, self.second, self.fourth


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class UnitCells:
    """The units of dependent rows. cell, weight: (n,) of the rows; table: (G, m) weights by unit
    and cell where that is short, else None.
    """

    dependence: Dependence
    cell: _Int
    weight: _Float | None
    table: _Float | None

    def sums(self, influence: _Float) -> _Float:
        """(m,) influence of a row of weight one in each cell -> (G,) sums of the units."""
        if self.table is not None:
            # einsum, because a product this long wakes BLAS threads that wait for each other.
            return np.asarray(np.einsum("gm,m->g", self.table, influence))
        of_rows = influence[self.cell]
        return self.dependence.sums(of_rows if self.weight is None else of_rows * self.weight)

    def design_effect(self, influence: _Float, sums: _Float) -> float:
        """How much wider the variance is when units of all sizes move as those did that moved.

        sums: (G,) those of the influence. 0 where rows are weighted or none moved.
        """
        if self.weight is not None or not (sums**2).sum() > 0:
            return 0.0
        return DesignEffect.of(
            sums=sums,
            squares=self.sums(influence**2),
            sizes=self.sums(np.ones(len(influence))),
            in_time=self.dependence.order is not None,
        ).times


def joint_cells(rows: PairedRows, ours: _Int, theirs: _Int) -> JointCells:
    """The cells of both models' (n,) labels, without half rows."""
    k = rows.n_classes
    code = rows.truth * k
    code += ours
    code *= k
    code += theirs
    weight = rows.weight
    if weight is not None:
        # No metric changes when all weights double, and powers of small ones do not fit a float.
        weight = weight / power_of_two(float(weight.max(initial=0.0)))
    used, cell, count = _occupied(code, k**3)
    counts = [count] * 3
    if weight is not None:
        square = weight * weight
        counts = [np.bincount(cell, power, len(used)) for power in (weight, square, square**2)]
    truth, of_ours, of_theirs = np.unravel_index(used, (k, k, k))
    units = None
    if rows.dependence is not None:
        units = _units(rows.dependence, cell, weight, len(used))
    return JointCells(
        n_classes=k,
        truth=truth,
        ours=of_ours,
        theirs=of_theirs,
        rows=count,
        first=counts[0].astype(np.float64),
        second=counts[1].astype(np.float64),
        fourth=counts[2].astype(np.float64),
        half_second=np.zeros(len(used)),
        half_fourth=np.zeros(len(used)),
        units=units,
    )


def _occupied(code: _Int, possible: int) -> tuple[_Int, _Int, _Int]:
    """The codes of the cells, (n,) the place of each row's cell among them, and rows of each."""
    if possible > max(8, len(code)):
        used, cell, count = np.unique(code, return_inverse=True, return_counts=True)
        return used, cell, count
    count = np.bincount(code, minlength=possible)
    if possible == 8:  # noqa: PLR2004  two classes
        return np.arange(8), code, count
    used = np.flatnonzero(count)
    place = np.empty(possible, np.int64)
    place[used] = np.arange(len(used))
    return used, place[code], count[used]


def _units(dependence: Dependence, cell: _Int, weight: _Float | None, m: int) -> UnitCells:
    table: NDArray[Any] | None = None
    if dependence.count * m <= 2 * len(cell):
        of_unit = np.bincount(dependence.codes * m + cell, weight, dependence.count * m)
        table = of_unit.reshape(dependence.count, m).astype(np.float64)
    return UnitCells(dependence=dependence, cell=cell, weight=weight, table=table)
