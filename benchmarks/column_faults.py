"""Which faults concern a whole column or table? Moved, lost and new columns, copies and leaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from benchmarks.planting import (
    FEW_VALUES,
    SHARES,
    WHOLE,
    Clean,
    Column,
    Fault,
    Plant,
    Planted,
    any_of,
    is_number,
    number_columns,
    rows_for,
    shared_columns,
    with_cells,
)

_CORRELATED_OF = 50
_BANDS = ((0.3, 0.6), (0.6, 1.0))
_DUPLICATED, _MOST_BEFORE = 0.05, 0.2
_FEW_MISSING = 3
_NOISE, _CONSTANT = 0.01, 1
_ID, _LEAK = "row id", "leaked"


def column_faults() -> tuple[Fault, ...]:
    """Most of them change every row, so they have one rate."""

    def whole(
        name: str, plant: Plant, *noted: float, only: str = "", silent: bool = False
    ) -> Fault:
        return Fault(name=name, plant=plant, shares=WHOLE, noted=noted, only=only, silent=silent)

    return (
        whole("two columns swapped", _swapped, 0.97),
        *(
            whole(f"shuffled, r {low:g} to {high:g}", _shuffled(low, high), noted)
            for (low, high), noted in zip(_BANDS, (0.89, 0.82), strict=True)
        ),
        whole("5 % duplicated rows", _duplicated, 0.90, only="duplicate"),
        *(
            Fault(
                name=f"drift of {sds:g} sd",
                plant=_drifted(sds),
                shares=WHOLE,
                noted=(noted,),
                family="drift",
            )
            for sds, noted in ((0.25, 0.81), (0.5, 0.82), (1.0, 0.82))
        ),
        whole("column renamed", _renamed),
        whole("column missing", _lost),
        whole("columns reordered", _reordered),
        whole("new column", _new),
        whole("whole numbers float by 3 NaN", _floated, silent=True),
        Fault(name="id duplicated", plant=_duplicated_id, shares=SHARES),
        whole("target leaked: copy", _leaked(_copy), 0.91, only="leak"),
        whole("target leaked: noisy numbers", _leaked(_noisy_numbers), 0.81, only="leak"),
        whole("target leaked: noisy labels", _leaked(_noisy_labels), 0.81, only="leak"),
        whole("target leaked: sum", _leaked(_addends), 0.94, only="leak"),
    )


def _swapped(clean: Clean, _: float, random: np.random.Generator) -> Planted | None:
    names = number_columns(clean)
    if len(names) < 2:  # noqa: PLR2004
        return None
    one, other = (names[place] for place in random.choice(len(names), 2, replace=False))
    values = clean.batch
    batch = values.assign(**{one: values[other], other: values[one]})
    return None if batch.equals(values) else Planted(batch=batch, columns=(one, other))


def _shuffled(low: float, high: float) -> Plant:
    """A column whose strongest rank correlation lies in this band, its rows mixed."""

    def plant(clean: Clean, _: float, random: np.random.Generator) -> Planted | None:
        names = number_columns(clean)[:_CORRELATED_OF]
        ranks = clean.reference[names].rank()
        strongest = (ranks.corr().abs() - np.eye(len(names))).max()
        fit = [name for name in names if low < strongest[name] <= high]
        column = any_of(fit, random)
        if column is None:
            return None
        mixed = random.permutation(clean.batch[column].to_numpy())
        return Planted(batch=clean.batch.assign(**{column: mixed}), columns=(column,))

    return plant


def _duplicated(clean: Clean, _: float, random: np.random.Generator) -> Planted | None:
    """Copies in place of rows, so that the number of rows stays."""
    if clean.reference.duplicated().mean() >= _MOST_BEFORE:
        return None
    n = len(clean.batch)
    chosen = random.choice(n, 2 * round(_DUPLICATED * n), replace=False)
    gone, copied = np.split(chosen, 2)
    rows = np.arange(n)
    rows[gone] = copied
    return Planted(batch=clean.batch.iloc[rows].reset_index(drop=True), columns=())


def _drifted(sds: float) -> Plant:
    def plant(clean: Clean, _: float, random: np.random.Generator) -> Planted | None:
        steps = {name: _step(clean.reference[name], sds) for name in number_columns(clean)}
        column = any_of([name for name, step in steps.items() if step], random)
        if column is None:
            return None
        moved = clean.batch[column] + steps[column]
        return Planted(batch=clean.batch.assign(**{column: moved}), columns=(column,))

    return plant


def _step(column: Column, sds: float) -> float:
    """Whole numbers move by whole numbers: halves would give them away."""
    step = sds * float(column.std())
    return round(step) if pd.api.types.is_integer_dtype(column.dtype) else step


def _renamed(clean: Clean, _: float, random: np.random.Generator) -> Planted | None:
    column = any_of(shared_columns(clean), random)
    if column is None:
        return None
    new = f"{column}_new"
    return Planted(batch=clean.batch.rename(columns={column: new}), columns=(column, new))


def _lost(clean: Clean, _: float, random: np.random.Generator) -> Planted | None:
    column = any_of(shared_columns(clean), random)
    if column is None:
        return None
    return Planted(batch=clean.batch.drop(columns=column), columns=(column,))


def _reordered(clean: Clean, _: float, __: np.random.Generator) -> Planted | None:
    names = list(clean.batch.columns)
    return Planted(batch=clean.batch[names[1:] + names[:1]], columns=())


def _new(clean: Clean, _: float, random: np.random.Generator) -> Planted | None:
    extra = random.normal(size=len(clean.batch))
    return Planted(batch=clean.batch.assign(extra=extra), columns=("extra",))


def _floated(clean: Clean, _: float, random: np.random.Generator) -> Planted | None:
    """With a missing one among them, pandas reads whole numbers as 1.0, 2.0: no fault."""
    whole = [
        name
        for name in number_columns(clean)
        if all(
            pd.api.types.is_integer_dtype(side[name].dtype)
            for side in (clean.reference, clean.batch)
        )
    ]
    column = any_of(whole, random)
    if column is None:
        return None
    rows = random.choice(len(clean.batch), _FEW_MISSING, replace=False)
    batch = with_cells(clean.batch, column, rows, [None] * _FEW_MISSING)
    return Planted(batch=batch, columns=(column,))


def _duplicated_id(clean: Clean, share: float, random: np.random.Generator) -> Planted | None:
    """Both sides get a column that names each row, and the batch uses some of its names twice."""
    named = Clean(
        reference=clean.reference.assign(**{_ID: _ids(clean.reference, "a")}),
        batch=clean.batch.assign(**{_ID: _ids(clean.batch, "b")}),
        options={"id": _ID},
    )
    rows = rows_for(np.arange(len(clean.batch)) > 0, share, random)
    if rows is None:
        return None
    values = [str(named.batch[_ID].iloc[row - 1]) for row in rows]
    batch = with_cells(named.batch, _ID, rows, values)
    return Planted(batch=batch, columns=(_ID,), clean=named)


def _ids(frame: pd.DataFrame, prefix: str) -> list[str]:
    return [f"{prefix}{row:06d}" for row in range(len(frame))]


Leak = Callable[[Column, np.random.Generator], Mapping[str, Column] | None]


def _leaked(leak: Leak) -> Plant:
    """New columns from which the target can be told; the target is the last column."""

    def plant(clean: Clean, _: float, random: np.random.Generator) -> Planted | None:
        target = str(clean.batch.columns[-1])
        if target not in clean.reference:
            return None
        values = clean.batch[target]
        new = leak(values, random) if values.nunique() > _CONSTANT else None
        if new is None:
            return None
        asked = Clean(reference=clean.reference, batch=clean.batch, options={"target": target})
        return Planted(batch=clean.batch.assign(**new), columns=tuple(new), clean=asked)

    return plant


def _copy(target: Column, _: np.random.Generator) -> dict[str, Column]:
    return {_LEAK: target}


def _noisy_numbers(target: Column, random: np.random.Generator) -> dict[str, Column] | None:
    """A copy with 1 % of its spread in noise."""
    if not is_number(target) or target.nunique() <= FEW_VALUES:
        return None
    return {_LEAK: target + random.normal(size=len(target)) * _NOISE * target.std()}


def _noisy_labels(target: Column, random: np.random.Generator) -> dict[str, Column] | None:
    """A copy in which 1 % of the rows have another row's label."""
    if target.nunique() > FEW_VALUES:
        return None
    rows = random.choice(len(target), round(_NOISE * len(target)), replace=False)
    values = target.to_numpy(copy=True)
    values[rows] = values[np.roll(rows, 1)]
    return {_LEAK: pd.Series(values, index=target.index)}


def _addends(target: Column, random: np.random.Generator) -> dict[str, Column] | None:
    """Two columns whose sum is the target: bikers are casual and registered ones."""
    if not is_number(target):
        return None
    part = target * random.uniform(0.2, 0.8, len(target))
    if pd.api.types.is_integer_dtype(target.dtype):
        part = part.round()
    return {"one part": part, "other part": target - part}
