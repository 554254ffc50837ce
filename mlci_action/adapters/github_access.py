"""Which repository on GitHub is this, and may this run ask it?"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import LOCAL, Change
from mlci_action.adapters.github_http import GitHubHttp, NotNow
from mlci_action.adapters.network import Network
from mlci_action.errors import BaselineError, BaselineUnknown, GitHubError
from mlci_action.rendering.plain import one_line

PUBLIC_API = "https://api.github.com"
_PUBLIC_SERVER = "https://github.com"
_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
# git@HOST:OWNER/NAME, as git itself writes it.
_SCP = re.compile(r"(?:[^@/:]+@)?([^@/:]+):(?!//)(.+)")
NEEDS = "GITHUB_TOKEN of a job with `permissions: {actions: read, contents: read}`"
# Somebody waits at a laptop, which may have no network at all.
_LOCAL_PATIENCE_SECONDS = 5.0
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class GitHubAccess:
    """One repository, and a way to ask it."""

    http: GitHubHttp
    repository: str

    @property
    def url(self) -> str:
        """The repository in the API."""
        return f"{self.http.base_url}/repos/{self.repository}"

    def default_branch(self) -> str:
        """The branch that others start from; GitHubError when the repository cannot be seen."""
        value = self.http.send("GET", self.url).value
        branch = value.get("default_branch") if isinstance(value, dict) else None
        if not isinstance(branch, str):
            raise GitHubError("the API says of no default branch", hint="check github-api-url")
        return branch


def github_of(
    change: Change,
    environ: Mapping[str, str],
    folder: Path,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> GitHubAccess:
    """The repository of this run, or of the working copy in `folder`, with the token in `environ`.

    BaselineUnknown when there is no token or no repository.
    """
    token = next((environ[name] for name in _TOKENS if environ.get(name)), "")
    if not token:
        raise BaselineUnknown("there is no token to ask GitHub with", hint=f"it needs {NEEDS}")
    quiet = {name: value for name, value in environ.items() if name not in _TOKENS}
    repository = change.repository or _named(environ) or _of_origin(quiet, folder)
    patience = _LOCAL_PATIENCE_SECONDS if change.event_name == LOCAL else _PATIENCE_SECONDS
    try:
        http = GitHubHttp(
            environ.get("GITHUB_API_URL") or PUBLIC_API,
            token,
            network=Network.from_environ(environ),
            max_wait_seconds=patience,
            sleep=sleep,
        )
    except GitHubError as error:
        raise BaselineUnknown(error.message, hint=error.hint) from None
    return GitHubAccess(http=http, repository=repository)


@contextmanager
def looking() -> Iterator[None]:
    """Whatever GitHub refuses while it is only asked what there is: nobody could look."""
    try:
        yield
    except GitHubError as error:
        if error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            hint = error.hint if isinstance(error, NotNow) else f"it needs {NEEDS}"
        else:
            hint = error.hint or "run the job again later"
        raise BaselineUnknown(f"GitHub could not be asked: {error.message}", hint=hint) from None


@contextmanager
def bringing(what: str) -> Iterator[None]:
    """Whatever goes wrong with something that is there: it cannot be had whole."""
    try:
        yield
    except GitHubError as error:
        forbidden = error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        hint = error.hint or (f"it needs {NEEDS}" if forbidden else "run the job again")
        message = f"{what} cannot be downloaded: {error.message}"
        raise BaselineError(message, hint=hint) from None
    except BaselineError as error:
        message = f"{what} cannot be downloaded: {error.message}"
        raise BaselineError(message, hint=error.hint or "run the job again") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BaselineError(
            f"{what} cannot be written: {reason}", hint="is there room on the disk?"
        ) from None


def _named(environ: Mapping[str, str]) -> str | None:
    name = environ.get("GITHUB_REPOSITORY", "")
    return name if _REPOSITORY.fullmatch(name) else None


def _of_origin(environ: Mapping[str, str], folder: Path) -> str:
    """The repository that the working copy was cloned from, where that is on the same GitHub.

    Else the token would be shown to whatever host the clone names.
    """
    how = "set GITHUB_REPOSITORY to OWNER/NAME"
    try:
        origin = Git(folder=folder, environ=environ).origin()
    except BaselineError:
        origin = None
    if origin is None:
        raise BaselineUnknown("no repository on GitHub belongs to this folder", hint=how)
    host, path = _host_and_path(origin)
    server = urlsplit(environ.get("GITHUB_SERVER_URL") or _PUBLIC_SERVER).hostname
    name = path.strip("/").removesuffix(".git")
    if host != server or not _REPOSITORY.fullmatch(name):
        raise BaselineUnknown(
            f"the clone is of {one_line(host or 'a folder', 100)}, which is not {server}", hint=how
        )
    return name


def _host_and_path(url: str) -> tuple[str | None, str]:
    short = _SCP.fullmatch(url)
    if short is not None:
        return short[1].lower(), short[2]
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None, ""
    # What ssh.github.com:443 answers for is github.com's.
    return (host.removeprefix("ssh.") if host else None), parts.path
