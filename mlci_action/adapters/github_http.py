"""How does a request reach GitHub? Patiently, and with a token that goes to no other host."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests import exceptions
from requests.utils import parse_header_links
from urllib3.exceptions import NewConnectionError

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
# GitHub asks for a minute where a rate limit names no time.
_UNNAMED_WAIT_SECONDS = 60.0
_MAX_MESSAGE_CHARS = 300
_NETWORK_HINT = "check the network and the proxy of the runner, and run the job again"
_OUTAGE_HINT = "GitHub has trouble; run the job again later"
_RATE_HINT = "the token's rate limit is used up; run the job again later"
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
        self._origin = _origin(self.base_url)
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

    def send(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Answer:
        """The answer that settles it, after as many tries as patience allows.

        A POST whose answer is lost is not repeated: AnswerLost, and the caller looks what became of
        it. NotNow when the patience is used up; GitHubError with a status for a refusal.
        """
        backoff = 1.0
        for tries_left in reversed(range(_MAX_ATTEMPTS)):
            started = self._now()
            answer = self._attempt(method, url, body)
            if isinstance(answer, Answer):
                return answer
            trouble = answer
            self._patience -= max(0.0, self._now() - started)
            if trouble.sent and method == "POST":
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
        if _origin(url) != self._origin:
            raise GitHubError(
                f"the API at {self._origin} points to {_origin(url)}, where the token must not go",
                hint="check github-api-url and the proxy before it",
            )
        return url

    def _attempt(self, method: str, url: str, body: Mapping[str, Any] | None) -> Answer | _Trouble:
        try:
            status, headers, data = self._exchange(method, url, body)
        except exceptions.SSLError:
            raise GitHubError(
                f"the certificate of {self._origin} is not trusted",
                hint="set REQUESTS_CA_BUNDLE to the certificates of your company",
            ) from None
        except ValueError as exc:
            # Addresses, headers and proxies that are none; the library lets urllib's own through.
            raise _impossible(type(exc).__name__) from None
        except requests.RequestException as exc:
            # The library's words show addresses and its objects hold the header: neither leaves.
            reason = _lost(exc, self._origin)
            return _Trouble(reason=reason, hint=_NETWORK_HINT, sent=_was_sent(exc))
        except OSError:
            raise _impossible("the file of REQUESTS_CA_BUNDLE cannot be read") from None
        return self._read(status, headers, data)

    def _exchange(
        self, method: str, url: str, body: Mapping[str, Any] | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request and its redirects, which stay on the same host."""
        for _ in range(_MAX_REDIRECTS + 1):
            with self._session.request(
                method,
                url,
                json=body,
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                target = response.headers.get("location")
                if not (response.is_redirect and target):
                    return response.status_code, response.headers, _bounded(response)
            # 301 and 302 let a client turn a write into a read; 307 and 308 keep it.
            if method != "GET" and response.status_code not in (307, 308):
                raise GitHubError(
                    f"{method} was redirected with {response.status_code}", hint=_RENAMED_HINT
                )
            url = self.same_origin(urljoin(url, target))
        raise GitHubError("redirected too often", hint=_RENAMED_HINT)

    def _read(self, status: int, headers: Mapping[str, str], data: bytes) -> Answer | _Trouble:
        """The answer, the trouble that a retry may mend, or GitHubError for what none mends."""
        value = _json(data)
        if status < HTTPStatus.MULTIPLE_CHOICES:
            if value is _NOT_JSON and "json" in headers.get("content-type", ""):
                return _Trouble(reason="the answer was cut short", hint=_NETWORK_HINT, sent=True)
            if value is _NOT_JSON:
                raise GitHubError("the answer is not JSON", hint="check github-api-url")
            return Answer(value=value, next_url=_next_url(headers))
        reason = f"GitHub answered {status}{self._message(value)}"
        wait = _named_wait(headers, self._now())
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return _Trouble(reason=reason, hint=_OUTAGE_HINT, status=status, wait=wait, sent=True)
        if _is_rate_limit(status, headers, reason):
            wait = _UNNAMED_WAIT_SECONDS if wait is None else wait
            return _Trouble(reason=reason, hint=_RATE_HINT, status=status, wait=wait)
        raise GitHubError(reason, status=status)

    def _message(self, value: object) -> str:
        message = value.get("message") if isinstance(value, dict) else None
        if not isinstance(message, str) or not message:
            return ""
        if self._token:
            message = message.replace(self._token, "***")
        return f": {' '.join(message.split())[:_MAX_MESSAGE_CHARS]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trouble:
    """Why a try did not settle it. `sent`: the server may have carried it out all the same."""

    reason: str
    hint: str
    status: int | None = None
    wait: float | None = None
    sent: bool = False


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


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        parts, port = urlsplit(""), None
    if not (parts.scheme in ("http", "https") and parts.hostname and port):
        raise GitHubError(f"{url!r} is not an address", hint="for example https://api.github.com")
    return f"{parts.scheme}://{parts.hostname}:{port}"


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


def _named_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the answer asks to wait, None where it names none.

    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    after = headers.get("retry-after", "")
    if after.isascii() and after.isdecimal():
        return float(after)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdecimal():
        return max(1.0, float(reset) - now)
    return None


def _is_rate_limit(status: int, headers: Mapping[str, str], reason: str) -> bool:
    if status == HTTPStatus.FORBIDDEN:
        return (
            "retry-after" in headers
            or headers.get("x-ratelimit-remaining") == "0"
            or "secondary rate limit" in reason.lower()
        )
    return status == HTTPStatus.TOO_MANY_REQUESTS


def _was_sent(exc: Exception) -> bool:
    """Whether the request may have left: only a connection that was never made says no."""
    if isinstance(exc, requests.ConnectTimeout | exceptions.ProxyError):
        return False
    cause = exc.args[0] if exc.args else None
    return not isinstance(getattr(cause, "reason", None), NewConnectionError)


def _impossible(reason: str) -> GitHubError:
    return GitHubError(
        f"a request to GitHub cannot even be made: {reason}",
        hint="check github-api-url and the proxy and certificate variables of the runner",
    )


def _lost(exc: Exception, origin: str) -> str:
    match exc:
        case requests.Timeout():
            return f"{origin} did not answer in time"
        case exceptions.ProxyError():
            return f"the proxy before {origin} refused"
        case exceptions.ChunkedEncodingError() | exceptions.ContentDecodingError():
            return f"the answer of {origin} was cut short"
        case _:
            return f"the connection to {origin} failed"
