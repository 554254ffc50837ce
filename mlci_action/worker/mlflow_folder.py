"""Which of an MLflow model's flavors is loaded, from which of its files?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Array, Model, Table
from mlci_action.worker.libraries import library
from mlci_action.worker.mlmodel import find_mlmodel, read_mlmodel, signature_names
from mlci_action.worker.unreadable import NAME_A_LOADER

LoadFile = Callable[[Path], Model]
# In the order of preference: where its model's file stands in the description, and by habit.
_FLAVORS = {
    "sklearn": ("pickled_model", "model.pkl"),
    "xgboost": ("data", "model.xgb"),
    "lightgbm": ("data", "model.lgb"),
    "catboost": ("data", "model.cb"),
    "onnx": ("data", "model.onnx"),
    "statsmodels": ("data", "model.statsmodels"),
}
_ANY = "python_function"
_MAX_NAMED = 5


def load_mlflow(folder: Path, load_file: LoadFile) -> Tuple[Model, str]:
    """The model and its flavor; a file that a loader here reads is loaded without MLflow."""
    root = find_mlmodel(folder)
    if root is None:
        raise WorkerFailure("format", "is a folder without one MLmodel", NAME_A_LOADER)
    description = read_mlmodel(root)
    flavors: Dict[str, Any] = description["flavors"]
    _add_its_code(root, flavors)
    for flavor, (key, habit) in _FLAVORS.items():
        said = flavors.get(flavor)
        if isinstance(said, dict):
            path = _within(root, str(said.get(key) or habit))
            if path is not None:
                return load_file(path), flavor
    if _ANY not in flavors:
        found = ", ".join(sorted(str(name) for name in flavors)[:_MAX_NAMED]) or "none"
        raise WorkerFailure(
            "format", f"is an MLflow model without a flavor that predicts: {found}", NAME_A_LOADER
        )
    return _load_any(root, description), _named(flavors)


def _within(root: Path, name: str) -> Optional[Path]:
    """A file or folder of the model's own; None when it is not there."""
    path = (root / name).resolve()
    if root.resolve() not in path.parents:
        raise WorkerFailure("format", "is an MLflow model that names a file outside its folder")
    if path.is_dir():
        # Some versions put the file into a folder of its own.
        files = [inner for inner in sorted(path.iterdir()) if inner.name.startswith("model.")]
        return files[0] if len(files) == 1 else None
    return path if path.is_file() else None


def _add_its_code(root: Path, flavors: Dict[str, Any]) -> None:
    """Modules that were saved with the model become importable, as MLflow does it."""
    for said in flavors.values():
        code = said.get("code") if isinstance(said, dict) else None
        folder = root / code if isinstance(code, str) else None
        if folder is not None and folder.is_dir() and str(folder) not in sys.path:
            sys.path.insert(0, str(folder))


def _load_any(root: Path, description: Dict[str, Any]) -> Model:
    what = f"an MLflow model of the flavor {_named(description['flavors'])!r}"
    mlflow = library("mlflow.pyfunc", what=what)
    return PyFunc(mlflow.load_model(str(root)), signature_names(description))


def _named(flavors: Dict[str, Any]) -> str:
    """The flavor beside the general one; of the general one, what loads it."""
    others: List[str] = sorted(str(name) for name in flavors if name != _ANY)
    said = flavors.get(_ANY)
    loader = said.get("loader_module") if isinstance(said, dict) else None
    return others[0] if others else str(loader or _ANY).rpartition(".")[2]


class PyFunc:
    """What MLflow itself loads: a table in, an answer a row out, and no more known of it."""

    def __init__(self, model: Any, names: Optional[List[str]]) -> None:  # noqa: ANN401
        self._model = model
        self.shown_class = "mlflow.pyfunc.PyFuncModel"
        self.feature_names_in_ = names

    def predict(self, table: Table) -> Array:
        """(N,) or (N, m), whatever it gives; one column of a table as (N,)."""
        import numpy as np

        said = np.asarray(self._model.predict(table))
        return said.reshape(-1) if said.ndim > 1 and said.shape[1] == 1 else said
