"""What does a column hold? Its values, in a form that can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.names import did_you_mean
from mlci_action.errors import DatasetError


class Kind(StrEnum):
    """What the values are, as a message names it."""

    BOOLEANS = "True and False"
    NUMBERS = "numbers"
    TEXT = "text"
    TIMES = "dates"
    NOTHING = "no value"
    OTHER = "values of another or of several kinds"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Values:
    """The values of a column: `array` is (n,) and means something where `present`, (n,), is True.

    Times are datetime64 without a zone, in UTC.
    """

    kind: Kind
    array: NDArray[Any]
    present: NDArray[np.bool_]


def find_column(frame: pd.DataFrame, name: str, *, asked_by: str) -> pd.Series[Any]:
    """The column called `name`; DatasetError with the nearest name when it is not there once."""
    names = [str(column) for column in frame.columns]
    if names.count(name) == 1:
        return frame.iloc[:, names.index(name)]
    if name in names:
        hint = "give each column a name of its own"
        raise DatasetError(f"{asked_by}: the data has several columns {name!r}", hint=hint)
    raise DatasetError(f"{asked_by}: the data has no column {name!r}", hint=_why_not(name, names))


def read_values(column: pd.Series[Any]) -> Values:
    """The column's values and their kind, which is looked for in the values of object columns."""
    present = column.notna().to_numpy(dtype=bool)
    kind, there = _typed(column[present])
    values = np.zeros(len(column), dtype=there.dtype)
    values[present] = there
    return Values(kind=kind, array=values, present=present)


def _why_not(name: str, names: list[str]) -> str:
    if not names:
        return "the data has no columns"
    if len(names) == 1 and names[0].split() != names:
        return "it has one column only: separate the columns by comma, semicolon, tab or bar"
    # The first row of data must not be shown: reports carry names, never rows.
    if any(_is_number(other) for other in names):
        return "the first line holds numbers instead of names: write a header line"
    return did_you_mean(name, names)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


_BY_DTYPE = {"b": Kind.BOOLEANS, "i": Kind.NUMBERS, "u": Kind.NUMBERS, "f": Kind.NUMBERS}
_BY_CONTENT = {
    "string": Kind.TEXT,
    "boolean": Kind.BOOLEANS,
    "integer": Kind.NUMBERS,
    "floating": Kind.NUMBERS,
    "mixed-integer-float": Kind.NUMBERS,
    "decimal": Kind.NUMBERS,
    "datetime": Kind.TIMES,
    "datetime64": Kind.TIMES,
    "date": Kind.TIMES,
    "empty": Kind.NOTHING,
}


def _typed(column: pd.Series[Any]) -> tuple[Kind, NDArray[Any]]:
    """The kind and the values of a column without missing ones."""
    values = column.to_numpy()
    kind = _BY_DTYPE.get(values.dtype.kind)
    if kind is not None:
        return kind, values
    kind = _BY_CONTENT.get(pd.api.types.infer_dtype(values, skipna=False), Kind.OTHER)
    if kind is Kind.BOOLEANS:
        return kind, values.astype(bool)
    if kind is Kind.NUMBERS:
        # Whole numbers beyond 64 bits, and decimals, are compared as floating-point numbers.
        exact = pd.Series(values).infer_objects().to_numpy()
        return kind, exact if exact.dtype.kind in "iuf" else values.astype(np.float64)
    if kind is Kind.TIMES:
        times = pd.to_datetime(pd.Series(values), utc=True)
        return kind, times.dt.tz_localize(None).to_numpy()
    return kind, values
