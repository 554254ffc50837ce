"""Losses per row against scikit-learn, and where they are not defined."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from mlci_action.evaluation.metrics.value_losses import (
    gamma_deviances,
    poisson_deviances,
    quantile_losses,
    squared_log_errors,
    why_undefined,
)


def test_losses_at_the_ends_of_their_range_are_those_of_scikit_learn() -> None:
    truth, values = np.array([0.0, 2.0, 3.0]), np.array([1e-9, 2.0, 7.0])
    assert poisson_deviances(truth, values).mean() == pytest.approx(
        sk.mean_poisson_deviance(truth, values), abs=1e-12
    )
    truth[0] = 1e-9
    assert gamma_deviances(truth, values).mean() == pytest.approx(
        sk.mean_gamma_deviance(truth, values), abs=1e-12
    )
    truth[0], values[0] = -0.999, -0.5
    assert squared_log_errors(truth, values).mean() == pytest.approx(
        sk.mean_squared_log_error(truth, values), abs=1e-12
    )


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.95])
def test_a_quantile_loss_costs_alpha_a_unit_above_and_the_rest_below(alpha: float) -> None:
    truth, values = np.array([3.0, 3.0, 3.0]), np.array([1.0, 3.0, 7.0])
    losses = quantile_losses(truth, values, alpha)
    assert losses.tolist() == pytest.approx([2 * alpha, 0.0, 4 * (1 - alpha)])
    assert losses.mean() == pytest.approx(sk.mean_pinball_loss(truth, values, alpha=alpha))


@pytest.mark.parametrize(
    ("function", "truth", "value", "note"),
    [
        ("mean_squared_log_error", -1.0, 1.0, "the target must be above -1"),
        ("root_mean_squared_log_error", 1.0, -1.0, "the prediction must be above -1"),
        ("mean_poisson_deviance", -0.1, 1.0, "the target must be 0 or more"),
        ("mean_poisson_deviance", 1.0, 0.0, "the prediction must be above 0"),
        ("mean_gamma_deviance", 0.0, 1.0, "the target must be above 0"),
        ("mean_gamma_deviance", 1.0, 0.0, "the prediction must be above 0"),
    ],
)
def test_where_scikit_learn_raises_there_is_a_reason(
    function: str, truth: float, value: float, note: str
) -> None:
    rows = np.array([truth, 2.0, 3.0]), np.array([value, 2.0, 3.0])
    with pytest.raises(ValueError, match="used"):
        getattr(sk, function)(*rows)
    assert why_undefined(function, *rows) == f"{note}, and is not in 1 of 3 rows"


def test_where_a_loss_is_defined_there_is_none() -> None:
    zero, one = np.zeros(2), np.ones(2)
    assert why_undefined("mean_poisson_deviance", zero, one) == ""
    assert why_undefined("mean_squared_log_error", zero, -one / 2) == ""
    assert why_undefined("mean_squared_error", -one, -one) == ""
