"""What does the model say about the rows? Its answers as plain arrays."""

from __future__ import annotations

import importlib
from typing import Any, Dict, List

from mlci_action.worker.answers import labels_or_values, numbers
from mlci_action.worker.columns import GivenInput
from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Array, Model, Table
from mlci_action.worker.forms import copy_of, has_text, in_forms
from mlci_action.worker.loading import version_failure
from mlci_action.worker.model_parts import library_of
from mlci_action.worker.quoting import shown_to_everybody

_TEXT_FOR_A_NUMBER = "could not convert string to float"
_PREPARE_IT = (
    "if its columns are prepared outside the model, name the function that does it: "
    "candidate.features; the traceback is in the log"
)


def predict_arrays(model: Model, given: GivenInput, recorded: Dict[str, str]) -> Dict[str, Array]:
    """`predictions`, and `probabilities` or else `decisions` where the model has them.

    Decision values are asked for only where there are no probabilities: they would not be used.
    The input's forms are tried in their order; when none works, the first failure is told. Each
    method gets rows of its own: some write into what they are given.
    """
    failures: List[WorkerFailure] = []
    for table in in_forms(model, given.table, given.forms):
        try:
            return _ask_everything(_Asked(model, table, given, recorded))
        except WorkerFailure as failure:
            failures.append(failure)
    raise failures[0]


def _ask_everything(asked: "_Asked") -> Dict[str, Array]:
    arrays = {"predictions": labels_or_values(asked("predict"))}
    for name, key in (("predict_proba", "probabilities"), ("decision_function", "decisions")):
        values = asked(name)
        if values is not None:
            arrays[key] = numbers(values, name)
            break
    return arrays


class _Asked:
    """A model and the rows in one form, asked by the names of its methods."""

    def __init__(
        self, model: Model, table: Table, given: GivenInput, recorded: Dict[str, str]
    ) -> None:
        self._model, self._table = model, table
        self._given, self._recorded = given, recorded

    def __call__(self, name: str) -> Any:  # noqa: ANN401  whatever the model gives
        """What the method gives; None when the model has no such method, or only its name."""
        method = self._model.predict if name == "predict" else getattr(self._model, name, None)
        if not callable(method):
            return None
        try:
            return method(as_the_library_wants(self._model, copy_of(self._table)))
        except MemoryError as error:
            raise WorkerFailure("memory", f"ran out of memory in {name}") from error
        except WorkerFailure:
            raise
        except (Exception, SystemExit) as error:
            if isinstance(error, NotImplementedError) and name != "predict":
                return None
            raise self._failure(name, error) from error

    def _failure(self, name: str, error: BaseException) -> WorkerFailure:
        text = (
            f"fails in {name} ({shown_to_everybody(error, self._given.columns, self._given.table)})"
        )
        unprepared = isinstance(error, (ValueError, TypeError)) and has_text(self._given.table)
        if unprepared and _TEXT_FOR_A_NUMBER in str(error):
            # Whatever the versions: no version of it takes text.
            return WorkerFailure("failed", text, _PREPARE_IT)
        failure = version_failure(text, self._recorded)
        if failure.kind == "failed" and unprepared:
            failure.hint = _PREPARE_IT
        return failure


def as_the_library_wants(model: Model, table: Table) -> Table:
    """The matrix of its own that a native XGBoost booster takes; else the table."""
    if type(model).__name__ != "Booster" or library_of(model) != "xgboost":
        return table
    if callable(getattr(table, "num_row", None)):
        return table  # `features` made the matrix
    xgboost = importlib.import_module("xgboost")
    categories = any(str(dtype) == "category" for dtype in getattr(table, "dtypes", ()))
    return xgboost.DMatrix(table, enable_categorical=True) if categories else xgboost.DMatrix(table)
