"""What may stand in mlci.yml, and what data look like."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from mlci_action.commands.console import show, show_json

Environ = Mapping[str, str]


def schema(options: argparse.Namespace, environ: Environ) -> int:
    """The JSON Schema of mlci.yml, or a schema that data follow."""
    if options.what == "infer":
        return _infer_schema(options.data, environ)
    from mlci_action.settings.schema import json_schema

    show_json(json.dumps(json_schema(), indent=2), environ)
    return 0


def _infer_schema(pattern: str, environ: Environ) -> int:
    from mlci_action.adapters.summaries import sum_up_chunks
    from mlci_action.adapters.tables.source import open_table
    from mlci_action.profiles.table import Aims
    from mlci_action.rendering.schema_proposal import propose_schema

    source = open_table(pattern, Path.cwd())
    profile = sum_up_chunks(source.chunks(), aims=Aims(rows=False, relations=False)).profile
    show(propose_schema(profile).rstrip("\n"), environ)
    return 0
