"""What would one write by hand to check one table beside another? In polars and in pandas.

Both give the same answers for every column of both Parquet files: same type, share missing, rows
beyond the reference's range or categories, outliers by z and by the quartiles, drift as PSI over
deciles (or categories) and as the largest distance at 65 quantiles; and ids that are not unique.
They skip nothing and guard against little: this is what a careful afternoon gives, not a library.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

ID = "id"
_DECILES = np.arange(1, 10) / 10
_GRID = np.arange(65) / 64
_Z, _IQR = 4.0, 1.5
_FLOOR = 1e-4
_DIGITS = 6

Answers = dict[str, tuple[float | bool, ...]]
_Float = NDArray[np.float64]


def with_polars(reference: str, new: str) -> Answers:
    """All columns of one table side by side, in the threads of polars."""
    pl = import_module("polars")
    known, table = pl.read_parquet(reference), pl.read_parquet(new)
    numbers = [name for name in known.columns if known[name].dtype.is_numeric() and name != ID]
    texts = [name for name in known.columns if known[name].dtype in (pl.String, pl.Boolean)]
    sums = known.select(
        *(pl.col(name).mean().alias(f"mean {name}") for name in numbers),
        *(pl.col(name).std().alias(f"sd {name}") for name in numbers),
    ).row(0, named=True)
    bounds = {name: (sums[f"mean {name}"], sums[f"sd {name}"]) for name in numbers}
    far = table.select(
        *(
            ((pl.col(name) - mean).abs() > _Z * sd).sum().alias(name)
            for name, (mean, sd) in bounds.items()
        )
    ).row(0, named=True)
    missing = [frame.null_count().row(0, named=True) for frame in (known, table)]
    with ThreadPoolExecutor() as pool:
        # numpy sorts several times faster than polars, and lets other threads run meanwhile.
        columns = [frame[name] for frame in (known, table) for name in numbers]
        in_order = list(pool.map(lambda column: np.sort(column.drop_nulls().to_numpy()), columns))
    old_values = dict(zip(numbers, in_order, strict=False))
    new_values = dict(zip(numbers, in_order[len(numbers) :], strict=True))
    answers: Answers = {ID: (table[ID].n_unique() == table.height,)}
    for name in known.columns:
        same = known[name].dtype == table[name].dtype
        shares = [counts[name] / known.height for counts in missing]
        answers[name] = (*answers.get(name, ()), same, *np.round(shares, _DIGITS).tolist())
        if name in numbers:
            answers[name] += _of_numbers(old_values[name], new_values[name], int(far[name]))
        elif name in texts:
            counts = [frame[name].drop_nulls().value_counts() for frame in (known, table)]
            answers[name] += _of_categories(
                *(dict(zip(*count.get_columns(), strict=True)) for count in counts)
            )
    return answers


def with_pandas(reference: str, new: str) -> Answers:
    """One column after the other."""
    pd = import_module("pandas")
    known, table = pd.read_parquet(reference), pd.read_parquet(new)
    answers: Answers = {ID: (bool(table[ID].is_unique),)}
    for name in known.columns:
        old, now = known[name], table[name]
        shares = [float(column.isna().mean()) for column in (old, now)]
        answers[name] = (
            *answers.get(name, ()),
            old.dtype == now.dtype,
            *np.round(shares, _DIGITS).tolist(),
        )
        if old.dtype.kind in "if" and name != ID:
            far = int(((now - old.mean()).abs() > _Z * old.std()).sum())
            values = [np.sort(column.dropna().to_numpy()) for column in (old, now)]
            answers[name] += _of_numbers(values[0], values[1], far)
        elif old.dtype.kind != "M" and name != ID:
            answers[name] += _of_categories(
                *(column.value_counts().to_dict() for column in (old, now))
            )
    return answers


def _of_numbers(old: NDArray[Any], now: NDArray[Any], far: int) -> tuple[float, ...]:
    """Rows beyond the range, outliers and drift, from values in order."""
    below, above = np.searchsorted(now, old[0]), len(now) - np.searchsorted(now, old[-1], "right")
    low, high = _quantiles(old, np.array([0.25, 0.75]))
    reach = _IQR * (high - low)
    inside = np.searchsorted(now, high + reach, "right") - np.searchsorted(now, low - reach)
    cuts = _quantiles(old, _DECILES)
    shares = [np.diff(_below(values, cuts), prepend=0, append=1) for values in (old, now)]
    grid = _quantiles(old, _GRID)
    moved = np.abs(_below(old, grid) - _below(now, grid)).max()
    drift = np.round([_psi(*shares), moved], _DIGITS)
    return (int(below), int(above), far, int(len(now) - inside), *drift.tolist())


def _of_categories(old: dict[Any, int], now: dict[Any, int]) -> tuple[float, ...]:
    """Rows of unknown categories, and drift."""
    names = sorted({*old, *now})
    shares = [np.array([counts.get(name, 0) for name in names], float) for counts in (old, now)]
    shares = [counts / counts.sum() for counts in shares]
    unseen = sum(count for name, count in now.items() if name not in old)
    moved = np.abs(shares[0] - shares[1]).sum() / 2
    return (unseen, *np.round([_psi(*shares), moved], _DIGITS).tolist())


def _quantiles(in_order: NDArray[Any], at: _Float) -> NDArray[Any]:
    """Values that occur, so that both sides of a tie are counted alike."""
    return in_order[np.round(at * (len(in_order) - 1)).astype(np.int64)]


def _below(in_order: NDArray[Any], cuts: NDArray[Any]) -> _Float:
    return np.searchsorted(in_order, cuts, "right") / len(in_order)


def _psi(old: _Float, now: _Float) -> float:
    old, now = np.maximum(old, _FLOOR), np.maximum(now, _FLOOR)
    return float(((now - old) * np.log(now / old)).sum())
