"""The model of a passing report is brought in place."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mlci_action.adapters.promoting import promote_command
from mlci_action.commands.console import show


def promote(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """0 when it is in place now, 1 when it is refused."""
    code, text = promote_command(
        options.report, options.to, replace=options.replace, environ=environ
    )
    show(text, environ)
    return code
