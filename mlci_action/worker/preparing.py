"""What do the raw rows become before the model gets them? The user's own function makes it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from mlci_action.worker.columns import GivenInput, choose_input, must_take
from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Model, Table
from mlci_action.worker.forms import AS_ARRAY, AS_TABLE
from mlci_action.worker.quoting import shown_to_everybody
from mlci_action.worker.rows import Rows
from mlci_action.worker.user_objects import import_function

_TWO_DIMENSIONS = 2


class Features:
    """A function `module:function` or `file.py:function`, imported once."""

    def __init__(self, place: str, folder: Path) -> None:
        self._place = place
        hint = "candidate.features is module:function or file.py:function of the working directory"
        try:
            self._function = import_function(place, folder, kind="features", hint=hint)
        except WorkerFailure as failure:
            message = f"gets no features: {place!r} {failure.message}"
            raise WorkerFailure("features", message, failure.hint) from failure.__cause__

    def of(self, rows: Rows, withheld: List[str]) -> Any:  # noqa: ANN401  whatever the model takes
        """What the function makes of the rows, a table of its own: as many rows, in their order."""
        raw = rows.table(rows.names_that_travel)
        try:
            made = self._function(raw)
        except MemoryError as error:
            raise WorkerFailure("memory", f"ran out of memory in {self._place!r}") from error
        except (Exception, SystemExit) as error:
            known = [*rows.names, *withheld]
            text = shown_to_everybody(error, known, rows.table(rows.names_that_travel))
            raise WorkerFailure(
                "features",
                f"gets no features: {self._place!r} fails ({text})",
                "it gets the rows as a DataFrame without the target; the traceback is in the log",
            ) from error
        self._must_keep_rows(made, rows.count)
        return made

    def _must_keep_rows(self, made: object, n_rows: int) -> None:
        found = _n_rows(made)
        if found is None:
            what = f"gives {type(made).__name__}, which has no rows"
        elif found != n_rows:
            what = f"gives {found} rows for {n_rows}"
        elif _is_reordered(made):
            what = "gives the rows in another order"
        else:
            return
        raise WorkerFailure(
            "features",
            f"gets no features: {self._place!r} {what}",
            "it must give one row of features for each row, in the same order: drop none",
        )


def prepared_input(
    model: Model,
    made: Any,  # noqa: ANN401
    *,
    set_aside: List[str],
    withheld: List[str],
    recorded: Dict[str, str],
    columns: Optional[List[str]] = None,
) -> GivenInput:
    """What the model gets of the features: columns are chosen where they have names."""
    names = _column_names(made)
    if names is None:
        if columns is not None:
            raise WorkerFailure(
                "columns",
                f"cannot be given candidate.columns of features that are {type(made).__name__}",
                "give a DataFrame in candidate.features, or remove candidate.columns",
            )
        shape: Tuple[int, ...] = getattr(made, "shape", ())
        if len(shape) == _TWO_DIMENSIONS:
            must_take(model, shape[1], "candidate.features gives")
        return GivenInput(made, [], (AS_TABLE, AS_ARRAY))
    if columns is None and getattr(model, "n_features_in_", None) == len(names):
        # As many as the model takes by position: then none of them was set aside when it was fitted
        set_aside = []
    return choose_input(
        model,
        _Made(made, names),
        set_aside=set_aside,
        withheld=withheld,
        recorded=recorded,
        columns=columns,
    )


class _Made:
    """A table that `features` gave, asked for its columns as the rows are."""

    def __init__(self, table: Table, names: List[str]) -> None:
        self._table = table
        self.names = names

    @property
    def texts(self) -> List[str]:
        kinds = zip(self.names, self._table.dtypes)  # noqa: B905
        return [name for name, dtype in kinds if str(dtype) in ("object", "str", "string")]

    def table(self, names: List[str]) -> Table:
        return self._table[names]


def _column_names(made: object) -> Optional[List[str]]:
    """The names of a DataFrame's columns; None for what has none, or numbers in their place."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(made, pandas.DataFrame):
        return None
    names = list(made.columns)
    named = all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    return names if named else None


def _is_reordered(made: Any) -> bool:  # noqa: ANN401
    """Whether a table's own row numbers say so: the raw rows are numbered from 0."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(made, (pandas.DataFrame, pandas.Series)):
        return False
    index = made.index
    if index.name is not None or not pandas.api.types.is_integer_dtype(index.dtype):
        return False
    in_order = pandas.RangeIndex(len(index))
    return not index.equals(in_order) and index.sort_values().equals(in_order)


def _n_rows(made: Any) -> Optional[int]:  # noqa: ANN401
    if isinstance(made, (dict, tuple)):
        # Several inputs, as neural networks take them.
        counts = {_n_rows(part) for part in (made.values() if isinstance(made, dict) else made)}
        return counts.pop() if len(counts) == 1 else None
    shape = getattr(made, "shape", None)
    if isinstance(shape, tuple) and shape:
        return int(shape[0])
    num_row = getattr(made, "num_row", None)  # XGBoost's DMatrix
    if callable(num_row):
        return int(num_row())
    try:
        return None if isinstance(made, str) else len(made)
    except TypeError:
        return None
