"""What is a planted fault, and where can one be planted? The words that the faults share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SHARES = (0.005, 0.02, 0.08)
WHOLE = (1.0,)
FEW_VALUES = 10
_FEW_TEXTS, _OF_THE_ROWS = 20, 5

Column = pd.Series


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Clean:
    """A reference and a batch of the same table, as they are read, with what is asked of them."""

    reference: pd.DataFrame
    batch: pd.DataFrame
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Planted:
    """The batch with a fault in it.

    An alarm that names one of `columns` is a hit; any alarm is, if they are none. `clean` is the
    same question without the fault, where that is another than the one given.
    """

    batch: pd.DataFrame
    columns: tuple[str, ...]
    clean: Clean | None = None


Plant = Callable[[Clean, float, np.random.Generator], Planted | None]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Fault:
    """`noted` are the rates of research/data-checks.md, one for each share of the cells or one.

    `only` is in the id of every check that counts, `silent` says that no alarm is right. Faults of
    one `family` sit in the same column, chosen by chance; a fault is its own unless said.
    """

    name: str
    plant: Plant
    shares: tuple[float, ...] = SHARES
    noted: tuple[float, ...] = ()
    only: str = ""
    silent: bool = False
    family: str = ""


def number_columns(clean: Clean) -> list[str]:
    """Columns of more than ten different numbers on both sides."""
    return [
        name
        for name in shared_columns(clean)
        if all(is_number(side[name]) for side in (clean.reference, clean.batch))
        and min(side[name].nunique() for side in (clean.reference, clean.batch)) > FEW_VALUES
    ]


def category_columns(clean: Clean) -> list[str]:
    """Text columns whose values repeat."""
    most = max(_FEW_TEXTS, len(clean.reference) / _OF_THE_ROWS)
    return [
        name
        for name in shared_columns(clean)
        if all(is_text(side[name]) for side in (clean.reference, clean.batch))
        and 1 < clean.reference[name].nunique() <= most
    ]


def shared_columns(clean: Clean) -> list[str]:
    """The names on both sides."""
    return [name for name in clean.batch.columns if name in clean.reference.columns]


def is_number(column: Column) -> bool:
    """A boolean is none."""
    kind = column.dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def is_text(column: Column) -> bool:
    """What a CSV has neither as numbers nor as booleans."""
    return not pd.api.types.is_numeric_dtype(column.dtype)


def any_of(names: list[str], random: np.random.Generator) -> str | None:
    """One of them by chance, None where there is none."""
    return names[int(random.integers(len(names)))] if names else None


def rows_for(
    allowed: NDArray[np.bool_], share: float, random: np.random.Generator
) -> NDArray[np.int64] | None:
    """So large a share of all rows, at least one, among those allowed; None when these are few."""
    wanted = max(1, round(share * len(allowed)))
    rows = np.flatnonzero(allowed)
    return random.choice(rows, wanted, replace=False) if len(rows) >= wanted else None


def with_cells(
    frame: pd.DataFrame, column: str, rows: NDArray[np.int64], values: list[Any]
) -> pd.DataFrame:
    """The frame with other values in these cells."""
    cells = frame[column].astype(object).to_numpy(copy=True)
    cells[rows] = np.array([*values, None], dtype=object)[:-1]
    return frame.assign(**{column: pd.Series(cells, index=frame.index).infer_objects()})
