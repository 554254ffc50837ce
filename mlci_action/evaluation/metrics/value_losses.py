"""How wrong is a predicted number on each row, and where is that defined? Losses beside errors.

Values and limits are those of scikit-learn's functions of the same names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

_Float = NDArray[np.float64]
_Mask = NDArray[np.bool_]


def squared_log_errors(truth: _Float, values: _Float) -> _Float:
    """(n,) squared differences of log(1 + x)."""
    return np.asarray((np.log1p(truth) - np.log1p(values)) ** 2)


def poisson_deviances(truth: _Float, values: _Float) -> _Float:
    """(n,) unit deviances of a Poisson count from its mean."""
    with np.errstate(all="ignore"):  # a mean that is infinite is said to be no number
        return np.asarray(2 * (xlogy(truth, truth / values) - truth + values))


def gamma_deviances(truth: _Float, values: _Float) -> _Float:
    """(n,) unit deviances of a positive number from its mean."""
    with np.errstate(all="ignore"):
        return np.asarray(2 * (np.log(values / truth) + truth / values - 1))


def quantile_losses(truth: _Float, values: _Float, alpha: float) -> _Float:
    """(n,) pinball losses: a truth above the value costs `alpha` a unit, one below 1 - `alpha`."""
    errors = truth - values
    return np.asarray(np.where(errors >= 0, alpha * errors, (alpha - 1) * errors))


def why_undefined(function: str, truth: _Float, values: _Float) -> str:
    """Why the loss of that name has no value here, or an empty text."""
    for what, numbers, needed in zip(
        ("the target", "the prediction"), (truth, values), _DEFINED.get(function, ()), strict=False
    ):
        outside = len(numbers) - int(np.count_nonzero(needed.holds(numbers)))
        if outside:
            return f"{what} must be {needed.text}, and is not in {outside} of {len(truth)} rows"
    return ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Range:
    """Numbers for which a loss is defined."""

    text: str
    holds: Callable[[_Float], _Mask]


_ABOVE_MINUS_ONE = _Range(text="above -1", holds=lambda numbers: numbers > -1)
_NOT_NEGATIVE = _Range(text="0 or more", holds=lambda numbers: numbers >= 0)
_POSITIVE = _Range(text="above 0", holds=lambda numbers: numbers > 0)

# Of the target, and of the prediction.
_DEFINED = {
    "mean_squared_log_error": (_ABOVE_MINUS_ONE, _ABOVE_MINUS_ONE),
    "root_mean_squared_log_error": (_ABOVE_MINUS_ONE, _ABOVE_MINUS_ONE),
    "mean_poisson_deviance": (_NOT_NEGATIVE, _POSITIVE),
    "mean_gamma_deviance": (_POSITIVE, _POSITIVE),
}
