"""What does each command do? One function each, from its options to an exit code."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from importlib import import_module

Environ = Mapping[str, str]

# Each command pays for the libraries it uses, not for others'.
_PLACES = {
    "gate": "running",
    "data": "running",
    "demo": "running",
    "baseline": "finding",
    "comment": "posting",
    "schema": "describing",
    "stage": "staging",
    "train": "training",
    "calibrate": "training",
    "self-test": "proving",
    "promote": "promoting",
    "verify": "proving",
}


def run_command(options: argparse.Namespace, environ: Environ) -> int:
    """The exit code of the command that `options` name."""
    module = import_module(f"mlci_action.commands.{_PLACES[options.command]}")
    run: Callable[[argparse.Namespace, Environ], int] = getattr(
        module, options.command.replace("-", "_")
    )
    return run(options, environ)
