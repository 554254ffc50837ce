"""Which columns give the target away? Measured on a sample of rows, each column by itself.

The target of a row is guessed from the rows beside it in the order of a column, or from those with
the same value, itself left out. Nothing is drawn at random.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.profile import Leak
from mlci_action.profiles.cells import Numbers
from mlci_action.profiles.target_sums import SUM_SKILL, find_sum

LEAK_SKILL = 0.99
NEARLY = 0.95  # listed as well, so that a leak is not new for having been just below the bar
_MIN_ROWS = 50
_MOST_CLASSES = 20
_BESIDE = 2  # neighbours on each side
_ENOUGH_EQUAL = 5  # rows with the same value that say enough without neighbours
_COPIES = 4  # rows as often as this on average may be copies, whatever they hold
_WIDE = 512  # this part of all rows on each side is a stretch of time, not a moment

Places = NDArray[np.intp]


def find_leaks(
    sample: pd.DataFrame,
    target: str,
    *,
    ignoring: Collection[str] = (),
    keys: Collection[str] = (),
) -> tuple[Leak, ...]:
    """Columns, sums of columns and the row order that give `target` away, the strongest first.

    `sample` are rows in their order with columns of float64 or object text. Columns in `ignoring`
    are not looked at; `keys` tell equal rows apart, and are looked at all the same.
    """
    columns = [name for name in sample.columns if name not in ignoring and name != target]
    labelled = sample[sample[target].notna()]
    known = _without_copies(labelled, [target, *(name for name in columns if name not in keys)])
    aim = _aim_of(known[target])
    if aim is None:
        return ()
    found = [leak for name in columns if (leak := _leak(known[name], aim)) is not None]
    # A column that is the target by itself makes a sum of any others.
    itself = {leak.columns[0] for leak in found if leak.kind == "copy" or leak.skill >= SUM_SKILL}
    leaks = [*found, *_order_leak(aim)]
    if aim.numbers is not None:
        numeric = [n for n in columns if n not in itself and _is_numeric(known[n])]
        terms, skill = find_sum(known[numeric], aim.numbers)
        if len(terms) > 1:
            leaks.append(Leak(columns=terms, kind="sum", skill=round(min(skill, 1.0), 6)))
    return tuple(sorted(leaks, key=lambda leak: (-leak.skill, leak.kind, leak.columns)))


def _without_copies(rows: pd.DataFrame, compared: list[str]) -> pd.DataFrame:
    """One of each row: a row that stands there twice would give itself away.

    Where no column could tell rows apart, equal rows are no copies of each other.
    """
    repeated = rows[compared].duplicated()
    if not repeated.any():
        return rows
    once = rows[~repeated]
    if len(once) < _MIN_ROWS:
        return rows
    # A category of many values is found many times each; of measures, no two are the same.
    few_each = len(rows) <= _COPIES * len(once)
    telling = any(
        2 * once[name].nunique() > len(once) and (few_each or _is_measure(once[name]))
        for name in compared
    )
    return once if telling else rows


def _is_measure(column: pd.Series[Any]) -> bool:
    if not _is_numeric(column):
        return False
    values = column.dropna().to_numpy(dtype=float)
    return bool(2 * np.count_nonzero(values != np.rint(values)) > len(values))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Aim:
    """What is guessed: `told` (n, k) is one column of numbers, or one of 0 and 1 for each class.

    `codes` tell different values apart; `numbers` are those of the target, None for classes, and
    `classes` say which column of `told` is 1. `ranks` are those of the numbers, standardized.
    """

    told: Numbers
    spread: float
    codes: Places
    distinct: int
    numbers: Numbers | None = None
    classes: Places | None = None
    ranks: Numbers | None = None


def _aim_of(target: pd.Series[Any]) -> _Aim | None:
    """The target as something to guess; None when there is too little of it, or nothing to it."""
    codes, found = pd.factorize(target)
    rows, distinct = len(codes), len(found)
    if rows < _MIN_ROWS or distinct < 2:  # noqa: PLR2004 - a constant gives nothing away
        return None
    numbers: Numbers | None = None
    classes: Places | None = None
    ranks: Numbers | None = None
    if _is_numeric(target):
        numbers = target.to_numpy(dtype=float)
        # Sums of squares lose their digits far from zero.
        with np.errstate(over="ignore", invalid="ignore"):
            told = ((numbers - numbers.mean()) / numbers.std())[:, None]
        order = np.argsort(numbers, kind="stable")
        ranks = _ranks(order, _starts(numbers[order]))
    elif distinct <= rows / 2:
        # Beyond the most frequent classes, all others are one.
        place = np.argsort(np.argsort(-np.bincount(codes), kind="stable"))
        classes = np.minimum(place, _MOST_CLASSES - 1)[codes]
        told = np.eye(min(distinct, _MOST_CLASSES))[classes]
    else:
        return None
    spread = float(np.square(told - told.mean(axis=0)).sum())
    if not 0 < spread < np.inf:
        return None
    return _Aim(
        told=told,
        spread=spread,
        codes=codes,
        distinct=distinct,
        numbers=numbers,
        classes=classes,
        ranks=ranks,
    )


def _is_numeric(column: pd.Series[Any]) -> bool:
    return column.dtype.kind in "iuf"


def _leak(column: pd.Series[Any], aim: _Aim) -> Leak | None:
    skill = _skill_in_order(column, aim) if _is_numeric(column) else _skill_by_value(column, aim)
    if not skill >= NEARLY:
        return None
    kind = "copy" if skill >= LEAK_SKILL and _is_copy(column, aim) else "single"
    return Leak(columns=(str(column.name),), kind=kind, skill=round(skill, 6))


def _order_leak(aim: _Aim) -> Iterator[Leak]:
    rows = len(aim.codes)
    order = np.arange(rows)
    if not _smooth(aim, order):
        return
    skill = _skill_beside(aim, order, order, max(_BESIDE, rows // _WIDE))
    if skill >= NEARLY:
        yield Leak(columns=(), kind="order", skill=round(skill, 6))


def _skill_by_value(column: pd.Series[Any], aim: _Aim) -> float:
    """The share of the target's spread that the other rows with the same value explain."""
    codes, found = pd.factorize(column, use_na_sentinel=False)
    sizes = np.bincount(codes, minlength=len(found))
    if aim.classes is None:
        sums = np.bincount(codes, aim.told[:, 0])[:, None]
        squares = np.bincount(codes, aim.told[:, 0] ** 2)
    else:
        n_classes = aim.told.shape[1]
        cells = np.bincount(codes * n_classes + aim.classes, minlength=len(found) * n_classes)
        sums, squares = cells.reshape(-1, n_classes), sizes
    # A row that is left out of its group's mean is off by n / (n - 1) times as much.
    apart = squares - np.square(sums).sum(axis=1) / sizes
    missed = float((apart * (sizes / np.maximum(sizes - 1, 1)) ** 2).sum())
    # One that is alone has the mean of all for a guess.
    alone = aim.told[sizes[codes] == 1] - aim.told.mean(axis=0)
    return 1.0 - (missed + float(np.square(alone).sum())) / aim.spread


