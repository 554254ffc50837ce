"""Weighted quantiles, against numpy and scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import median_absolute_error

from mlci_action.evaluation.metrics.quantiles import quantiles
from tests.unit.evaluation.cases import Float

SHARES = (0.05, 0.25, 0.5, 0.8, 0.95)


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.integers(-3, 3), min_size=1, max_size=45))
def test_they_are_numpys_averaged_inverse_of_the_distribution(values: list[int]) -> None:
    numbers = np.array(values) / 7
    found = quantiles(numbers, None, SHARES)
    assert quantiles(numbers, None, (0.5,)) == (np.median(numbers),)
    # numpy rounds 0.05 * 20 to more than 1, so the exact shares alone are compared.
    for share, value in zip(SHARES, found, strict=True):
        if abs(share * len(numbers) - round(share * len(numbers))) > 1e-9:
            assert value == np.quantile(numbers, share, method="averaged_inverted_cdf")


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4)), min_size=1, max_size=40),
    unit=st.sampled_from([1.0, 0.25, 0.1]),
)
def test_weights_count_as_so_many_rows(rows: list[tuple[int, int]], unit: float) -> None:
    values = np.array([float(row[0]) for row in rows])
    times = np.array([row[1] for row in rows])
    weighted = quantiles(values, times * unit, (0.3, 0.5))
    if unit == 1:
        assert weighted == quantiles(np.repeat(values, times), None, (0.3, 0.5))
    expected = median_absolute_error(np.zeros(len(values)), values, sample_weight=times * unit)
    assert weighted[1] == expected


@pytest.mark.parametrize("step", [0.0, 0.5, 3.0])
@pytest.mark.parametrize("shares", [(0.495, 0.5, 0.505), (0.0001,), (1.0,), (0.05, 0.95)])
def test_many_values_are_asked_through_a_sample_of_them(
    shares: tuple[float, ...], step: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rounded values tie with both ends of what the sample lets through."""
    monkeypatch.setattr("mlci_action.evaluation.metrics.quantiles._SAMPLE", 256)
    values = np.random.default_rng(1).normal(size=5000)
    values = np.round(values / step) * step if step else values
    ordered = np.sort(values)
    found = quantiles(values, None, shares)
    assert found == tuple(_second_definition(ordered, share) for share in shares)


def test_a_sample_that_misleads_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every twentieth value is far off, and the sample takes just those."""
    monkeypatch.setattr("mlci_action.evaluation.metrics.quantiles._SAMPLE", 250)
    values = np.random.default_rng(1).normal(size=5000)
    values[::20] = np.random.default_rng(2).normal(100, 1, 250)
    assert quantiles(values, None, (0.5,)) == (np.median(values),)


def _second_definition(ordered: Float, share: float) -> float:
    """Of Hyndman and Fan, from all values in order."""
    rows = share * len(ordered)
    place = max(math.ceil(rows) - 1, 0)
    exact = place + 1 - rows < 1e-12 and place + 1 < len(ordered)
    return float((ordered[place] + ordered[place + 1]) / 2 if exact else ordered[place])


def test_rows_of_no_weight_lie_nowhere() -> None:
    values = np.array([0.0, 1.0, 2.0, 3.0])
    assert quantiles(values, np.array([0.0, 1.0, 1.0, 0.0]), (0.01, 0.5)) == (1.0, 1.5)
    assert quantiles(values, np.array([0.0, 1.0, 0.0, 1.0]), (0.5,)) == (2.0,)
