"""What does a schema that is a Python object say? Imported and asked in the user's interpreter."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any, Dict

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.foreign import Schema
from mlci_action.worker.rows import Rows
from mlci_action.worker.schema_rules import broken_rules, drops_rows
from mlci_action.worker.user_objects import import_place


def answer_schema(request: Dict[str, Any], _output: Path, facts: Dict[str, Any]) -> None:
    """Put what `request["schema"]` (`module:Object` or `file.py:Object`) says into `facts`."""
    place, _, name = request["schema"].rpartition(":")
    module = import_place(
        place,
        Path(request["working_directory"]),
        kind="no_schema",
        hint="it is imported in the interpreter of the model: is pandera installed there?",
    )
    schema = _object_in(module, place, name)
    rows = Rows(Path(request["data"]))
    facts["broken"] = broken_rules(schema, rows.table(rows.names))


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
