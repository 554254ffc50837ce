"""From a finished report to its comment. Needs no pandas, so that it starts at once."""

from __future__ import annotations

from collections.abc import Mapping

from mlci_action.adapters.github_api import GitHubApi
from mlci_action.adapters.github_comment import CommentOutcome, publish_comment
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.github_http import GitHubHttp
from mlci_action.adapters.network import Network
from mlci_action.domain.report import Report
from mlci_action.rendering.comment import render_comment

_PUBLIC_API = "https://api.github.com"


def post_report(
    report: Report,
    change: Change,
    *,
    token: str,
    key: str,
    mode: str,
    environ: Mapping[str, str],
    api_url: str | None = None,
) -> CommentOutcome:
    """Render `report` and post it under the pull request of `change`, or say why not.

    `environ` gives the proxies and certificates, and the API's address unless `api_url` does.
    """
    http = GitHubHttp(
        api_url or environ.get("GITHUB_API_URL") or _PUBLIC_API,
        token,
        network=Network.from_environ(environ),
    )
    return publish_comment(
        GitHubApi(http, change.repository or ""),
        change,
        render_comment(report, run_url=change.run_url),
        key=key,
        mode=mode,
        verdict=report.decision.verdict,
    )
