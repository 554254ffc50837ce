"""Which model does a server have at that address?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import requests

from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.downloads import DownloadError, download, shown
from mlci_action.adapters.network import Network
from mlci_action.domain.bundle_names import name_in_bundle
from mlci_action.domain.sources import HttpsSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown

TOKEN_VARIABLE = "MLCI_BASELINE_TOKEN"
_MAX_NAME_BYTES = 200  # with `.part` behind it
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def take(
    source: HttpsSource, place: Place, *, sleep: Callable[[float], None] = time.sleep
) -> Taken:
    """The file at the address, as `Take` says.

    The token of MLCI_BASELINE_TOKEN is shown to the server of the address, and to none that it
    sends to.
    """
    headers = bearer(place.environ)
    place.store.mkdir(parents=True, exist_ok=True)
    target = place.store / _file_name(source.url)
    with requests.Session() as session:
        changed = _LastModified(session)
        try:
            download(
                source.url,
                target,
                session=session,
                headers=headers,
                network=Network.from_environ(place.environ),
                sleep=sleep,
            )
        except DownloadError as error:
            raise _why(source, error) from error
        except OSError as error:
            raise BaselineError(
                f"what {shown(source.url)} has cannot be kept:"
                f" {error.strerror or type(error).__name__}",
                hint="is there room on the disk?",
            ) from error
    return Taken(path=target, origin=shown(source.url), modified=changed.as_iso())


def bearer(environ: Mapping[str, str]) -> dict[str, str]:
    """The header that shows the token of MLCI_BASELINE_TOKEN; empty without one."""
    token = environ.get(TOKEN_VARIABLE, "").strip()
    return {"Authorization": f"Bearer {token}"} if token else {}


class _LastModified:
    """What the last answer of a session says of the file's time."""

    def __init__(self, session: requests.Session) -> None:
        self._said = ""
        session.hooks["response"].append(self._note)

    def _note(self, response: requests.Response, *_: object, **__: object) -> None:
        self._said = response.headers.get("last-modified", self._said)

    def as_iso(self) -> str | None:
        """In UTC; None where no answer said it."""
        try:
            return parsedate_to_datetime(self._said).astimezone(UTC).isoformat()
        except (ValueError, TypeError, OverflowError):
            return None


def _file_name(url: str) -> str:
    """What the file is called: its end tells some formats."""
    name = name_in_bundle(PurePosixPath(unquote(urlsplit(url).path)).name)
    return name.encode()[-_MAX_NAME_BYTES:].decode(errors="ignore")


def _why(source: HttpsSource, error: DownloadError) -> BaselineError:
    where = shown(source.url)
    if error.status in _GONE:
        return BaselineMissing(
            f"{where} answered {error.status}: put a model there, for example the file"
            " that a passing run left in bundle/"
        )
    if error.status in _REFUSED:
        return BaselineError(
            f"{where} answered {error.status}",
            hint=f"set {TOKEN_VARIABLE} to a token that may read it",
        )
    if not error.found:
        return BaselineUnknown(error.message, hint=error.hint)
    return error
