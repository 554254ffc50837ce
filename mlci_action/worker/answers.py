"""What did a model's method give? The same as a plain array of numbers, booleans or text."""

from __future__ import annotations

import math
from typing import Any, List, Optional

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Array, Model

_ONE_TARGET = "fit it on one target, with one label a row"
_MOST_INTEGER = 2**63 - 1


def labels_or_values(raw: object) -> Array:
    """(N,) or (N, m) numbers, booleans or text, never objects; WorkerFailure for anything else.

    An answer that is masked becomes NaN.
    """
    try:
        values = _as_array(raw)
    except ValueError as error:
        raise WorkerFailure(
            "output", "gives something else in predict than one array", _ONE_TARGET
        ) from error
    if values.dtype.kind in "biuf":
        return values
    if values.dtype.kind in "US":
        return values.astype(str)
    cells = values.ravel().tolist()
    plain = _plain_cells(cells) if values.dtype.kind == "O" and cells else None
    if plain is None:
        found = ", ".join(sorted({type(cell).__name__ for cell in cells})) or str(values.dtype)
        raise WorkerFailure("output", f"predicts neither numbers nor text, but {found}")
    return plain.reshape(values.shape)


def numbers(raw: object, name: str) -> Array:
    """An array of float64; WorkerFailure for anything else."""
    import numpy as np

    if isinstance(raw, list) and len(raw) == 1 and getattr(raw[0], "ndim", 0) > 1:
        raw = raw[0]  # several targets of which there is one
    try:
        return np.asarray(_as_array(raw), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise WorkerFailure(
            "output",
            f"gives something else in {name} than one array of numbers",
            _ONE_TARGET,
        ) from error


def class_labels(model: Model) -> Optional[List[object]]:
    """The model's own class labels as JSON values, or None."""
    import numpy as np

    classes = getattr(model, "classes_", None)
    if classes is None:
        return None
    if isinstance(classes, list) and len(classes) == 1 and getattr(classes[0], "ndim", 0) == 1:
        classes = classes[0]
    try:
        plain = np.asarray(classes)
    except ValueError:  # of different lengths
        plain = np.empty((0, 0))
    if plain.ndim != 1:
        raise WorkerFailure("output", "predicts more than one target at once, not one label a row")
    return [_json_value(value) for value in plain.tolist()]


def _as_array(raw: Any) -> Array:  # noqa: ANN401  whatever a model gives
    """An array of numpy's, of sparse matrices, masked arrays and tensors as well."""
    import numpy as np

    if callable(getattr(raw, "toarray", None)):
        raw = raw.toarray()
    if callable(getattr(raw, "detach", None)):
        raw = raw.detach().cpu().numpy()
    if isinstance(raw, np.ma.MaskedArray):
        hidden = np.ma.getmaskarray(raw)
        if not hidden.any():
            return raw.data
        whole = raw.data.astype(object if raw.dtype.kind in "OUS" else np.float64)
        whole[hidden] = np.nan
        return whole
    return np.asarray(raw)


def _plain_cells(cells: List[Any]) -> Optional[Array]:
    """The array of cells of one kind, whichever library's; None where there are several."""
    import numpy as np

    if all(isinstance(cell, str) for cell in cells):
        return np.array([str(cell) for cell in cells])
    if all(isinstance(cell, (bool, np.bool_)) for cell in cells):
        return np.array(cells, dtype=bool)
    if any(isinstance(cell, (bool, np.bool_)) for cell in cells):
        return None
    if all(_is_small_integer(cell) for cell in cells):
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    if all(isinstance(cell, (int, float, np.integer, np.floating)) for cell in cells):
        return np.array(cells, dtype=np.float64)
    return None


def _is_small_integer(cell: object) -> bool:
    import numpy as np

    return isinstance(cell, (int, np.integer)) and abs(int(cell)) <= _MOST_INTEGER


def _json_value(value: object) -> object:
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return str(value)
