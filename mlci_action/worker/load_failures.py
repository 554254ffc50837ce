"""Why was the file not loaded, or does it not predict, and what are the ways out?"""

from __future__ import annotations

import lzma
import pickle
import platform
import re
import sys
import zipfile
import zlib
from typing import Dict, List, Optional

from mlci_action.worker.failures import WorkerFailure, shown
from mlci_action.worker.libraries import PACKAGE_NAMES
from mlci_action.worker.unreadable import NAME_A_LOADER
from mlci_action.worker.versions import Clash, installed_versions, version_clashes

_SAVE_AGAIN = "save the fitted object itself again, such as with joblib.dump(model, path)"
_DAMAGED = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
_ENDS_EARLY = re.compile(
    r"truncat|CRC check|end-of-stream|\bEOF\b|ran out of (input|data)|Not a gz", re.IGNORECASE
)
_OF_ANOTHER_PYTHON = re.compile(r"\bcode\(\)|code expected|an integer is required|bad marshal")
_BEYOND_THE_RUNTIME = re.compile(
    r"IR version|opset|not a registered|NOT_IMPLEMENTED|under development", re.IGNORECASE
)
_NATIVE = ("catboost", "lightgbm", "onnx", "xgboost")
_MAX_NAMED = 3


def load_failure(error: BaseException, recorded: Dict[str, str], loaded_as: str) -> WorkerFailure:
    """The reason why a file did not load, as far as it can be known, with its remedy."""
    lacking = _what_is_lacking(error)
    if lacking is not None:
        return lacking
    if loaded_as == "onnx" and _BEYOND_THE_RUNTIME.search(str(error)):
        return _needs_a_newer_runtime(error, recorded)
    if loaded_as == "cloudpickle" and _OF_ANOTHER_PYTHON.search(str(error)):
        return _needs_another_python(error)
    if _is_damaged(error, recorded, loaded_as):
        return WorkerFailure(
            "format",
            f"cannot be loaded: the file is damaged or holds no {_what(loaded_as)}"
            f" ({shown(error)})",
            _SAVE_AGAIN,
        )
    return version_failure(f"cannot be loaded ({shown(error)})", recorded)


def _what_is_lacking(error: BaseException) -> Optional[WorkerFailure]:
    """Memory, a module, or a definition; None for an error of another kind."""
    if isinstance(error, MemoryError):
        return WorkerFailure("memory", "does not fit into memory", "use a larger runner")
    if isinstance(error, (AttributeError, ModuleNotFoundError)) and "__main__" in str(error):
        return _defined_in_a_script(error)
    missing = _missing_module(error)
    if missing == "numpy":
        return _needs_numpy_2()
    return _module_missing(missing) if missing else None


def version_failure(what: str, recorded: Dict[str, str]) -> WorkerFailure:
    """`what` went wrong; where the versions differ, that is the likely reason, and the ways out."""
    clashes = version_clashes(recorded)[:_MAX_NAMED]
    if not clashes:
        return WorkerFailure(
            "failed", what, "the traceback is in the log; does it work in that environment by hand?"
        )
    saved_by = _and([f"{clash.library} {clash.saved_by}" for clash in clashes])
    # Of one library, the second name would say nothing.
    here = _and([c.here if len(clashes) == 1 else f"{c.library} {c.here}" for c in clashes])
    verb = "is" if len(clashes) == 1 else "are"
    return WorkerFailure(
        "versions",
        f"{what}: it was saved by {saved_by}, and {here} {verb} installed",
        _three_ways_out(clashes),
    )


def _three_ways_out(clashes: List[Clash]) -> str:
    pins = _and([clash.pin for clash in clashes])
    return (
        f"pin {pins} in that environment; or, for a baseline, give it an environment of its own"
        " (`baseline.requirements: git:base:requirements.txt`), or keep the report's"
        " predictions.npz beside it"
    )


def _and(names: List[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _needs_numpy_2() -> WorkerFailure:
    here = installed_versions().get("numpy", "an older one")
    return WorkerFailure(
        "versions",
        f"cannot be loaded: it was saved under numpy 2 or later, and {here} is installed",
        _three_ways_out([Clash("numpy", "2", here, "numpy>=2")]),
    )


def _needs_a_newer_runtime(error: BaseException, recorded: Dict[str, str]) -> WorkerFailure:
    here = installed_versions().get("onnxruntime", "of an unknown version")
    written = ", ".join(f"{name} {version}" for name, version in recorded.items())
    return WorkerFailure(
        "versions",
        f"cannot be loaded ({shown(error)}): it was written by {written or 'a program of its own'},"
        f" and the onnxruntime that is installed is {here}",
        "install a newer onnxruntime in that environment, or convert the model for an older opset;"
        f" where it has operators of its own: {NAME_A_LOADER}",
    )


def _needs_another_python(error: BaseException) -> WorkerFailure:
    here = platform.python_version()
    return WorkerFailure(
        "versions",
        "cannot be loaded: it holds functions that cloudpickle saved under another version of"
        f" Python, and this is {here} ({shown(error)})",
        "cloudpickle reads only what the same Python wrote: for a baseline, name that one"
        " (`baseline.python`, with `baseline.requirements`), or put the functions into a module",
    )


def _missing_module(error: BaseException) -> str:
    """What is to be installed; empty where an error is no matter of that."""
    if isinstance(error, (ImportError, ValueError)) and "lz4" in str(error).lower():
        return "lz4"
    name = (error.name or "") if isinstance(error, ModuleNotFoundError) else ""
    top = name.partition(".")[0]
    if name.startswith("numpy._core") or (top not in sys.modules and not top.startswith("_")):
        return top
    return ""


def _is_damaged(error: BaseException, recorded: Dict[str, str], loaded_as: str) -> bool:
    if isinstance(error, _DAMAGED):
        return True
    if loaded_as in _NATIVE:
        return not version_clashes(recorded)
    if isinstance(error, (pickle.UnpicklingError, OSError, ValueError)) and _ENDS_EARLY.search(
        str(error)
    ):
        return True
    # Bytes that are no pickle read as opcodes that make no sense.
    no_sense = (pickle.UnpicklingError, IndexError, KeyError, UnicodeDecodeError, OverflowError)
    return isinstance(error, no_sense) and not recorded


def _what(loaded_as: str) -> str:
    pickled = ("joblib", "pickle", "cloudpickle", "dill")
    return "pickled model" if loaded_as in pickled else f"{loaded_as} model"


def _defined_in_a_script(error: BaseException) -> WorkerFailure:
    match = re.search(r"attribute '(\w+)'", str(error))
    what = f"{match.group(1)!r}, which was" if match else "something that was"
    return WorkerFailure(
        "main_class",
        f"cannot be loaded: it needs {what} defined in the script that saved it",
        "move the definition into a module that the script imports (such as features.py, in the "
        "working directory), and save the model again; or " + NAME_A_LOADER,
    )


def _module_missing(module: str) -> WorkerFailure:
    return WorkerFailure(
        "missing_module",
        f"cannot be loaded: it needs the module {module!r}, which {sys.executable} does not have",
        f"install {PACKAGE_NAMES.get(module, module)} in that environment; if it is a file of "
        "the repository, it must be importable from the working directory",
    )
