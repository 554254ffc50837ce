"""How does a request reach GitHub? Patiently, and with a token that goes to no other host."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urljoin

import requests
from requests import exceptions
from requests.utils import parse_header_links

from mlci_action.adapters.github_addresses import origin_of, uploads_of
from mlci_action.adapters.github_refusals import (
    NETWORK_HINT,
    Trouble,
    impossible,
    trouble_of_connection,
    trouble_of_status,
)
from mlci_action.adapters.network import Network
from mlci_action.errors import GitHubError

MAX_ANSWER_BYTES = 32 * 1024 * 1024
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "mlci-action",
}
_MAX_REDIRECTS = 3
_MAX_ATTEMPTS = 6
_UPLOAD_SECONDS = 300.0
_MAX_MESSAGE_CHARS = 300
_RENAMED_HINT = "if the repository was renamed or moved, use its new name"


class AnswerLost(GitHubError):
    """The request went out and no answer came back: whether it was carried out is unknown."""


class NotNow(GitHubError):
    """Patience ran out on a rate limit, an outage or the network: a later run may get through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back: the JSON value (None for an empty body) and where the next page is."""

    value: Any
    next_url: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file as the body of a request, read anew for every try."""

    path: Path
    content_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """Where the bytes of a file are, and what has to be shown there; nothing on another host."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


Body: TypeAlias = Mapping[str, Any] | Upload | None


class GitHubHttp:
    """Requests to one API, with retries.

    Rate limits, server errors and lost connections are waited for, `max_wait_seconds` in all over
    the object's life; the time lost in tries that failed counts. Other refusals are final.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        network: Network | None = None,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
        max_wait_seconds: float = 120.0,
        timeout_seconds: tuple[float, float] = (10.0, 30.0),
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._origin = origin_of(self.base_url)
        self._token = _checked_token(token)
        authorization = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        self._headers = _HEADERS | authorization
        self._session = session or requests.Session()
        (network or Network()).apply_to(self._session, self.base_url)
        self._sleep, self._now = sleep, now
        self._patience = max_wait_seconds
        self._timeout = timeout_seconds

    def __repr__(self) -> str:
        return f"GitHubHttp({self.base_url!r})"

    def send(self, method: str, url: str, body: Body = None) -> Answer:
        """The answer that settles it, after as many tries as patience allows.

        A POST whose answer is lost is not repeated: AnswerLost, and the caller looks what became of
        it. NotNow when the patience is used up; GitHubError with a status for a refusal.
        """
        return self._settled(_Asked(method=method, url=url, body=body))

    def locate(self, url: str, *, accept: str) -> Location:
        """Where the API sends those who want a file's bytes; on its own host with the token.

        Errors as for `send`.
        """
        url = self.same_origin(url)
        answer = self._settled(_Asked(method="GET", url=url, accept=accept))
        if answer.next_url is None:
            return Location(url=url, headers={**self._headers, "Accept": accept})
        return Location(url=answer.next_url, headers={"User-Agent": self._headers["User-Agent"]})

    def _settled(self, asked: _Asked) -> Answer:
        backoff = 1.0
        for tries_left in reversed(range(_MAX_ATTEMPTS)):
            started = self._now()
            answer = self._attempt(asked)
            if isinstance(answer, Answer):
                return answer
            trouble = answer
            self._patience -= max(0.0, self._now() - started)
            if trouble.sent and asked.method == "POST":
                raise AnswerLost(trouble.reason, hint=trouble.hint, status=trouble.status)
            wait = backoff if trouble.wait is None else trouble.wait
            if not (tries_left and self.pause(wait)):
                break
            backoff *= 2
        raise NotNow(f"gave up: {trouble.reason}", hint=trouble.hint, status=trouble.status)

    def pause(self, seconds: float) -> bool:
        """Wait before a next try; False, at once, when the patience does not reach that far."""
        if not seconds <= self._patience:
            return False
        self._patience -= seconds
        self._sleep(seconds)
        return True

    def same_origin(self, url: str) -> str:
        """`url` when it is on the API's own host; GitHubError otherwise."""
        there = origin_of(url)
        if there != self._origin:
            raise GitHubError(
                f"the API at {self._origin} points to {there}, where the token must not go",
                hint="check github-api-url and the proxy before it",
            )
        return url

    def upload_origin(self, url: str) -> str:
        """`url` when it is on the API's own host, or on that which takes files for it.

        GitHubError otherwise.
        """
        return url if origin_of(url) == uploads_of(self._origin) else self.same_origin(url)

    def _attempt(self, asked: _Asked) -> Answer | Trouble:
        try:
            status, headers, data = self._exchange(asked)
        except exceptions.SSLError:
            raise GitHubError(
                f"the certificate of {self._origin} is not trusted",
                hint="set REQUESTS_CA_BUNDLE to the certificates of your company",
            ) from None
        except ValueError as exc:
            # Addresses, headers and proxies that are none; the library lets urllib's own through.
            raise impossible(type(exc).__name__) from None
        except requests.RequestException as exc:
            return trouble_of_connection(exc, self._origin)
        except OSError:
            raise impossible("the file of REQUESTS_CA_BUNDLE cannot be read") from None
        if asked.accept is not None and status < HTTPStatus.BAD_REQUEST:
            return Answer(value=None, next_url=headers.get("location"))
        return self._read(status, headers, data)

    def _exchange(self, asked: _Asked) -> tuple[int, Mapping[str, str], bytes]:
        """One request and its redirects, which stay on the same host."""
        url = asked.url
        for _ in range(_MAX_REDIRECTS + 1):
            with self._requested(asked, url) as response:
                target = response.headers.get("location")
                if not (response.is_redirect and target):
                    wanted = asked.accept is None or response.status_code >= HTTPStatus.BAD_REQUEST
                    data = _bounded(response) if wanted else b""
                    return response.status_code, response.headers, data
                there = urljoin(url, target)
                if asked.accept is not None and origin_of(there) != self._origin:
                    return response.status_code, {"location": there}, b""
            # 301 and 302 let a client turn a write into a read; 307 and 308 keep it.
            if asked.method != "GET" and response.status_code not in (307, 308):
                raise GitHubError(
                    f"{asked.method} was redirected with {response.status_code}",
                    hint=_RENAMED_HINT,
                )
            url = self.same_origin(there)
        raise GitHubError("redirected too often", hint=_RENAMED_HINT)

    @contextmanager
    def _requested(self, asked: _Asked, url: str) -> Iterator[requests.Response]:
        headers = self._headers | ({} if asked.accept is None else {"Accept": asked.accept})
        body, timeout = asked.body, self._timeout
        with ExitStack() as opened:
            sent: dict[str, Any] = {"json": body}
            if isinstance(body, Upload):
                sent = {"data": opened.enter_context(body.path.open("rb"))}
                headers["Content-Type"] = body.content_type
                timeout = (timeout[0], max(timeout[1], _UPLOAD_SECONDS))
            yield opened.enter_context(
                self._session.request(
                    asked.method,
                    url,
                    **sent,
                    headers=headers,
                    timeout=timeout,
                    allow_redirects=False,
                    stream=True,
                )
            )

    def _read(self, status: int, headers: Mapping[str, str], data: bytes) -> Answer | Trouble:
        """The answer, the trouble that a retry may mend, or GitHubError for what none mends."""
        value = _json(data)
        if status < HTTPStatus.MULTIPLE_CHOICES:
            if value is _NOT_JSON and "json" in headers.get("content-type", ""):
                return Trouble(reason="the answer was cut short", hint=NETWORK_HINT, sent=True)
            if value is _NOT_JSON:
                raise GitHubError("the answer is not JSON", hint="check github-api-url")
            return Answer(value=value, next_url=_next_url(headers))
        reason = f"GitHub answered {status}{self._message(value)}"
        trouble = trouble_of_status(status, headers, reason, self._now())
        if trouble is None:
            raise GitHubError(reason, status=status)
        return trouble

    def _message(self, value: object) -> str:
        message = value.get("message") if isinstance(value, dict) else None
        if not isinstance(message, str) or not message:
            return ""
        if self._token:
            message = message.replace(self._token, "***")
        return f": {' '.join(message.split())[:_MAX_MESSAGE_CHARS]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """One request. accept: that of a file, whose bytes are not read here; None: JSON."""

    method: str
    url: str
    body: Body = None
    accept: str | None = None


_NOT_JSON = object()


def _json(data: bytes) -> object:
    try:
        return json.loads(data) if data else None
    except (ValueError, RecursionError):
        return _NOT_JSON


def _checked_token(token: str) -> str:
    token = token.strip()
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        # The HTTP library would show the header, and the token with it.
        raise GitHubError("the token holds characters that no token has", hint="copy it again")
    return token


def _bounded(response: requests.Response) -> bytes:
    data = bytearray()
    for piece in response.iter_content(64 * 1024):
        data += piece
        if len(data) > MAX_ANSWER_BYTES:
            raise GitHubError(f"the answer is larger than {MAX_ANSWER_BYTES} bytes")
    return bytes(data)


def _next_url(headers: Mapping[str, str]) -> str | None:
    links = parse_header_links(headers.get("link", ""))
    return next((link["url"] for link in links if link.get("rel") == "next"), None)
