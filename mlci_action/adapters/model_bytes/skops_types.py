"""Which types does a skops file name? Read from its schema.json, and none of them imported."""

from __future__ import annotations

import json
from typing import BinaryIO

from mlci_action.adapters.model_bytes.archives import NoArchive, read_member
from mlci_action.adapters.model_bytes.pickle_reading import Imports
from mlci_action.adapters.model_bytes.pickle_values import shown

SCHEMA = "schema.json"
_MAX_SCHEMA_BYTES = 16 << 20
_MAX_NAMES = 1_000


def read_skops(file: BinaryIO) -> Imports | None:
    """The types, None when its schema is none of skops'; NoArchive when it cannot be read."""
    try:
        schema = json.loads(read_member(file, SCHEMA, _MAX_SCHEMA_BYTES))
    except (ValueError, RecursionError) as error:
        raise NoArchive("a zip archive whose schema.json is damaged") from error
    if not isinstance(schema, dict) or "__class__" not in schema:
        return None
    names: set[str] = set()
    waiting: list[object] = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            module, kind = node.get("__module__"), node.get("__class__")
            if isinstance(module, str) and isinstance(kind, str):
                names.add(shown(f"{module}.{kind}"))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return Imports(tuple(sorted(names)[:_MAX_NAMES]), len(names) <= _MAX_NAMES)
