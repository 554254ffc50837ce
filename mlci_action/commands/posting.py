"""A finished report becomes the comment of its pull request."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mlci_action.adapters.github_comment import CommentStatus
from mlci_action.adapters.github_event import load_change
from mlci_action.adapters.report_folder import read_report_text
from mlci_action.commands.console import show
from mlci_action.posting import post_report
from mlci_action.rendering.report_json import from_json

Environ = Mapping[str, str]


def comment(options: argparse.Namespace, environ: Environ) -> int:
    """Post a finished report."""
    token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""
    outcome = post_report(
        from_json(read_report_text(options.report)),
        load_change(environ),
        token=token,
        key=options.id,
        mode=options.mode,
        environ=environ,
    )
    show(f"{outcome.status}: {outcome.url or outcome.note}", environ)
    return 2 if outcome.status in (CommentStatus.FORBIDDEN, CommentStatus.FAILED) else 0
