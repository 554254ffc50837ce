"""The steps of action.yml, one file each, which says what it holds and what it must not trust.

`fetch` and `comment` hold a token and run no code of the user's; `evaluate` runs the user's code
and holds none; `verdict` says what the outputs are and whether the step is red. `verify` and
`promote` are those of the sub-actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

STAGES = ("fetch", "evaluate", "comment", "verdict", "verify", "promote")


def run_stage(name: str, environ: Mapping[str, str]) -> int:
    """The exit code of one stage. Each imports only its own: the comment must start at once."""
    if name not in STAGES:
        raise ValueError(f"unknown stage {name!r}")
    stage = import_module(f"mlci_action.stages.{name}")
    code: int = stage.run(environ)
    return code
