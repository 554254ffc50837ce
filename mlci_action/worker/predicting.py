"""What does the model say about the rows? Its answers as plain arrays."""

from __future__ import annotations

import importlib
import math
from typing import Callable, Dict, List, Optional

from mlci_action.worker.columns import AS_ARRAY, GivenInput
from mlci_action.worker.failures import WorkerFailure, shown_without_values
from mlci_action.worker.foreign import Array, Model, Table
from mlci_action.worker.loading import version_failure


def predict_arrays(model: Model, given: GivenInput, recorded: Dict[str, str]) -> Dict[str, Array]:
    """`predictions`, and `probabilities` or else `decisions` where the model has them.

    Decision values are asked for only where there are no probabilities: they would not be used.
    The input's forms are tried in their order; when none works, the first failure is told.
    """
    failures = []
    for form in given.forms:
        table = _as_the_library_wants(model, _in_form(given.table, form))
        try:
            return _ask_everything(model, table, given.columns, recorded)
        except WorkerFailure as failure:
            failures.append(failure)
    raise failures[0]


def class_labels(model: Model) -> Optional[List[object]]:
    """The model's own class labels as JSON values, or None."""
    import numpy as np

    classes = getattr(model, "classes_", None)
    if classes is None:
        return None
    plain = np.asarray(classes)
    if plain.ndim != 1:
        raise WorkerFailure("output", "predicts more than one target at once, not one label a row")
    return [_json_value(value) for value in plain.tolist()]


def _in_form(table: Table, form: str) -> Table:
    return table.to_numpy() if form == AS_ARRAY and hasattr(table, "to_numpy") else table


def _as_the_library_wants(model: Model, table: Table) -> Table:
    kind = type(model)
    if kind.__name__ == "Booster" and kind.__module__.split(".")[0] == "xgboost":
        return importlib.import_module("xgboost").DMatrix(table)
    return table


def _ask_everything(
    model: Model, table: Table, columns: List[str], recorded: Dict[str, str]
) -> Dict[str, Array]:
    def ask(method: Callable[[Table], object], name: str) -> object:
        try:
            return method(table)
        except MemoryError as error:
            raise WorkerFailure("memory", f"ran out of memory in {name}") from error
        except (Exception, SystemExit) as error:
            if isinstance(error, NotImplementedError) and name != "predict":
                return None
            text = shown_without_values(error, columns)
            raise version_failure(f"fails in {name} ({text})", recorded) from error

    arrays = {"predictions": _labels_or_values(ask(model.predict, "predict"))}
    for name, key in (("predict_proba", "probabilities"), ("decision_function", "decisions")):
        method = getattr(model, name, None)
        values = ask(method, name) if callable(method) else None
        if values is not None:
            arrays[key] = _numbers(values, name)
            break
    return arrays


def _labels_or_values(raw: object) -> Array:
    """(N,) or (N, m) numbers, booleans or text, never objects."""
    import numpy as np

    values = np.asarray(raw)
    if values.dtype.kind in "biuf":
        return values
    if values.dtype.kind in "US":
        return values.astype(str)
    cells = values.ravel().tolist()
    kinds = {type(cell) for cell in cells}
    if values.dtype.kind == "O" and kinds == {str}:
        return np.array(cells, dtype=str).reshape(values.shape)
    if values.dtype.kind == "O" and kinds == {bool}:
        return values.astype(bool)
    if values.dtype.kind == "O" and kinds and kinds <= {int, float}:
        return values.astype(np.float64)
    found = ", ".join(sorted(kind.__name__ for kind in kinds)) or str(values.dtype)
    raise WorkerFailure("output", f"predicts neither numbers nor text, but {found}")


def _numbers(raw: object, name: str) -> Array:
    import numpy as np

    try:
        return np.asarray(raw, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise WorkerFailure(
            "output",
            f"gives something else in {name} than one array of numbers",
            "fit it on one target, with one label a row",
        ) from error


def _json_value(value: object) -> object:
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return str(value)
