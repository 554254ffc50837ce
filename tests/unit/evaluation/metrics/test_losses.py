"""Per-row losses at the ends of their range."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import log_loss, mean_absolute_percentage_error

from mlci_action.evaluation.metrics.losses import (
    absolute_errors,
    log_losses,
    mean_of,
    percentage_errors,
    squared_errors,
)


def test_certain_and_wrong_is_clipped_as_in_scikit_learn() -> None:
    truth, scores = np.array([1, 0, 1]), np.array([0.0, 1.0, 1.0])
    assert mean_of(log_losses(truth, scores), None).value == pytest.approx(
        log_loss(truth, scores), abs=1e-9
    )
    both = np.column_stack([1 - scores, scores])
    assert log_losses(truth, both).tolist() == log_losses(truth, scores).tolist()


def test_a_truth_of_zero_is_the_smallest_step_in_a_percentage() -> None:
    truth, values = np.array([0.0, 2.0]), np.array([1e-17, 3.0])
    assert mean_of(percentage_errors(truth, values), None).value == pytest.approx(
        mean_absolute_percentage_error(truth, values), abs=1e-9
    )


def test_errors_have_no_sign() -> None:
    truth, values = np.array([1.0, -2.0]), np.array([3.0, -2.5])
    assert absolute_errors(truth, values).tolist() == [2.0, 0.5]
    assert squared_errors(truth, values).tolist() == [4.0, 0.25]


def test_a_mean_that_overflows_is_no_number() -> None:
    overflowed = mean_of(squared_errors(np.zeros(2), np.full(2, 1e200)), None)
    assert (overflowed.value, overflowed.note) == (None, "not a finite number")
    assert math.isfinite(mean_of(np.ones(3), np.array([1.0, 0.0, 2.0])).value or math.nan)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_certainty_is_clipped_at_the_precision_of_the_scores(
    precision: type[np.floating[Any]],
) -> None:
    """scikit-learn sums single precision in single precision, so it agrees to 1e-7 alone there."""
    truth = np.array([1, 0, 1, 0])
    scores: NDArray[np.floating[Any]] = np.array([0.0, 1.0, 0.3, 0.2]).astype(precision)
    losses = log_losses(truth, scores)
    assert losses.dtype == np.float64
    assert losses[0] == pytest.approx(-math.log(np.finfo(precision).eps))
    assert losses.mean() == pytest.approx(log_loss(truth, scores), rel=1e-6)
