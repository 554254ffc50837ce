"""How do the bytes of an artifact or of a release's file get here? Whole, and as GitHub said."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import requests

from mlci_action.adapters.downloads import MAX_BYTES, DownloadError, download
from mlci_action.adapters.github_http import GitHubHttp
from mlci_action.adapters.network import Network
from mlci_action.errors import BaselineError

_TRIES = 2
# A signed address holds for a minute or ten; a long download may outlive it.
_NO_LONGER = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


def fetch_file(
    http: GitHubHttp,
    url: str,
    target: Path,
    *,
    network: Network,
    accept: str,
    n_bytes: int | None,
    digest: str | None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """What the API has at `url`, written to `target`.

    n_bytes, digest: what GitHub says of it; None: it says none. The API sends to another host,
    which is asked without the token. BaselineError when it is not to be had, or is something else.
    """
    if n_bytes is not None and n_bytes > MAX_BYTES:
        raise BaselineError(
            f"it has {n_bytes:,} bytes, more than the {MAX_BYTES:,} allowed",
            hint="keep large models in an object store",
        )
    for tries_left in reversed(range(_TRIES)):
        place = http.locate(url, accept=accept)
        try:
            with requests.Session() as session:
                network.apply_to(session, place.url)
                download(
                    place.url,
                    target,
                    session=session,
                    headers=place.headers,
                    max_bytes=MAX_BYTES if n_bytes is None else n_bytes,
                    digest=digest,
                    sleep=sleep,
                )
            break
        except DownloadError as error:
            if error.status not in _NO_LONGER or not tries_left:
                raise
    size = target.stat().st_size
    if n_bytes is not None and size != n_bytes:
        target.unlink()
        raise BaselineError(f"it has {size:,} bytes, and GitHub says {n_bytes:,}")
