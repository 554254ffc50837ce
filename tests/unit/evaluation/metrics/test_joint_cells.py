"""Rows counted by truth and both labels, however many cells there could be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlci_action.domain.metric import Task
from mlci_action.evaluation.metrics.joint_cells import JointCells, joint_cells
from mlci_action.evaluation.reading.dependence import units_of
from mlci_action.evaluation.reading.paired import PairedRows
from tests.unit.evaluation.cases import Float, Int, case_of


def _rows(task: Task, n: int, weight: Float | None = None) -> tuple[PairedRows, Int, Int]:
    target, one, other = case_of(task, n, seed=1)
    assert one.labels is not None
    assert other.labels is not None
    rows = PairedRows(
        task=task,
        classes=target.classes,
        truth=target.values,
        candidate=one,
        baseline=other,
        weight=weight,
        dependence=None,
        confidence=0.95,
    )
    return rows, one.labels, other.labels


def _counted(cells: JointCells) -> dict[tuple[int, int, int], int]:
    codes = zip(cells.truth, cells.ours, cells.theirs, strict=True)
    return {
        (int(truth), int(ours), int(theirs)): int(count)
        for (truth, ours, theirs), count in zip(codes, cells.rows, strict=True)
        if count
    }


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS])
@pytest.mark.parametrize("n", [20, 400])
def test_each_cell_holds_the_rows_of_its_truth_and_labels(task: Task, n: int) -> None:
    """Few rows of many possible cells are counted another way, and come out the same."""
    rows, ours, theirs = _rows(task, n)
    expected: dict[tuple[int, int, int], int] = {}
    for one in zip(rows.truth.tolist(), ours.tolist(), theirs.tolist(), strict=True):
        expected[one] = expected.get(one, 0) + 1
    cells = joint_cells(rows, ours, theirs)
    assert _counted(cells) == expected
    assert cells.n == n
    assert cells.differing == np.count_nonzero(ours != theirs)


def test_two_classes_keep_the_cells_that_hold_no_row() -> None:
    rows, ours, _ = _rows(Task.BINARY, 20)
    cells = joint_cells(rows, ours, ours)
    assert len(cells.rows) == 8
    assert cells.differing == 0


def test_powers_of_weights_are_summed_and_the_heaviest_weighs_between_one_and_two() -> None:
    weight = np.random.default_rng(2).uniform(3, 5, 200)
    rows, ours, theirs = _rows(Task.BINARY, 200, weight)
    cells = joint_cells(rows, ours, theirs)
    for power, sums in ((1, cells.first), (2, cells.second), (4, cells.fourth)):
        assert sums.sum() == pytest.approx(((weight / 4) ** power).sum())


def test_half_a_row_joins_each_cell_where_the_models_differ() -> None:
    rows, ours, theirs = _rows(Task.BINARY, 50)
    cells = joint_cells(rows, ours, theirs)
    halved = cells.with_half_rows()
    assert (halved.first - cells.first).tolist() == [0, 0.5, 0.5, 0, 0, 0.5, 0.5, 0]
    assert halved.half_second.tolist() == [0, 0.5, 0.5, 0, 0, 0.5, 0.5, 0]
    assert halved.n == 50


@pytest.mark.parametrize("weighted", [False, True])
def test_units_sum_the_same_over_a_table_and_row_by_row(*, weighted: bool) -> None:
    weight = np.random.default_rng(3).uniform(1, 2, 300) if weighted else None
    rows, ours, theirs = _rows(Task.BINARY, 300, weight)
    units = units_of(np.random.default_rng(4).integers(0, 40, 300))
    table = joint_cells(replace(rows, dependence=units), ours, theirs).units
    assert table is not None
    assert table.table is not None
    row_by_row = replace(table, table=None)
    influence = np.random.default_rng(5).normal(size=8)
    assert table.sums(influence) == pytest.approx(row_by_row.sums(influence))


def test_more_units_than_a_table_has_room_for_are_summed_row_by_row() -> None:
    rows, ours, theirs = _rows(Task.BINARY, 300)
    alone = replace(rows, dependence=units_of(np.arange(300)))
    units = joint_cells(alone, ours, theirs).units
    assert units is not None
    assert units.table is None
