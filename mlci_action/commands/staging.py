"""A step of action.yml."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mlci_action.stages import run_stage


def stage(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """The exit code of the stage that is named."""
    return run_stage(options.name, environ)
