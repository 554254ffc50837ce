"""Limits on a score and on its change."""

from __future__ import annotations

import math

import pytest

from mlci_action.domain.limits import Margin, MetricLimits
from mlci_action.domain.metrics import METRICS

_ACCURACY = METRICS["accuracy"]


@pytest.mark.parametrize("value", [-0.01, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", ["absolute", "relative"])
def test_a_margin_is_finite_and_not_negative(kind: str, value: float) -> None:
    with pytest.raises(ValueError, match="a margin is a finite number >= 0"):
        Margin(**{kind: value})
    with pytest.raises(ValueError, match="a margin is a finite number >= 0"):
        Margin(**{"absolute": 0.1, "relative": 0.1} | {kind: value})


def test_a_margin_without_any_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="a margin is a finite number >= 0"):
        Margin()


def test_a_margin_of_zero_is_a_margin() -> None:
    assert Margin(absolute=0.0) == Margin(absolute=0.0, relative=None)


@pytest.mark.parametrize("rule", ["max_regression", "min_improvement", "max_improvement"])
def test_a_limit_on_the_change_needs_a_baseline(rule: str) -> None:
    limits = MetricLimits(metric=_ACCURACY, **{rule: Margin(absolute=0.0)})  # type: ignore[arg-type]
    assert limits.compares is True


def test_limits_on_the_value_need_no_baseline() -> None:
    assert MetricLimits(metric=_ACCURACY, min=0.5, max=0.9).compares is False
