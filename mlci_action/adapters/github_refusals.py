"""Why did a request to GitHub settle nothing, and would waiting help?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import requests
from requests import exceptions
from urllib3.exceptions import NewConnectionError

from mlci_action.errors import GitHubError

NETWORK_HINT = "check the network and the proxy of the runner, and run the job again"
# GitHub asks for a minute where a rate limit names no time.
_UNNAMED_WAIT_SECONDS = 60.0
_OUTAGE_HINT = "GitHub has trouble; run the job again later"
_RATE_HINT = "the token's rate limit is used up; run the job again later"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """Why a try did not settle it. `sent`: the server may have carried it out all the same."""

    reason: str
    hint: str
    status: int | None = None
    wait: float | None = None
    sent: bool = False


def trouble_of_status(
    status: int, headers: Mapping[str, str], reason: str, now: float
) -> Trouble | None:
    """The trouble that a retry may mend, None for a refusal that is final."""
    wait = _named_wait(headers, now)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Trouble(reason=reason, hint=_OUTAGE_HINT, status=status, wait=wait, sent=True)
    if _is_rate_limit(status, headers, reason):
        wait = _UNNAMED_WAIT_SECONDS if wait is None else wait
        return Trouble(reason=reason, hint=_RATE_HINT, status=status, wait=wait)
    return None


def trouble_of_connection(exc: Exception, origin: str) -> Trouble:
    """The library's words show addresses and its objects hold the header: neither leaves."""
    return Trouble(reason=_lost(exc, origin), hint=NETWORK_HINT, sent=_was_sent(exc))


def impossible(reason: str) -> GitHubError:
    """A request that no retry could send."""
    return GitHubError(
        f"a request to GitHub cannot even be made: {reason}",
        hint="check github-api-url and the proxy and certificate variables of the runner",
    )


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
