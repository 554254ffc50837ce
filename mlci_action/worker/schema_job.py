"""What does a schema that is a Python object say? Imported and asked in the user's interpreter."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from pathlib import Path
from typing import Any, Dict

from mlci_action.worker.failures import WorkerFailure, shown
from mlci_action.worker.foreign import Schema
from mlci_action.worker.rows import Rows
from mlci_action.worker.schema_rules import broken_rules, drops_rows


def answer_schema(request: Dict[str, Any], _output: Path, facts: Dict[str, Any]) -> None:
    """Put what `request["schema"]` (`module:Object` or `file.py:Object`) says into `facts`."""
    place, _, name = request["schema"].rpartition(":")
    folder = Path(request["working_directory"])
    sys.path.insert(0, str(folder))
    schema = _object_in(_imported(place, folder), place, name)
    rows = Rows(Path(request["data"]))
    facts["broken"] = broken_rules(schema, rows.table(rows.names))


def _imported(place: str, folder: Path) -> types.ModuleType:
    try:
        if not place.endswith(".py"):
            return importlib.import_module(place)
        return _from_file(folder / place)
    except Exception as error:
        raise WorkerFailure(
            "no_schema",
            f"cannot be imported from {place!r}: {shown(error)}",
            "it is imported in the interpreter of the model: is pandera installed there?",
        ) from error


def _from_file(path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError("it is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _object_in(module: types.ModuleType, place: str, name: str) -> Schema:
    schema = getattr(module, name, None)
    if schema is None:
        names = [name for name, value in vars(module).items() if hasattr(value, "validate")]
        raise WorkerFailure("no_schema", f"is not in {place!r}", f"it has: {', '.join(names)}")
    if not hasattr(schema, "validate"):
        raise WorkerFailure("no_schema", "is not a pandera schema", "it has no validate()")
    if drops_rows(schema):
        raise WorkerFailure(
            "no_schema", "drops the rows that break a rule (drop_invalid_rows), so it always holds"
        )
    return schema