def _skill_in_order(column: pd.Series[Any], aim: _Aim) -> float:
    values = column.to_numpy(dtype=float)
    order = np.argsort(values, kind="stable")
    starts = _starts(values[order])
    # Of measures with a long tail, the rows at its end have no others beside them.
    by_rank = 0.0 if aim.ranks is None else float(np.mean(_ranks(order, starts) * aim.ranks)) ** 2
    if not _smooth(aim, order):
        return by_rank
    steps = np.diff(values)
    rising = bool((steps >= 0).all() or (steps <= 0).all())
    reach = max(_BESIDE, len(values) // _WIDE) if rising else _BESIDE
    return max(by_rank, _skill_beside(aim, order, starts, reach))


def _starts(ordered: Numbers) -> Places:
    """Where each value begins; missing cells come last, and are alike."""
    new = (ordered[1:] != ordered[:-1]) & ~np.isnan(ordered[:-1])
    return np.concatenate([[0], np.flatnonzero(new) + 1])


def _ranks(order: Places, starts: Places) -> Numbers:
    """The rank of each row with mean 0 and spread 1, the same for equal values."""
    sizes = np.diff(np.append(starts, len(order)))
    ranks = np.empty(len(order))
    ranks[order] = np.repeat(starts + (sizes - 1) / 2, sizes)
    ranks -= ranks.mean()
    return ranks / (ranks.std() or 1.0)


def _smooth(aim: _Aim, order: Places) -> bool:
    """Whether rows beside each other are alike at all: soon known, and few columns are so."""
    if aim.numbers is not None:
        steps = np.diff(aim.told[order, 0])
        return float(steps @ steps) <= aim.spread
    codes = aim.codes[order]
    return int(np.count_nonzero(codes[1:] != codes[:-1])) <= aim.spread / 2


def _skill_beside(aim: _Aim, order: Places, starts: Places, reach: int) -> float:
    """The share of the target's spread that the rows beside each in the `order` explain.

    `starts` are the places where another value begins. Rows with the same value are all asked or
    none is, and alone when they are many.
    """
    rows = len(order)
    sizes = np.diff(np.append(starts, rows))
    low, high = np.repeat(starts, sizes), np.repeat(starts + sizes, sizes)
    place = np.arange(rows)
    few = np.repeat(sizes < max(_ENOUGH_EQUAL, reach), sizes)
    low = np.where(few, np.minimum(low, np.maximum(place - reach, 0)), low)
    high = np.where(few, np.maximum(high, np.minimum(place + reach + 1, rows)), high)
    missed = 0.0
    for told in aim.told.T:
        mine = told[order]
        sums = np.concatenate([[0.0], np.cumsum(mine)])
        guess = (sums[high] - sums[low] - mine) / (high - low - 1)
        missed += float(np.square(mine - guess).sum())
    return 1.0 - missed / aim.spread


def _is_copy(column: pd.Series[Any], aim: _Aim) -> bool:
    """One value for each of the target's, or the same order when nearly all of them differ."""
    codes, found = pd.factorize(column, use_na_sentinel=False)
    pairs = len(np.unique(codes.astype(np.int64) * aim.distinct + aim.codes))
    if not pairs == len(found) == aim.distinct:
        return False
    if 2 * pairs <= len(codes):
        return True
    if aim.numbers is None or not _is_numeric(column):
        return False
    steps = np.diff(column.to_numpy(dtype=float)[np.argsort(aim.numbers, kind="stable")])
    return bool((steps >= 0).all() or (steps <= 0).all())
