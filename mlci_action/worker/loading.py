"""Which format is the model file, told by its bytes, and which object is in it?"""

from __future__ import annotations

import pickle
import re
import sys
import zipfile
from pathlib import Path
from typing import Dict, Tuple

from mlci_action.worker.failures import WorkerFailure, shown
from mlci_action.worker.foreign import Model
from mlci_action.worker.versions import installed_versions, is_zip, open_decompressed, version_clash

_NOT_LOADED = (
    (b"\x89HDF\r\n", "an HDF5 file, as Keras writes them"),
    (b"CBM1", "CatBoost's own format"),
    (b"tree\n", "LightGBM's own text format"),
    (b"{L\x00", "XGBoost's own binary format"),
    (b"{", "a JSON file, such as XGBoost's own format"),
    (b"\x08", "an ONNX model"),
    (b"<", "an XML or HTML file"),
)
_SAVE_WITH_JOBLIB = "save the fitted object itself: joblib.dump(model, path)"
_ONE_OBJECT = (
    "save one object that predicts from the columns of the data, such as a scikit-learn Pipeline"
)
_MAX_NAMED = 10
_PACKAGE_NAMES = {
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
    "PIL": "pillow",
    "cv2": "opencv-python",
}


def load_model(path: Path, recorded: Dict[str, str]) -> Tuple[Model, str]:
    """The object in the file, and the format it came in: joblib, pickle or skops."""
    loaded_as = _format(path)
    try:
        model = _load_skops(path) if loaded_as == "skops" else _load_pickle(path, loaded_as)
    except WorkerFailure:
        raise
    except (Exception, SystemExit) as error:
        raise _load_failure(error, recorded) from error
    _must_predict(model)
    return model, loaded_as


def _format(path: Path) -> str:
    if is_zip(path):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        if "schema.json" in names:
            return "skops"
        inside = "PyTorch's own format" if any(n.endswith("data.pkl") for n in names) else "a zip"
        raise WorkerFailure("format", f"is {inside}, which is not loaded", _SAVE_WITH_JOBLIB)
    with path.open("rb") as file:
        start = file.read(16)
    for magic, name in _NOT_LOADED:
        if start.startswith(magic):
            raise WorkerFailure("format", f"is {name}, which is not loaded", _SAVE_WITH_JOBLIB)
    try:
        import joblib  # noqa: F401
    except ImportError:
        return "pickle"
    return "joblib"


def _load_pickle(path: Path, loaded_as: str) -> Model:
    if loaded_as == "joblib":
        import joblib

        # joblib reads what pickle wrote as well, compressed or not.
        return joblib.load(path)
    with open_decompressed(path) as stream:
        return pickle.load(stream)


def _load_skops(path: Path) -> Model:
    import skops.io

    untrusted = skops.io.get_untrusted_types(file=path)
    if untrusted:
        raise WorkerFailure(
            "untrusted",
            "holds types that skops does not trust: " + ", ".join(sorted(untrusted)[:_MAX_NAMED]),
            "build the model of types that skops trusts, or save it with joblib",
        )
    return skops.io.load(path, trusted=[])


def _load_failure(error: BaseException, recorded: Dict[str, str]) -> WorkerFailure:
    """The reason, as far as it can be known, with its remedy."""
    if isinstance(error, MemoryError):
        return WorkerFailure("memory", "does not fit into memory", "use a larger runner")
    if isinstance(error, (AttributeError, ModuleNotFoundError)) and "__main__" in str(error):
        return _defined_in_a_script(error)
    missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
    if missing and missing.split(".")[0] not in sys.modules and not missing.startswith("_"):
        return _module_missing(missing.split(".")[0])
    if missing and missing.startswith("numpy._core"):
        here = installed_versions().get("numpy", "an older one")
        return WorkerFailure(
            "versions",
            f"cannot be loaded: it was saved under numpy 2 or later, and {here} is installed",
            "install numpy>=2 in that environment, or save the model again under that version",
        )
    if isinstance(error, (pickle.UnpicklingError, EOFError, IndexError)) and not recorded:
        return WorkerFailure(
            "format",
            f"cannot be loaded: the file is damaged or holds no pickled model ({shown(error)})",
            _SAVE_WITH_JOBLIB,
        )
    return version_failure(f"cannot be loaded ({shown(error)})", recorded)


def _defined_in_a_script(error: BaseException) -> WorkerFailure:
    match = re.search(r"attribute '(\w+)'", str(error))
    what = f"{match.group(1)!r}, which was" if match else "something that was"
    return WorkerFailure(
        "main_class",
        f"cannot be loaded: it needs {what} defined in the script that saved it",
        "move the definition into a module that the script imports (such as features.py, in the "
        "working directory), and save the model again",
    )


def _module_missing(module: str) -> WorkerFailure:
    return WorkerFailure(
        "missing_module",
        f"cannot be loaded: it needs the module {module!r}, which {sys.executable} does not have",
        f"install {_PACKAGE_NAMES.get(module, module)} in that environment; if it is a file of "
        "the repository, it must be importable from the working directory",
    )


def version_failure(what: str, recorded: Dict[str, str]) -> WorkerFailure:
    """`what` went wrong; where the versions differ, that is the likely reason, and the ways out."""
    clash = version_clash(recorded)
    if clash is None:
        return WorkerFailure(
            "failed", what, "the traceback is in the log; does it work in that environment by hand?"
        )
    saved_by, here = clash
    return WorkerFailure(
        "versions",
        f"{what}: it was saved by scikit-learn {saved_by}, and {here} is installed",
        f"pin scikit-learn=={saved_by} in that environment, or save the model again under {here}, "
        f"or name (--python) an environment that has {saved_by}",
    )


def _must_predict(model: Model) -> None:
    if isinstance(model, type):
        raise WorkerFailure("not_a_model", f"is the class {model.__name__}, not a fitted object")
    if callable(getattr(model, "predict", None)):
        return
    if isinstance(model, dict):
        keys = ", ".join(repr(str(key)) for key in list(model)[:_MAX_NAMED])
        found = f"is a dict with the keys {keys}"
    elif isinstance(model, (tuple, list)):
        parts = ", ".join(type(part).__name__ for part in model[:_MAX_NAMED])
        found = f"is a {type(model).__name__} of {len(model)}: {parts}"
    else:
        found = f"is a {type(model).__name__} without a predict method"
    raise WorkerFailure("not_a_model", f"{found}; not one object that predicts", _ONE_OBJECT)
