"""Which library versions wrote the model file, and which are installed here?"""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path
from typing import Dict, List, NamedTuple

from mlci_action.worker.compressed import is_zip
from mlci_action.worker.formats import format_of
from mlci_action.worker.mlmodel import find_mlmodel, versions_in_mlmodel
from mlci_action.worker.onnx_header import read_onnx_header
from mlci_action.worker.version_marks import (
    versions_in_boosters,
    versions_in_pickles,
    versions_in_skops,
)

_LIBRARIES = {
    "catboost": "catboost",
    "cloudpickle": "cloudpickle",
    "joblib": "joblib",
    "lightgbm": "lightgbm",
    "mlflow": "mlflow",
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "pandas": "pandas",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "skops": "skops",
    "statsmodels": "statsmodels",
    "torch": "torch",
    "xgboost": "xgboost",
}
# Those whose versions decide whether a model works; the others' files say nothing of that.
_DECIDING = ("scikit-learn", "xgboost", "lightgbm", "catboost", "statsmodels")
_NUMPY_2 = 2
_OR_EARLIER = " or earlier"


class Clash(NamedTuple):
    """A library that is installed in another version than the file was saved by."""

    library: str
    saved_by: str
    here: str
    pin: str


def installed_versions() -> Dict[str, str]:
    """The versions of the libraries that are loaded by now, by the names one installs them by."""
    versions = {}
    for module, name in _LIBRARIES.items():
        version = getattr(sys.modules.get(module), "__version__", None)
        if isinstance(version, str):
            versions[name] = version
    return versions


def recorded_versions(path: Path) -> Dict[str, str]:
    """The versions that the file, or an MLflow folder, says it was written by; empty for none.

    Nothing is executed, and of a file only a bounded part is unpacked.
    """
    try:
        return _recorded(path)
    except Exception:  # noqa: BLE001  a damaged file; loading it says so
        return {}


def _recorded(path: Path) -> Dict[str, str]:
    if path.is_dir():
        root = find_mlmodel(path)
        return versions_in_mlmodel(root) if root else {}
    if is_zip(path):
        return versions_in_skops(path)
    kind = format_of(path)
    if kind == "onnx":
        return read_onnx_header(path).versions
    if kind in ("catboost", "lightgbm", "xgboost"):
        return versions_in_boosters(path, kind)
    return versions_in_pickles(path)


def version_clashes(recorded: Dict[str, str]) -> List[Clash]:
    """Where the recorded and the installed versions differ, of what decides whether it works."""
    here = installed_versions()
    clashes = [
        Clash(name, recorded[name], here[name], _pin(name, recorded[name]))
        for name in _DECIDING
        if recorded.get(name) and name in here and not _is(here[name], recorded[name])
    ]
    if _major(recorded.get("numpy", "")) >= _NUMPY_2 > _major(here.get("numpy", "2")):
        clashes.append(Clash("numpy", recorded["numpy"], here["numpy"], "numpy>=2"))
    python = ".".join(recorded.get("python", "").split(".")[:2])
    # Another Python alone rarely matters: it is named where nothing else differs.
    if not clashes and python and python != ".".join(platform.python_version_tuple()[:2]):
        clashes.append(Clash("Python", python, platform.python_version(), f"Python {python}"))
    return clashes


def _is(version: str, recorded: str) -> bool:
    """Whether they are the same as far as the recorded one goes: 1.7.6 is 1.7."""
    if recorded.endswith(_OR_EARLIER):
        return _major(version) <= _major(recorded)
    return version == recorded or version.startswith(recorded + ".")


def _pin(name: str, recorded: str) -> str:
    if recorded.endswith(_OR_EARLIER):
        return f"{name}<{_major(recorded) + 1}"
    return f"{name}=={recorded}.*" if recorded.count(".") == 1 else f"{name}=={recorded}"


def _major(version: str) -> int:
    number = re.split(r"\W", version, maxsplit=1)[0]
    return int(number) if number.isdigit() else 0
