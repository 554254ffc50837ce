"""What does the description of an MLflow model say of itself?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List, Optional

from mlci_action.worker.failures import WorkerFailure, shown
from mlci_action.worker.libraries import library
from mlci_action.worker.texts import word

_FILE = "MLmodel"
_MAX_BYTES = 1 << 20
# MLmodel names the version of a flavor's library by a key of its own.
_KEYS = {
    "sklearn_version": "scikit-learn",
    "skl_version": "scikit-learn",
    "xgb_version": "xgboost",
    "lgb_version": "lightgbm",
    "catboost_version": "catboost",
    "statsmodels_version": "statsmodels",
    "python_version": "python",
    "mlflow_version": "mlflow",
}
_LINE = re.compile(r"^\s*(\w+_version):\s*['\"]?(\d[\w.+]*)", re.MULTILINE)
_PIN = re.compile(r"^\s*([A-Za-z0-9_.-]+)(?:\[[^]]*\])?\s*==\s*(\d[\w.+]*)", re.MULTILINE)
_PINNED = ("scikit-learn", "xgboost", "lightgbm", "catboost", "numpy", "cloudpickle", "statsmodels")


def find_mlmodel(folder: Path) -> Optional[Path]:
    """The folder of the model: this one, or the one folder within it that has a description."""
    if (folder / _FILE).is_file():
        return folder
    within = sorted(path.parent for path in folder.glob(f"*/{_FILE}"))
    return within[0] if len(within) == 1 else None


def read_mlmodel(folder: Path) -> Dict[str, Any]:
    """The description as a mapping; WorkerFailure when it is none."""
    yaml = library("yaml", what="an MLflow model, described in YAML")
    try:
        said = yaml.safe_load(_text(folder / _FILE))
    except (yaml.YAMLError, RecursionError) as error:
        raise WorkerFailure(
            "format", f"is an MLflow model whose {_FILE} cannot be read ({shown(error)})"
        ) from error
    if not isinstance(said, dict) or not isinstance(said.get("flavors"), dict):
        raise WorkerFailure("format", f"is an MLflow model whose {_FILE} names no flavors")
    return said


def versions_in_mlmodel(folder: Path) -> Dict[str, str]:
    """The versions of libraries that it was saved under, as far as its files say."""
    versions = {}
    for name, version in _PIN.findall(_text(folder / "requirements.txt")):
        if name.lower() in _PINNED:
            versions[name.lower()] = word(version)
    for key, version in _LINE.findall(_text(folder / _FILE)):
        if key in _KEYS:
            versions[_KEYS[key]] = word(version)
    return versions


def signature_names(description: Dict[str, Any]) -> Optional[List[str]]:
    """The columns that its signature names, None when it names none."""
    signature = description.get("signature")
    inputs = signature.get("inputs") if isinstance(signature, dict) else None
    try:
        said = json.loads(inputs) if isinstance(inputs, str) else None
    except ValueError:
        return None
    columns = said if isinstance(said, list) else []
    names = [column.get("name") for column in columns if isinstance(column, dict)]
    return [str(name) for name in names] if names and all(names) else None


def _text(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(_MAX_BYTES).decode("utf-8", "replace")
