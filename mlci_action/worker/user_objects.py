"""Which module of the user's is meant? `package.module` or `file.py`, imported as it is named."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from pathlib import Path
from typing import Any, Callable, cast

from mlci_action.worker.failures import WorkerFailure, shown


def import_place(place: str, folder: Path, *, kind: str, hint: str = "") -> types.ModuleType:
    """The module at `place`, a file of `folder` or a name; WorkerFailure of that kind else."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        if not place.endswith(".py"):
            return importlib.import_module(place)
        return _from_file(folder / place)
    except Exception as error:
        raise WorkerFailure(
            kind, f"cannot be imported from {place!r}: {shown(error)}", hint
        ) from error


def import_function(named: str, folder: Path, *, kind: str, hint: str = "") -> Callable[..., Any]:
    """What `module:function` or `file.py:function` names; WorkerFailure of that kind else."""
    place, _, name = named.rpartition(":")
    found: Any = import_place(place, folder, kind=kind, hint=hint)
    for part in name.split("."):
        found = getattr(found, part, None)
    if callable(found):
        return cast("Callable[..., Any]", found)
    what = "there is no such function" if found is None else f"it is a {type(found).__name__}"
    raise WorkerFailure(kind, f"cannot use {named!r}: {what}", hint)


def _from_file(path: Path) -> types.ModuleType:
    if not path.is_file():
        raise ImportError("there is no such file")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError("it is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
