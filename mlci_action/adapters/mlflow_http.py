"""How does a request reach a server of MLflow? Patiently, and no credentials go to another host."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests import exceptions
from urllib3.exceptions import NewConnectionError

from mlci_action.adapters.model_bytes.streams import open_regular
from mlci_action.adapters.network import Network
from mlci_action.errors import MlciError
from mlci_action.rendering.plain import one_line

MAX_ANSWER_BYTES = 32 * 2**20
_MAX_REDIRECTS = 3
_MAX_ATTEMPTS = 5
_MAX_MESSAGE_CHARS = 300
_TIMEOUT_SECONDS = (10.0, 60.0)
# A server that stores elsewhere answers when the file is there, and not before.
_UPLOAD_TIMEOUT_SECONDS = (10.0, 600.0)
_NETWORK_HINT = "is the server up, and is MLFLOW_TRACKING_URI its address?"
_RIGHTS_HINT = (
    "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, to those"
    " of an account that may do this"
)
_HOSTS_HINT = "start the server with --allowed-hosts, naming the host that clients call it by"


class MlflowError(MlciError):
    """The server refused. status: of HTTP, None without an answer; code: MLflow's own word."""

    def __init__(
        self, message: str, *, hint: str = "", status: int | None = None, code: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code


class MlflowSilent(MlflowError):
    """Patience ran out on the network, an outage or a rate limit: a later run may get through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trouble:
    """Why a try did not settle it. sent: the server may have carried it out all the same."""

    reason: str
    hint: str = _NETWORK_HINT
    status: int | None = None
    wait: float | None = None
    sent: bool = False


class MlflowHttp:
    """Requests to one server, with retries.

    Rate limits, server errors and lost connections are waited for, `max_wait_seconds` in all over
    the object's life. Other refusals are final. authorization: the header's value, which is shown
    to the server's own origin alone; redirects to another one are refused.
    """

    def __init__(
        self,
        base_url: str,
        authorization: str = "",
        *,
        network: Network | None = None,
        sleep: Callable[[float], None] = time.sleep,
        max_wait_seconds: float = 30.0,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.origin = _origin(self.base_url)
        self.session = requests.Session()
        (network or Network()).apply_to(self.session, self.base_url)
        self.headers = {"User-Agent": "mlci-action"}
        if authorization:
            self.headers["Authorization"] = authorization
        self._secrets = _secrets(authorization)
        self.sleep = sleep
        self._patience = max_wait_seconds

    def __repr__(self) -> str:
        return f"MlflowHttp({self.base_url!r})"

    def url(self, path: str) -> str:
        """The address of an API's path, which is quoted, under the server's own."""
        return f"{self.base_url}/api/2.0/{quote(path)}"

    def get(self, path: str, /, **query: str | int) -> dict[str, Any]:
        """What the server answers. MlflowError as `post`."""
        return self._settle(lambda: self._json("GET", path, params=query), repeatable=True)

    def post(
        self, path: str, body: Mapping[str, Any], *, repeatable: bool = True
    ) -> dict[str, Any]:
        """What the server answers, after as many tries as patience allows.

        What is not repeatable is sent once more only where the first certainly had no effect.
        MlflowSilent when patience is used up, MlflowError with a status for a refusal.
        """
        return self._settle(lambda: self._json("POST", path, json=body), repeatable=repeatable)

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """As `post`."""
        return self._settle(lambda: self._json("PATCH", path, json=body), repeatable=True)

    def put_file(self, path: str, file: Path) -> None:
        """The file's bytes as the body; OSError where it cannot be read, else as `post`."""

        def attempt() -> dict[str, Any] | _Trouble:
            with open_regular(file) as stream:
                # Without a length, an empty file would be sent in chunks.
                body = stream if file.stat().st_size else b""
                return self._json("PUT", path, data=body, timeout=_UPLOAD_TIMEOUT_SECONDS)

        self._settle(attempt, repeatable=True)

    def _settle(
        self, attempt: Callable[[], dict[str, Any] | _Trouble], *, repeatable: bool
    ) -> dict[str, Any]:
        backoff = 1.0
        for tries_left in reversed(range(_MAX_ATTEMPTS)):
            answer = attempt()
            if not isinstance(answer, _Trouble):
                return answer
            trouble = answer
            wait = backoff if trouble.wait is None else trouble.wait
            final = trouble.sent and not repeatable
            if final or not tries_left or not wait <= self._patience:
                break
            self._patience -= wait
            self.sleep(wait)
            backoff *= 2
        raise MlflowSilent(trouble.reason, hint=trouble.hint, status=trouble.status)

    def _json(self, method: str, path: str, **body: Any) -> dict[str, Any] | _Trouble:  # noqa: ANN401
        try:
            status, headers, data = self._exchange(method, self.url(path), body)
        except exceptions.SSLError:
            raise MlflowError(
                f"the certificate of {self.origin} is not trusted",
                hint="set REQUESTS_CA_BUNDLE to the certificates of your company",
            ) from None
        except requests.RequestException as exc:
            # The library's words show addresses and its objects hold the header: neither leaves.
            return _Trouble(reason=_lost(exc, self.origin), sent=_was_sent(exc))
        except ValueError as exc:
            raise MlflowError(
                f"a request to {self.origin} cannot even be made: {type(exc).__name__}",
                hint="check MLFLOW_TRACKING_URI, its credentials and the proxy variables",
            ) from None
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return self._object(data)
        return self._refusal(status, headers, data)

    def _exchange(
        self, method: str, url: str, body: Mapping[str, Any]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request and its redirects, which stay on the same origin."""
        given = {"timeout": _TIMEOUT_SECONDS, **body}
        for _ in range(_MAX_REDIRECTS + 1):
            with self.session.request(
                method, url, headers=self.headers, allow_redirects=False, stream=True, **given
            ) as response:
                target = response.headers.get("location")
                if not (response.is_redirect and target):
                    return response.status_code, response.headers, self._bounded(response)
            url = urljoin(url, target)
            if _origin(url) != self.origin or method != "GET":
                raise MlflowError(
                    f"{self.origin} sends {method} on to {_origin(url)}, where nothing is sent",
                    hint="set MLFLOW_TRACKING_URI to the address that the server really has",
                )
            # A redirect has the question in its own address.
            given.pop("params", None)
        raise MlflowError(f"{self.origin} redirects too often", hint=_NETWORK_HINT)

    def _bounded(self, response: requests.Response) -> bytes:
        data = bytearray()
        for piece in response.iter_content(64 * 1024):
            data += piece
            if len(data) > MAX_ANSWER_BYTES:
                raise MlflowError(f"an answer of {self.origin} is larger than any of MLflow's")
        return bytes(data)

    def _object(self, data: bytes) -> dict[str, Any]:
        try:
            value = json.loads(data) if data.strip() else {}
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise MlflowError(
                f"{self.origin} does not answer as MLflow does",
                hint="is MLFLOW_TRACKING_URI the address of an MLflow server, or of a login page?",
            )
        return value

    def _refusal(self, status: int, headers: Mapping[str, str], data: bytes) -> _Trouble:
        """The trouble that a retry may mend, or MlflowError for what none mends."""
        code, said = _said(data)
        for secret in self._secrets:
            said = said.replace(secret, "***")
        reason = f"{self.origin} answered {status}" + (f": {said}" if said else "")
        busy = status == HTTPStatus.TOO_MANY_REQUESTS
        if busy or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            hint = "the server has trouble; run the job again later"
            return _Trouble(
                reason=reason, hint=hint, status=status, wait=_named_wait(headers), sent=not busy
            )
        hint = ""
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            hint = _HOSTS_HINT if b"Invalid Host header" in data[:200] else _RIGHTS_HINT
        raise MlflowError(reason, hint=hint, status=status, code=code)


def _secrets(authorization: str) -> tuple[str, ...]:
    """What of the header no text may show."""
    kind, _, value = authorization.partition(" ")
    if kind != "Basic":
        return (value,) if value else ()
    password = base64.b64decode(value).decode().partition(":")[2]
    return tuple(secret for secret in (value, password) if secret)


def _said(data: bytes) -> tuple[str, str]:
    """MLflow's word for what is wrong, and its sentence."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return "", ""
    match value:
        case {"error_code": str(code), "message": str(message)}:
            return code, one_line(message, _MAX_MESSAGE_CHARS)
        case _:
            return "", ""


def _named_wait(headers: Mapping[str, str]) -> float | None:
    after = headers.get("retry-after", "")
    return float(after) if after.isascii() and after.isdecimal() else None


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        parts, port = urlsplit(""), None
    if not (parts.scheme in ("http", "https") and parts.hostname and port):
        # The address itself may hold a password.
        raise MlflowError(
            "the address of the MLflow server is none",
            hint="set MLFLOW_TRACKING_URI to one like https://mlflow.example.org",
        )
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _was_sent(exc: Exception) -> bool:
    """Whether the request may have left: only a connection that was never made says no."""
    if isinstance(exc, requests.ConnectTimeout | exceptions.ProxyError):
        return False
    cause = exc.args[0] if exc.args else None
    return not isinstance(getattr(cause, "reason", None), NewConnectionError)


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
