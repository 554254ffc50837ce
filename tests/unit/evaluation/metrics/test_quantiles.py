"""Weighted quantiles, against numpy and scikit-learn."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import median_absolute_error

from mlci_action.evaluation.metrics.quantiles import quantiles

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


def test_rows_of_no_weight_lie_nowhere() -> None:
    values = np.array([0.0, 1.0, 2.0, 3.0])
    assert quantiles(values, np.array([0.0, 1.0, 1.0, 0.0]), (0.01, 0.5)) == (1.0, 1.5)
    assert quantiles(values, np.array([0.0, 1.0, 0.0, 1.0]), (0.5,)) == (2.0,)
