"""How does a file get here whole? Capped, resumed, retried, and never shown to whom it is not for.

A redirect to another origin is followed without credentials, an address with a signature in it is
never printed, and what is left of a download that failed never has the name of the file.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urljoin

import requests

from mlci_action.adapters.addresses import is_private, origin_of, shown
from mlci_action.adapters.network import Network
from mlci_action.domain.sources import MAX_BYTES
from mlci_action.errors import BaselineError

__all__ = ["MAX_BYTES", "DownloadError", "download", "shown"]

_BLOCK = 1 << 14
_MAX_REDIRECTS = 5
_MAX_IDLE_TRIES = 6
_PATIENCE_SECONDS = 120.0
_MAX_SECONDS = 3600.0
_TIMEOUT_SECONDS = (10.0, 60.0)
_CREDENTIALS = ("authorization", "cookie", "proxy-authorization")
_LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
_WHOLE = (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT)
_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18})")


class DownloadError(BaselineError):
    """A file that cannot be had whole. status: the server's last answer, where it gave one.

    found: whether there is such a file, as far as anybody could tell.
    """

    def __init__(
        self, message: str, *, hint: str = "", status: int | None = None, found: bool = True
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.found = found


def download(
    url: str,
    target: Path,
    *,
    session: requests.Session,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    digest: str | None = None,
    network: Network | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> str:
    """Write what is at `url` to `target`, whole or not at all; answers its `sha256:...`.

    session: with its proxies and certificates set, or with `network` to set them for each host that
    it is sent on to. Credentials, in `headers` or of the session, are shown to the origin of `url`
    alone. digest: what it must have. Lost connections, server errors and rate limits are waited
    for, two minutes in all, and after an hour it is given up. DownloadError when it cannot be had,
    is larger than `max_bytes` or other than `digest`; OSError when it cannot be written.
    """
    part, until = target.with_name(f"{target.name}.part"), clock() + _MAX_SECONDS
    try:
        transfer = _Transfer(
            url=url,
            part=part,
            messenger=_Messenger(session, network),
            headers=dict(headers or {}),
            max_bytes=max_bytes,
            too_late=lambda: clock() > until,
        )
        _patiently(transfer, sleep)
        found = _digest_of(part)
        if digest is not None and found != digest:
            raise DownloadError(
                f"{shown(url)} is not what was promised: its digest is {found}, not {digest}",
                hint="it was changed or damaged on its way",
            )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return found


class _Messenger(requests.Session):
    """Goes the way of another session, and tells only who it is for of that one's login.

    What a server sets stays here, and of a redirect no more is read than where it leads.
    """

    def __init__(self, home: requests.Session, network: Network | None) -> None:
        super().__init__()
        self._home, self._network = home, network
        self.adapters = home.adapters

    def asked(self, url: str, headers: Mapping[str, str], *, at_home: bool) -> requests.Response:
        """The answer, of which only the headers are here yet."""
        if self._network is not None:
            self._network.apply_to(self._home, url)
        request = requests.Request("GET", url, headers=headers, hooks=self._home.hooks)
        prepared = self._home.prepare_request(request) if at_home else request.prepare()
        way = self._home.merge_environment_settings(url, {}, True, None, None)
        if not at_home:
            way["cert"] = None
        return self.send(prepared, timeout=_TIMEOUT_SECONDS, allow_redirects=False, **way)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: the library would read all of the answer before it says where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trouble:
    """Why it is not whole yet, and how long the server asks to wait."""

    why: str
    status: int | None = None
    wait: float | None = None


@dataclass(kw_only=True)
class _Transfer:
    """One file on its way; `mark` tells the server which file the bytes so far are of."""

    url: str
    part: Path
    messenger: _Messenger
    headers: dict[str, str] = field(repr=False)
    max_bytes: int
    too_late: Callable[[], bool]
    n_bytes: int = 0
    mark: str | None = None
    found: bool = False

    def attempt(self) -> _Trouble | None:
        """Fetch what is missing. None when it is whole, else why not, to be tried again."""
        try:
            with self._answer() as response:
                return self._taken(response)
        except requests.exceptions.SSLError:
            raise DownloadError(
                f"the certificate of {shown(self.url)} is not trusted",
                hint="set REQUESTS_CA_BUNDLE to the certificates of your company",
                found=False,
            ) from None
        except ValueError:
            # The library's words show whole addresses, and headers.
            raise DownloadError(
                f"{shown(self.url)} cannot be asked: it, or what is sent to it, is malformed",
                hint="check the address, its token and the proxy variables",
                found=False,
            ) from None
        except requests.exceptions.ProxyError:
            return _Trouble(why="the proxy refused")
        except requests.Timeout:
            return _Trouble(why="the server did not answer in time")
        except requests.RequestException:
            return _Trouble(why="the connection was lost")

    def _answer(self) -> requests.Response:
        """The first answer that is no redirect; who was sent elsewhere has no login any more."""
        url, home, at_home = self.url, origin_of(self.url), True
        headers = {**self.headers, "Accept-Encoding": "identity"}
        if self.n_bytes and self.mark:
            headers |= {"Range": f"bytes={self.n_bytes}-", "If-Range": self.mark}
        for _ in range(_MAX_REDIRECTS + 1):
            _must_be_private(url)
            response = self.messenger.asked(url, headers, at_home=at_home)
            location = response.headers.get("location")
            if not (response.is_redirect and location):
                return response
            response.close()
            following = urljoin(url, location)
            if origin_of(url)[0] == "https" and origin_of(following)[0] != "https":
                raise DownloadError(f"{shown(url)} redirects to an address without encryption")
            url = following
            if origin_of(url) != home:
                at_home = False
                headers = {k: v for k, v in headers.items() if k.lower() not in _CREDENTIALS}
        raise DownloadError(f"{shown(self.url)} redirects too often")

    def _taken(self, response: requests.Response) -> _Trouble | None:
        status = response.status_code
        if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and self.n_bytes:
            return self._anew("the server cannot go on where it stopped")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER:
            wait = _named_wait(response.headers)
            return _Trouble(why=f"the server answered {status}", status=status, wait=wait)
        if status not in _WHOLE:
            raise DownloadError(f"{shown(self.url)} answered {status}", status=status)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise DownloadError(
                f"{shown(self.url)} comes packed, which was not asked for",
                hint="store it without a Content-Encoding",
            )
        self.found = True
        mark, length = _mark(response.headers), response.headers.get("content-length", "")
        whole = int(length) if re.fullmatch("[0-9]{1,18}", length) else None
        if status == HTTPStatus.PARTIAL_CONTENT:
            part = _RANGE.fullmatch(response.headers.get("content-range", ""))
            if part is None or int(part[1]) != self.n_bytes or mark not in (None, self.mark):
                return self._anew("the server went on with something else")
            whole = int(part[2])
        else:
            self.n_bytes, self.mark = 0, mark
        return self._written(response, whole)

    def _anew(self, why: str) -> _Trouble:
        self.n_bytes, self.mark = 0, None
        return _Trouble(why=why)

    def _written(self, response: requests.Response, whole: int | None) -> _Trouble | None:
        if whole is not None and whole > self.max_bytes:
            raise self._too_large()
        with self.part.open("r+b" if self.n_bytes else "wb") as file:
            file.seek(self.n_bytes)
            for block in response.iter_content(_BLOCK):
                if self.n_bytes + len(block) > self.max_bytes:
                    raise self._too_large()
                if self.too_late():
                    raise DownloadError(f"{shown(self.url)} takes longer than an hour")
                file.write(block)
                self.n_bytes += len(block)
        if whole is not None and self.n_bytes != whole:
            return _Trouble(why="the connection was lost")
        return None

    def _too_large(self) -> DownloadError:
        return DownloadError(
            f"{shown(self.url)} is larger than the {self.max_bytes:,} bytes allowed",
            hint="is it the model that is meant?",
        )


def _patiently(transfer: _Transfer, sleep: Callable[[float], None]) -> None:
    patience, backoff, idle = _PATIENCE_SECONDS, 1.0, 0
    while True:
        before = transfer.n_bytes
        trouble = transfer.attempt()
        if trouble is None:
            return
        idle += 1
        if transfer.n_bytes > before:
            # Where it gets on, the server is there.
            backoff, idle = 1.0, 0
        wait = backoff if trouble.wait is None else trouble.wait
        if idle == _MAX_IDLE_TRIES or not wait <= patience:
            break
        patience -= wait
        sleep(wait)
        backoff *= 2
    raise DownloadError(
        f"{shown(transfer.url)} could not be had whole: {trouble.why}",
        hint="check the network, and run the job again",
        status=trouble.status,
        found=transfer.found,
    )


def _must_be_private(url: str) -> None:
    if not is_private(url):
        raise DownloadError(
            f"{shown(url)} is not encrypted, and anybody on the way could change it",
            hint="name an https address",
        )


def _mark(headers: Mapping[str, str]) -> str | None:
    """What tells this file from a later one: a strong ETag, else when it was changed."""
    etag = headers.get("etag", "")
    return etag if etag and not etag.startswith("W/") else headers.get("last-modified")


def _named_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that the answer asks to wait; a moment is measured by the server's own clock."""
    after = headers.get("retry-after", "")
    if re.fullmatch("[0-9]{1,9}", after):
        return float(after)
    try:
        until, now = (parsedate_to_datetime(text) for text in (after, headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
