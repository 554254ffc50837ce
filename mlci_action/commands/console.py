"""What do commands print, and on which stream? Progress on stderr, results on stdout."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from mlci_action.adapters.github_runner import Console, defused
from mlci_action.domain.report import Report
from mlci_action.rendering.terminal import render_terminal


def progress(environ: Mapping[str, str]) -> Console:
    """Says what is being done."""
    return Console(sys.stderr, in_actions=_on_a_runner(environ))


def table(report: Report, environ: Mapping[str, str], output: Path | None) -> str:
    """The report as a terminal shows it."""
    return render_terminal(
        report,
        width=shutil.get_terminal_size().columns,
        color=sys.stdout.isatty() and "NO_COLOR" not in environ,
        report_path=None if output is None else str(output),
    )


def show(text: str, environ: Mapping[str, str]) -> None:
    """Colours stay on a terminal; on a runner no foreign name may start a command."""
    sys.stdout.write(f"{defused(text) if _on_a_runner(environ) else text}\n")


def show_json(text: str, environ: Mapping[str, str]) -> None:
    """The same values for every reader, in letters that the runner does not take for a command."""
    if _on_a_runner(environ):
        text = text.replace("::", ":\\u003a").replace("##[", "##\\u005b")
    sys.stdout.write(f"{text}\n")


def _on_a_runner(environ: Mapping[str, str]) -> bool:
    return environ.get("GITHUB_ACTIONS") == "true"
