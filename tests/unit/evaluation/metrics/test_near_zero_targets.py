"""The note on a percentage error that a handful of small targets decides."""

from __future__ import annotations

import numpy as np
import pytest

from mlci_action.evaluation.metrics.near_zero_targets import small_targets_note

TRUTH = np.linspace(50, 150, 200)
VALUES = TRUTH + np.where(np.arange(200) % 2, 5.0, -5.0)


def _with(*near_zero: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    truth = TRUTH.copy()
    truth[: len(near_zero)] = near_zero
    return truth


def test_rows_with_targets_near_zero_are_counted() -> None:
    truth = _with(1e-3)
    assert small_targets_note(truth, truth + 5, None) == (
        "1 row makes more than half of it: its target is near zero"
    )
    truth = _with(0.7, 0.7, 0.7)
    assert small_targets_note(truth, truth + 5, None) == (
        "3 rows make more than half of it: their targets are near zero"
    )


@pytest.mark.parametrize(
    ("rows", "note"),
    [(19, "10 rows make more than half of it: their targets are near zero"), (21, "")],
)
def test_more_than_one_row_of_twenty_is_not_a_few(rows: int, note: str) -> None:
    """Each small target is missed by all of it, one large one by a tenth."""
    truth = np.full(200, 1000.0)
    truth[:rows] = 0.1
    values = truth.copy()
    values[:rows] = 0.2
    values[-1] += 100
    assert small_targets_note(truth, values, None) == note


def test_large_errors_are_not_small_targets() -> None:
    values = VALUES.copy()
    values[7] = 1e6
    assert small_targets_note(TRUTH, values, None) == ""


def test_targets_off_zero_need_no_note() -> None:
    draw = np.random.default_rng(1)
    for n in (20, 50, 500):
        for _ in range(50):
            truth = 4 + draw.normal(size=n)
            assert small_targets_note(truth, truth + draw.normal(size=n), None) == ""


def test_a_row_of_little_weight_decides_little() -> None:
    truth, weight = _with(0.05), np.ones(200)
    assert small_targets_note(truth, truth + 5, weight)
    weight[0] = 0.01
    assert small_targets_note(truth, truth + 5, weight) == ""


@pytest.mark.parametrize("n", [0, 19])
def test_of_so_few_rows_nothing_is_said(n: int) -> None:
    truth = _with(1e-9)[:n]
    assert small_targets_note(truth, truth + 5, None) == ""


def test_a_model_without_any_error_has_no_note() -> None:
    assert small_targets_note(TRUTH, TRUTH, None) == ""
