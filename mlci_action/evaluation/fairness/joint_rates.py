"""How uncertain are the rates of several groups, of both models at once?

A rate is the share of some rows that a model gives the positive label: of all rows of a group, or
of its positives or negatives alone. No row belongs to two rates, but rows of one unit may.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlci_action.evaluation.reading.dependence import Dependence
from mlci_action.evaluation.reading.paired import PairedRows

_Array = NDArray[np.float64]
_Labels = NDArray[np.int64]
# The joint cells [candidate, baseline] in which the models differ (after Agresti and Min 2005).
_HALF_ROWS = np.array([[0.0, 0.5], [0.5, 0.0]])
_LABELS = np.array([0.0, 1.0])
# A variance this small beside those it is the difference of is what rounding leaves of none.
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class JointRates:
    """K rates of both models, with half a row in each of their discordant cells.

    candidate, baseline: (K,). With f and g the influence of a row (of a unit, where rows depend on
    each other) on the two models' rates, second: (3, K, K) sums of f·f, f·g and g·g over pairs of
    rates; fourth: (5, K) of f⁴, f³g, f²g², fg³ and g⁴ within a rate. count: how many rows or units,
    fewest_units: of the rate that has the fewest.
    """

    candidate: _Array
    baseline: _Array
    second: _Array
    fourth: _Array
    count: float
    dependence: Dependence | None = None
    fewest_units: int | None = None

    @property
    def swapped(self) -> JointRates:
        """The same with the roles of the two models exchanged."""
        return replace(
            self,
            candidate=self.baseline,
            baseline=self.candidate,
            second=self.second[::-1].transpose(0, 2, 1),
            fourth=self.fourth[::-1],
        )


def joint_rates(
    rows: PairedRows, ours: _Labels, theirs: _Labels, code: _Labels, count: int
) -> JointRates:
    """What these (n,) labels of two models give; `code` names the rate of each row, 0..count-1."""
    weight = np.ones(rows.n) if rows.weight is None else rows.weight
    cell = (code * 2 + ours) * 2 + theirs
    (first, _), second, fourth = (
        _with_half_rows(cell, weight**power, count) for power in (1, 2, 4)
    )
    total = first.sum(axis=(1, 2))
    candidate, baseline = first[:, 1].sum(axis=1) / total, first[:, :, 1].sum(axis=1) / total
    f = ((_LABELS - candidate[:, None]) / total[:, None])[:, :, None]
    g = ((_LABELS - baseline[:, None]) / total[:, None])[:, None, :]
    rates = JointRates(
        candidate=candidate,
        baseline=baseline,
        second=_on_diagonals(_moments(second[0], f, g, 2)),
        fourth=_moments(fourth[0], f, g, 4),
        count=rows.n + float(count),
    )
    if rows.dependence is None:
        return rates
    influence = (weight * f[code, ours, 0], weight * g[code, 0, theirs])
    unseen = (_moments(second[1], f, g, 2), _moments(fourth[1], f, g, 4))
    return _of_units(rates, rows.dependence, code, influence, unseen)


def _with_half_rows(cell: _Labels, power: _Array, count: int) -> tuple[_Array, _Array]:
    """(K, 2, 2) sums, and what of them half rows are: each of the mean weight of its rate's."""
    seen = np.bincount(cell, power, count * 4).reshape(count, 2, 2)
    rows = np.bincount(cell, minlength=count * 4).reshape(count, 2, 2).sum(axis=(1, 2))
    half = _HALF_ROWS * (seen.sum(axis=(1, 2)) / rows)[:, None, None]
    return seen + half, half


def _moments(cells: _Array, f: _Array, g: _Array, order: int) -> _Array:
    """(order + 1, K) sums over the cells of f to the power i times g to the power order - i."""
    return np.stack(
        [(cells * f**i * g ** (order - i)).sum(axis=(1, 2)) for i in range(order, -1, -1)]
    )


def _on_diagonals(moments: _Array) -> _Array:
    """(3, K) -> (3, K, K): rows of one rate say nothing of another."""
    return np.stack([np.diag(moment) for moment in moments])


def _of_units(
    rates: JointRates,
    dependence: Dependence,
    code: _Labels,
    influence: tuple[_Array, _Array],
    unseen: tuple[_Array, _Array],
) -> JointRates:
    """The same rates with their rows summed within units before they are squared."""
    shape = (dependence.count, len(rates.candidate))
    f, g = (csr_array((part, (dependence.codes, code)), shape=shape) for part in influence)
    second = np.stack([(one.T @ other).toarray() for one, other in ((f, f), (f, g), (g, g))])
    second *= dependence.inflation
    # Both hold a value wherever a unit has rows of a rate, in the same order.
    fourth = [
        np.bincount(f.indices, f.data**i * g.data ** (4 - i), shape[1]) for i in range(4, -1, -1)
    ]
    # Beside rows that move together, what was not seen would move together as well.
    seen = rates.second.diagonal(axis1=1, axis2=2) - unseen[0]
    moved, alone = _of_difference(second.diagonal(axis1=1, axis2=2)), _of_difference(seen)
    rows_in_unit = len(code) / dependence.count
    differs = alone > _ROUNDING * (seen[0] + seen[2])
    effect = np.divide(moved, alone, out=np.full(len(alone), rows_in_unit), where=differs)
    effect = np.maximum(effect, 1.0)
    return replace(
        rates,
        second=second + _on_diagonals(unseen[0] * effect**2),
        fourth=np.stack(fourth) + unseen[1] * effect**4,
        count=float(dependence.count),
        dependence=dependence,
        fewest_units=int(np.bincount(f.indices, minlength=shape[1]).min()),
    )


def _of_difference(moments: _Array) -> _Array:
    """(3, K) -> (K,) variances of the candidate's rate less the baseline's."""
    return np.asarray(moments[0] - 2 * moments[1] + moments[2])
