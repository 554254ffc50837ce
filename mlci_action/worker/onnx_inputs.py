"""How are rows given to an ONNX model: as one tensor, as one a column, as how many at once?"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Array, Table
from mlci_action.worker.matrices import as_floats, is_frame, must_have_columns
from mlci_action.worker.unreadable import NAME_A_LOADER

_DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    "tensor(string)": "text",
}
_TABLE_DIMENSIONS = 2


class Inputs:
    """The inputs of one graph.

    names: its columns, when there is an input for each. n_columns: how many there are in all, None
    when any number goes. batch: the rows it takes at once, None for any number.
    """

    def __init__(self, inputs: Sequence[Any]) -> None:
        self._inputs = [_Input(one) for one in inputs]
        widths = [one.width for one in self._inputs]
        by_name = len(widths) > 1 and all(width == 1 for width in widths)
        self.names: Optional[List[str]] = [o.name for o in self._inputs] if by_name else None
        known = [width for width in widths if width is not None]
        self.n_columns = sum(known) if len(known) == len(widths) else None
        if self.n_columns is None and len(widths) > 1:
            raise WorkerFailure(
                "columns",
                f"takes {len(widths)} inputs, and does not say how many columns each of them has",
                NAME_A_LOADER,
            )
        self.batch = next((one.batch for one in self._inputs if one.batch), None)

    def feed(self, table: Table) -> Dict[str, Array]:
        """The rows by the name of each input; WorkerFailure says which column does not fit."""
        must_have_columns(table, self.n_columns)
        if len(table.shape) == 1:
            return {self._inputs[0].name: self._inputs[0].tensor(table, 1)}
        fed, start = {}, 0
        for one in self._inputs:
            end = start + (table.shape[1] if one.width is None else one.width)
            part = table.iloc[:, start:end] if is_frame(table) else table[:, start:end]
            fed[one.name] = one.tensor(part, end - start)
            start = end
        return fed


class _Input:
    """One input: rows are its first dimension, columns its second where it has one."""

    def __init__(self, said: Any) -> None:  # noqa: ANN401  of the user's onnxruntime
        self.name = str(said.name)
        self._dtype = _DTYPES.get(said.type, "")
        shape = list(said.shape or [])
        if not self._dtype or not 1 <= len(shape) <= _TABLE_DIMENSIONS:
            raise WorkerFailure(
                "columns",
                f"takes the input {self.name!r} of {len(shape)} dimensions and type {said.type!r},"
                " not rows of columns",
                NAME_A_LOADER,
            )
        self._flat = len(shape) == 1
        self.batch = shape[0] if isinstance(shape[0], int) and shape[0] > 0 else None
        width = 1 if self._flat else shape[1]
        self.width: Optional[int] = width if isinstance(width, int) and width > 0 else None

    def tensor(self, table: Table, width: int) -> Array:
        """(N, width), or (N,) for a graph that wants it so."""
        values = self._texts(table) if self._dtype == "text" else self._numbers(table)
        return values.reshape(-1) if self._flat else values.reshape(-1, width)

    def _numbers(self, table: Table) -> Array:
        import numpy as np

        values = as_floats(table)
        if self._dtype.startswith("float"):
            return values.astype(self._dtype)
        if not np.isfinite(values).all():
            self._refuse_missing("whole numbers")
        # Whole numbers beyond 2**53 would be rounded on the way.
        whole = _as_integers(table)
        return (values if whole is None else whole).astype(self._dtype)

    def _texts(self, table: Table) -> Array:
        import numpy as np

        cells = np.asarray(table, dtype=object)
        if (cells != cells).any():  # noqa: PLR0124  NaN alone differs from itself
            self._refuse_missing("text")
        return np.array([str(cell) for cell in cells.ravel()], dtype=object)

    def _refuse_missing(self, what: str) -> None:
        raise WorkerFailure(
            "columns",
            f"takes {what} as {self.name!r}, and values are missing there",
            "fill them before it gets them (candidate.features), as its service does",
        )


def _as_integers(table: Table) -> Optional[Array]:
    import numpy as np

    values = np.asarray(table)
    return values if values.dtype.kind in "iub" else None
