"""Which line of a file of predictions is about which row of the data? By id, else by position."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.errors import ModelError
from mlci_action.evaluation.reading.labels import label_text

_FIRST_NUMBERS = (0, 1)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Joined:
    """positions: (N,) the line for each of the N rows. by: the id column, None: by position.

    extra: how many lines are about rows that the data does not have.
    """

    positions: NDArray[np.int64]
    by: str | None = None
    extra: int = 0


def join(table: pd.DataFrame, rows: pd.DataFrame, *, id_column: str | None, who: str) -> Joined:
    """The line of `table` for each of `rows`; ModelError, with counts and no values, why not."""
    if id_column is None or id_column not in table.columns or id_column not in rows.columns:
        return by_position(len(table), len(rows), id_column=id_column, who=who)
    ours, theirs = rows[id_column], table[id_column]
    our_keys, their_keys = _keys(ours), _keys(theirs)
    if our_keys.equals(their_keys):
        return Joined(positions=np.arange(len(rows)), by=id_column)
    _must_be_keys(ours, our_keys, id_column)
    twice = their_keys[their_keys.duplicated()].intersection(our_keys)
    if len(twice):
        raise ModelError(
            f"{who}'s predictions have more than one line for {len(twice):,} of the values of "
            f"{id_column!r}",
            hint="write one prediction for each row",
        )
    positions = pd.Series(np.arange(len(table)), index=their_keys).loc[~their_keys.duplicated()]
    found = positions.index.get_indexer(our_keys)
    lacking = int((found < 0).sum())
    if lacking:
        raise ModelError(
            f"{who}'s predictions lack {lacking:,} of the {len(rows):,} values of {id_column!r}",
            hint="predict every row of data.evaluation, and write its id as the data has it",
        )
    extra = len(table) - len(rows)
    return Joined(positions=positions.to_numpy()[found], by=id_column, extra=extra)


def by_position(n_lines: int, n_rows: int, *, id_column: str | None, who: str) -> Joined:
    """Line for line; ModelError when there are not as many."""
    if n_lines == n_rows:
        return Joined(positions=np.arange(n_rows))
    hint = (
        "name the column that tells the rows apart as data.id, and write it beside the predictions"
        if id_column is None
        else f"write the column {id_column!r} of the data beside the predictions"
    )
    if n_lines == n_rows - 1:
        hint += "; does the file begin with a line of names?"
    raise ModelError(
        f"{who}'s predictions are {n_lines:,}, and the data has {n_rows:,} rows", hint=hint
    )


def refuse_other_order(numbers: pd.Series, *, who: str) -> None:
    """A column that counts the lines, but not upwards: they were shuffled or sorted."""
    try:
        values = numbers.to_numpy(dtype=np.float64)
    except (TypeError, ValueError):
        return
    ordered = np.sort(values)
    counts = any(np.array_equal(ordered, np.arange(len(values)) + one) for one in _FIRST_NUMBERS)
    if counts and not np.array_equal(ordered, values):
        raise ModelError(
            f"{who}'s predictions are numbered in another order than they stand in",
            hint="write them in the order of the data, or beside a column that data.id names",
        )


def _keys(column: pd.Series) -> pd.Index:
    """The texts of ids: a number is the same in whichever type a file holds it."""
    return pd.Index([label_text(value) for value in column.tolist()], dtype=object)


def _must_be_keys(ids: pd.Series, keys: pd.Index, id_column: str) -> None:
    missing = int(ids.isna().sum())
    repeated = int(keys.duplicated().sum())
    if missing or repeated:
        what = f"missing in {missing:,}" if missing else f"repeated in {repeated:,}"
        raise ModelError(
            f"predictions cannot be told apart by {id_column!r}: it is {what} rows of the data",
            hint=f"write the predictions in the order of the data, without {id_column!r}",
        )
