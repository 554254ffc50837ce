"""Which columns go together? Correlations of scores on the reference's scale, all pairs at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mlci_action.domain.profile import ColumnProfile, Correlation, NumberSummary
from mlci_action.profiles.cells import Numbers

MIN_ROWS = 200
_MOST_COLUMNS = 100
_FEWEST_VALUES = 10
_LARGEST_SHARE = 0.5


def correlations(
    sample: pd.DataFrame, scales: Mapping[str, ColumnProfile]
) -> tuple[Correlation, ...]:
    """Pearson's r of the ranks that `scales` give the numbers of `sample`, for each pair.

    A rank is the share of the scale's column that lies below, so no outlier carries a correlation.
    Left out are columns with few values or with one that makes up half, and pairs with fewer than
    200 complete rows.
    """
    names = [name for name in sample.columns if _is_scale(scales.get(name))][:_MOST_COLUMNS]
    names = [name for name in names if sample[name].dtype.kind == "f"]
    if len(names) < 2:  # noqa: PLR2004 - a pair
        return ()
    scores = np.column_stack([_scores(sample[name].to_numpy(), scales[name]) for name in names])
    r, n = _pairwise(scores)
    return tuple(
        Correlation(columns=(names[i], names[j]), r=float(r[i, j]), n=int(n[i, j]))
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if n[i, j] >= MIN_ROWS and np.isfinite(r[i, j])
    )


def _is_scale(column: ColumnProfile | None) -> bool:
    numbers = None if column is None else column.numbers
    if numbers is None or numbers.distinct <= _FEWEST_VALUES:
        return False
    most = max((count for _, count in numbers.values), default=0)  # noqa: PD011 - no pandas
    return most <= _LARGEST_SHARE * numbers.count


def _scores(values: Numbers, column: ColumnProfile) -> Numbers:
    """Where each number lies on the column's scale, 0 to 1; NaN stays NaN."""
    numbers: NumberSummary | None = column.numbers
    assert numbers is not None  # noqa: S101 - asked before
    middle = (np.array(numbers.below) + np.array(numbers.up_to)) / (2.0 * numbers.count)
    scores: Numbers = np.interp(values, numbers.points, middle)
    return scores


def _pairwise(scores: Numbers) -> tuple[Numbers, Numbers]:
    """R and the number of complete rows of each pair of columns; NaN where a column is constant."""
    present = ~np.isnan(scores)
    known = present.astype(float)
    # Near the middle of the scale, so that sums of squares lose no digits.
    x = np.where(present, scores - 0.5, 0.0)
    n = known.T @ known
    sums, squares, products = x.T @ known, (x * x).T @ known, x.T @ x
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = products - sums * sums.T / n
        variance = squares - sums * sums / n
        r = covariance / np.sqrt(variance * variance.T)
    r[(variance <= 1e-9 * n) | (1e-9 * n >= variance.T)] = np.nan
    return np.clip(r, -1.0, 1.0), n
