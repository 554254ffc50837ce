"""Which host is an address on, and which one takes files for an API?"""

from __future__ import annotations

from urllib.parse import urlsplit

from mlci_action.errors import GitHubError


def origin_of(url: str) -> str:
    """Scheme, host and port; GitHubError when it is no address of a web server."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        parts, port = urlsplit(""), None
    if not (parts.scheme in ("http", "https") and parts.hostname and port):
        raise GitHubError(f"{url!r} is not an address", hint="for example https://api.github.com")
    return f"{parts.scheme}://{parts.hostname}:{port}"


def uploads_of(origin: str) -> str:
    """Where files are sent: api.github.com has uploads.github.com, a server of one's own itself."""
    return origin.replace("://api.", "://uploads.", 1)
