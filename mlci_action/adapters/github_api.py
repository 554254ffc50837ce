"""What is asked of GitHub's REST API? Comments, pull requests, and who we are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mlci_action.adapters.github_http import GitHubHttp, NotNow
from mlci_action.errors import GitHubError

ACTIONS_BOT = "github-actions[bot]"
_PER_PAGE = 100
_MAX_PAGES = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class IssueComment:
    """One comment under a pull request."""

    id: int
    author: str
    body: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CommentList:
    """Comments in the order of their making; `complete` is False when the page limit cut them."""

    comments: tuple[IssueComment, ...]
    complete: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PullRequest:
    """What of a pull request is asked for; `head_repository` is None when the fork was deleted."""

    number: int
    head_sha: str
    head_repository: str | None
    is_open: bool


class GitHubApi:
    """The REST API of one repository.

    Every method raises GitHubError, with the status where there was an answer, and only after the
    retries of `GitHubHttp`. The token is in no text that leaves here.
    """

    def __init__(self, http: GitHubHttp, repository: str, *, max_pages: int = _MAX_PAGES) -> None:
        self._http = http
        self._repository = repository
        self._max_pages = max_pages

    def __repr__(self) -> str:
        return f"GitHubApi({self._http.base_url!r}, repository={self._repository!r})"

    def whoami(self) -> str:
        """The login that this token writes as; a workflow's own token may not ask (403)."""
        try:
            login = self._object("GET", f"{self._http.base_url}/user").get("login")
        except NotNow:
            raise
        except GitHubError as exc:
            if exc.status == HTTPStatus.FORBIDDEN:
                return ACTIONS_BOT
            raise
        if not isinstance(login, str):
            raise _unexpected("a user")
        return login

    def get_pull(self, number: int) -> PullRequest:
        """The pull request as it stands now."""
        return _pull(self._object("GET", self._url(f"pulls/{number}")))

    def list_comments(self, number: int) -> CommentList:
        """All comments under a pull request, over all pages."""
        url: str | None = self._url(f"issues/{number}/comments?per_page={_PER_PAGE}")
        comments: list[IssueComment] = []
        for _ in range(self._max_pages):
            if url is None:
                break
            answer = self._http.send("GET", url)
            if not isinstance(answer.value, list):
                raise _unexpected("a list of comments")
            comments += [_comment(item) for item in answer.value]
            url = self._http.same_origin(answer.next_url) if answer.next_url else None
        return CommentList(comments=tuple(comments), complete=url is None)

    def create_comment(self, number: int, body: str) -> IssueComment:
        """A new comment. AnswerLost when nobody knows whether it was made: list, then try again."""
        url = self._url(f"issues/{number}/comments")
        return _comment(self._object("POST", url, {"body": body}))

    def update_comment(self, comment_id: int, body: str) -> IssueComment:
        """The comment with a new body."""
        url = self._url(f"issues/comments/{comment_id}")
        return _comment(self._object("PATCH", url, {"body": body}))

    def delete_comment(self, comment_id: int) -> None:
        """Make the comment not be there; one that somebody else has deleted meanwhile is fine."""
        try:
            self._http.send("DELETE", self._url(f"issues/comments/{comment_id}"))
        except GitHubError as exc:
            if exc.status != HTTPStatus.NOT_FOUND:
                raise

    def pause(self, seconds: float) -> bool:
        """Wait before the caller's own next try; False when the patience does not reach so far."""
        return self._http.pause(seconds)

    def _url(self, path: str) -> str:
        return f"{self._http.base_url}/repos/{self._repository}/{path}"

    def _object(
        self, method: str, url: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        value = self._http.send(method, url, body).value
        if not isinstance(value, dict):
            raise _unexpected("an object")
        return value


def _comment(value: object) -> IssueComment:
    match value:
        case {"id": int(number), **fields}:
            user = fields.get("user")
            author = user.get("login") if isinstance(user, dict) else None
            return IssueComment(
                id=number,
                # An account that was deleted leaves its comments without a user.
                author=author if isinstance(author, str) else "",
                body=str(fields.get("body") or ""),
                url=str(fields.get("html_url") or ""),
            )
        case _:
            raise _unexpected("a comment")


def _pull(value: Mapping[str, Any]) -> PullRequest:
    match value:
        case {"number": int(number), "state": str(state), "head": {"sha": str(sha), **head}}:
            repository = head.get("repo")
            name = repository.get("full_name") if isinstance(repository, dict) else None
            return PullRequest(
                number=number, head_sha=sha, head_repository=name, is_open=state == "open"
            )
        case _:
            raise _unexpected("a pull request")


def _unexpected(what: str) -> GitHubError:
    return GitHubError(
        f"the API answered something that is not {what}", hint="check github-api-url"
    )
