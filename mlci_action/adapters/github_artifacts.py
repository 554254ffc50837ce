"""Which artifacts have the runs of a repository left, which runs were they, and of what commits?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from mlci_action.adapters.github_access import GitHubAccess
from mlci_action.errors import GitHubError

_PER_PAGE = 100
_MAX_PAGES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """One artifact, and the commit of the run that made it.

    is_own: whether that commit is in the repository itself, and in no fork. digest: `sha256:...`
    of its zip; where it is None, n_bytes are those of the files in it. expires: as ISO 8601.
    """

    id: int
    name: str
    n_bytes: int
    digest: str | None
    is_expired: bool
    created: str
    expires: str
    run_id: int
    branch: str
    head_sha: str
    is_own: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowRun:
    """One run. event: what started it; conclusion: None while it runs; url: for a reader."""

    id: int
    event: str
    conclusion: str | None
    head_sha: str
    branch: str
    url: str


class GitHubArtifacts:
    """The artifacts of one repository. GitHubError as `GitHubHttp` raises it."""

    def __init__(self, access: GitHubAccess) -> None:
        self._http = access.http
        self._repository = access.url
        self._url = f"{access.url}/actions"

    def list_artifacts(self, name: str) -> Iterator[Artifact]:
        """Those of that name, newest first, the first 1,000; a page is asked for when it is due."""
        asked = urlencode({"name": name, "per_page": _PER_PAGE})
        url: str | None = f"{self._url}/artifacts?{asked}"
        for _ in range(_MAX_PAGES):
            if url is None:
                return
            answer = self._http.send("GET", url)
            match answer.value:
                case {"artifacts": list(items)}:
                    # A name is looked for by case, wherever the answer came from.
                    page = [one for one in map(_artifact, items) if one and one.name == name]
                    yield from sorted(page, key=lambda one: (one.created, one.id), reverse=True)
                case _:
                    raise _unexpected("a list of artifacts")
            url = self._http.same_origin(answer.next_url) if answer.next_url else None

    def get_run(self, run_id: int) -> WorkflowRun:
        """The run of that number."""
        match self._http.send("GET", f"{self._url}/runs/{run_id}").value:
            case {"id": int(number), "event": str(event), "head_sha": str(sha), **fields}:
                conclusion = fields.get("conclusion")
                return WorkflowRun(
                    id=number,
                    event=event,
                    conclusion=conclusion if isinstance(conclusion, str) else None,
                    head_sha=sha,
                    branch=str(fields.get("head_branch") or ""),
                    url=str(fields.get("html_url") or ""),
                )
            case _:
                raise _unexpected("a run")

    def tip_of(self, branch: str) -> str:
        """The commit that a branch is at."""
        match self._http.send("GET", f"{self._repository}/branches/{quote(branch, safe='')}").value:
            case {"commit": {"sha": str(sha)}}:
                return sha
            case _:
                raise _unexpected("a branch")

    def is_before(self, sha: str, tip: str) -> bool:
        """Whether a commit is `tip`, or one that it came from."""
        if sha == tip:
            return True
        asked = f"{self._repository}/compare/{quote(f'{tip}...{sha}')}?per_page=1"
        try:
            value = self._http.send("GET", asked).value
        except GitHubError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        return isinstance(value, dict) and value.get("status") in ("identical", "behind")

    def zip_url(self, artifact: Artifact) -> str:
        """Where the API gives its bytes."""
        return f"{self._url}/artifacts/{artifact.id}/zip"


def _artifact(value: object) -> Artifact | None:
    """None for one whose run nobody knows any more."""
    match value:
        case {
            "id": int(number),
            "name": str(name),
            "size_in_bytes": int(size),
            "expired": bool(expired),
            "workflow_run": {
                "id": int(run_id),
                "repository_id": int(own),
                "head_repository_id": int(theirs),
                "head_sha": str(sha),
                **run,
            },
            **fields,
        }:
            return Artifact(
                id=number,
                name=name,
                n_bytes=size,
                digest=_text(fields.get("digest")) or None,
                is_expired=expired,
                created=_text(fields.get("created_at")),
                expires=_text(fields.get("expires_at")),
                run_id=run_id,
                branch=_text(run.get("head_branch")),
                head_sha=sha,
                is_own=own == theirs,
            )
        case {"id": int(), "name": str()}:
            return None
        case _:
            raise _unexpected("an artifact")


def _text(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    return value if isinstance(value, str) else ""


def _unexpected(what: str) -> GitHubError:
    return GitHubError(
        f"the API answered something that is not {what}", hint="check github-api-url"
    )
