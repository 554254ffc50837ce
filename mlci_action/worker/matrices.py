"""How do the rows become what a library takes that knows columns only by position?"""

from __future__ import annotations

from typing import List, Optional

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Array, Table


def as_floats(table: Table) -> Array:
    """(N, k) float64, missing values as NaN; WorkerFailure for text."""
    import numpy as np

    if not is_frame(table):
        return np.asarray(table, dtype=np.float64)
    for at, name in enumerate(table.columns):
        if kind_of(table.iloc[:, at]) == "text":
            raise WorkerFailure(
                "columns",
                f"takes numbers only, and the column {str(name)!r} holds text",
                "say which columns it takes (candidate.columns), or make numbers of them first"
                " (candidate.features)",
            )
    columns = [_column_of_floats(table.iloc[:, at]) for at in range(table.shape[1])]
    return np.column_stack(columns) if columns else np.empty((len(table), 0))


def _column_of_floats(column: Table) -> Array:
    import numpy as np

    if hasattr(column.dtype, "na_value") and column.dtype.kind in "biuf":
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return column.to_numpy(dtype=np.float64)


def is_frame(table: Table) -> bool:
    """Whether it is a DataFrame, and not an array."""
    return hasattr(table, "iloc") and hasattr(table, "columns")


def kind_of(column: Table) -> str:
    """`category`, `text` or `other`, of a column of a DataFrame."""
    if str(column.dtype) == "category":
        return "category"
    return "text" if column.dtype.kind in "OU" or str(column.dtype).startswith("str") else "other"


def must_have_columns(table: Table, wanted: Optional[int]) -> None:
    """WorkerFailure when the rows do not have the number of columns that the model takes."""
    found = table.shape[1] if len(table.shape) > 1 else 1
    if wanted is not None and found != wanted:
        raise WorkerFailure("columns", f"takes {wanted} columns, and is given {found}")


def real_names(names: Optional[List[str]], made_up: str) -> Optional[List[str]]:
    """The names, unless a library made them up: `made_up` is how, with `{}` for the position."""
    if not names:
        return None
    invented = (
        [str(at) for at in range(len(names))],
        [made_up.format(at) for at in range(len(names))],
    )
    return None if list(names) in invented else [str(name) for name in names]
