"""Simulated groups: the interval of a gap's change covers it, where groups tie as well.

The joint answers of both models are drawn per group, so that the true gaps are known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from mlci_action.domain.metric import Task
from mlci_action.evaluation.fairness.gap_intervals import change_of_gap
from mlci_action.evaluation.fairness.joint_rates import joint_rates
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions

SETS = 400
Float = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Groups of `n` rows each; how often each model says yes in each, and how far they agree."""

    n: int
    candidate: tuple[float, ...]
    baseline: tuple[float, ...]
    agreement: float = 0.8
    ratio: bool = False

    @property
    def change(self) -> float:
        return _gap(self.candidate, ratio=self.ratio) - _gap(self.baseline, ratio=self.ratio)


def _gap(rates: tuple[float, ...], *, ratio: bool) -> float:
    return -min(rates) / max(rates) if ratio else max(rates) - min(rates)


def _answers(cell: Cell, random: np.random.Generator) -> tuple[PairedRows, NDArray[np.int64]]:
    """Labels of both models, the rows of one group after those of the other."""
    said = []
    for ours, theirs in zip(cell.candidate, cell.baseline, strict=True):
        both = cell.agreement * min(ours, theirs) + (1 - cell.agreement) * ours * theirs
        shares = [1 - ours - theirs + both, theirs - both, ours - both, both]
        said.append(random.choice(4, size=cell.n, p=shares))
    joint = np.concatenate(said)
    rows = PairedRows(
        task=Task.BINARY,
        classes=("no", "yes"),
        truth=np.zeros(len(joint), np.int64),
        candidate=Predictions(labels=joint // 2),
        baseline=Predictions(labels=joint % 2),
        weight=None,
        dependence=None,
        confidence=0.95,
    )
    return rows, np.repeat(np.arange(len(said)), cell.n)


def _misses(cell: Cell) -> tuple[float, float]:
    """How often the true change lies above the interval (a false pass), and below it."""
    random, kind = np.random.default_rng(20_260_102), np.zeros(len(cell.candidate), np.int64)
    above = below = 0
    for _ in range(SETS):
        rows, code = _answers(cell, random)
        assert rows.candidate.labels is not None
        assert rows.baseline is not None
        assert rows.baseline.labels is not None
        rates = joint_rates(rows, rows.candidate.labels, rows.baseline.labels, code, len(kind))
        low, high = change_of_gap(rates, kind, ratio=cell.ratio, confidence=0.95)
        assert low < high
        above += cell.change > high
        below += cell.change < low
    return above / SETS, below / SETS


GROWS = tuple(0.3 if group else 0.2 for group in range(8))


@pytest.mark.parametrize(
    "cell",
    [
        Cell(n=1000, candidate=(0.5, 0.3), baseline=(0.5, 0.3)),
        Cell(n=1000, candidate=(0.4, 0.4), baseline=(0.4, 0.4)),
        Cell(n=200, candidate=(0.45, 0.35), baseline=(0.4, 0.4)),
        Cell(n=1000, candidate=(0.41, 0.39), baseline=(0.39, 0.41)),
        Cell(n=300, candidate=(0.3, 0.5, 0.4), baseline=(0.3, 0.45, 0.4)),
        Cell(n=100, candidate=GROWS, baseline=(0.3,) * 8),
        Cell(n=100, candidate=(0.3,) * 8, baseline=GROWS),
        Cell(n=1000, candidate=(0.45, 0.35), baseline=(0.4, 0.4), ratio=True),
        Cell(n=300, candidate=GROWS, baseline=(0.3,) * 8, ratio=True),
    ],
    ids=str,
)
def test_gaps_cover_where_groups_tie_and_where_they_do_not(cell: Cell) -> None:
    above, below = _misses(cell)
    assert above + below <= 0.07


@pytest.mark.parametrize("lost", [0.005, 0.02])
@pytest.mark.parametrize("gap", [0.0, 0.1])
def test_a_candidate_that_only_takes_from_one_group_hardly_ever_passes_falsely(
    gap: float, lost: float
) -> None:
    before = (0.8 - gap, 0.8)
    cell = Cell(n=1000, candidate=(0.8 - gap - lost, 0.8), baseline=before, agreement=1.0)
    assert _misses(cell)[0] <= 0.06
