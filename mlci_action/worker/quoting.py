"""What of a library's message may everybody read? Names of columns, and no cell of the data."""

from __future__ import annotations

import re
import sys
from typing import List

from mlci_action.worker.failures import shown, shown_without_values
from mlci_action.worker.foreign import Table

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_MAX_TEXT = 300


def shown_to_everybody(error: BaseException, names: List[str], table: Table) -> str:
    """The exception as one line; `names` are those of columns, `table` the rows it stumbled over.

    What a KeyError quotes may be a missing column, or a cell that a dictionary does not hold.
    """
    if not isinstance(error, KeyError):
        return shown_without_values(error, names)
    key = error.args[0] if error.args else None
    if not isinstance(key, str):
        return "KeyError"
    text = next(iter(key.splitlines()), "")
    if not _QUOTED.search(text):
        text = repr(text)
    quoted = _QUOTED.sub(lambda found: _unless_a_cell(found.group(), names, table), text)
    return f"{shown(KeyError())}: {quoted[:_MAX_TEXT]}"


def _unless_a_cell(quoted: str, names: List[str], table: Table) -> str:
    text = quoted[1:-1]
    return quoted if text in names or not _holds(table, text) else "'…'"


def _holds(table: Table, text: str) -> bool:
    """Whether a cell of the rows is this text; yes where that cannot be told."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return True
    columns = [table] if isinstance(table, pandas.Series) else None
    if isinstance(table, pandas.DataFrame):
        columns = [table.iloc[:, number] for number in range(table.shape[1])]
    if columns is None:
        return True
    return any(
        bool((column.astype(object) == text).any())
        for column in columns
        if not pandas.api.types.is_numeric_dtype(column.dtype)
    )
