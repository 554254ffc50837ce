"""What does a small GitHub answer? Comments, pull requests, a repository and a user, in memory.

What lies below `releases`, `actions`, `branches` and `compare` is known by others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs

from tests.fakes.github_contract import github_contract

MAX_BODY_CHARS = 65_536
REPOSITORY = "acme/consumer"
REPOSITORY_ID = 1296269
_DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A request as it came in."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """An answer as it goes out."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Below(Protocol):
    """What is known of one kind of thing below a repository."""

    def answer(self, parts: list[str], request: Request) -> Response:
        """The answer to a request whose path ends in these parts."""
        ...


@dataclass(kw_only=True, slots=True)
class SmallGitHub:
    """One repository, as one token sees it; see `GitHubServer` for what the fields mean."""

    url: str
    repository: str
    token: str
    login: str
    read_only: bool
    releases: Below
    artifacts: Below
    branches: Below
    comments: list[dict[str, Any]] = field(default_factory=list)
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    _next_id: int = 1001

    def add_pull(
        self,
        number: int,
        *,
        head_sha: str,
        base_sha: str = "b" * 40,
        head_repository: str | None = REPOSITORY,
    ) -> dict[str, Any]:
        """A new pull request; without `head_repository` its fork was deleted."""
        pull: dict[str, Any] = github_contract().example("pull-request")
        # GitHub's own example leaves out a field that its schema requires.
        pull["requested_teams"] = []
        pull |= {"number": number, "state": "open", "html_url": self._web(f"pull/{number}")}
        pull["head"]["sha"], pull["base"]["sha"] = head_sha, base_sha
        pull["base"]["repo"]["full_name"] = self.repository
        if head_repository is None:
            pull["head"]["repo"] = None
        else:
            pull["head"]["repo"]["full_name"] = head_repository
        self.pulls[number] = pull
        return pull

    def add_comment(self, number: int, body: str, *, author: str = "octocat") -> dict[str, Any]:
        """A new comment under a pull request."""
        comment: dict[str, Any] = github_contract().example("issue-comment")
        comment_id, self._next_id = self._next_id, self._next_id + 1
        comment |= {
            "id": comment_id,
            "body": body,
            "url": self._api(f"issues/comments/{comment_id}"),
            "html_url": self._web(f"pull/{number}#issuecomment-{comment_id}"),
            "issue_url": self._api(f"issues/{number}"),
        }
        comment["user"] |= {"login": author, "type": _account_type(author)}
        self.comments.append(comment)
        return comment

    def named(self, path: str) -> str:
        """`path` with the repository's name where GitHub's own links have its number."""
        return path.replace(f"/repositories/{REPOSITORY_ID}/", f"/repos/{self.repository}/")

    def answer(self, request: Request) -> Response:
        """What GitHub would say, and the effect that the request has."""
        refused = self._unauthorised(request)
        if refused is not None:
            return refused
        if request.path == "/user":
            return self._user()
        _, _, below = request.path.partition(f"/repos/{self.repository}")
        parts = below.strip("/").split("/")
        others = {
            "releases": self.releases,
            "actions": self.artifacts,
            "branches": self.branches,
            "compare": self.branches,
        }.get(parts[0])
        return self._below(parts, request) if others is None else others.answer(parts[1:], request)

    def _below(self, parts: list[str], request: Request) -> Response:
        match parts:
            case ["issues", number, "comments"] if _int(number) in self.pulls:
                return self._comments_of(_int(number), request)
            case ["issues", "comments", number]:
                return self._one_comment(_int(number), request)
            case ["pulls", number]:
                found: object = self.pulls.get(_int(number))
            case [""]:
                found = self._repository_json()
            case _:
                found = None
        return as_json(200, found) if found else refusal(404, "Not Found")

    def _unauthorised(self, request: Request) -> Response | None:
        given = request.headers.get("Authorization")
        if given is not None and given not in (f"Bearer {self.token}", f"token {self.token}"):
            return refusal(401, "Bad credentials")
        if given is None and (request.method != "GET" or request.path == "/user"):
            return refusal(401, "Requires authentication")
        if self.read_only and request.method != "GET":
            return refusal(403, "Resource not accessible by integration")
        return None

    def _user(self) -> Response:
        if self.login.endswith("[bot]"):
            return refusal(403, "Resource not accessible by integration")
        user = github_contract().example(
            "private-user-response-with-public-and-private-profile-information"
        )
        return as_json(200, user | {"login": self.login, "user_view_type": "private"})

    def _repository_json(self) -> dict[str, Any]:
        repository: dict[str, Any] = github_contract().example("full-repository-default-response")
        # GitHub's own example leaves out a field that its schema requires.
        repository |= {"full_name": self.repository, "default_branch": "main", "language": None}
        for nested in ("source", "parent", "template_repository"):
            repository.pop(nested, None)
        return repository

    def _comments_of(self, number: int, request: Request) -> Response:
        if request.method == "GET":
            return self._page_of_comments(number, request)
        body = json.loads(request.body)["body"]
        refused = _unprocessable(body)
        if refused is not None:
            return refused
        comment = self.add_comment(number, body, author=self.login)
        return as_json(201, comment, {"Location": comment["url"]})

    def _page_of_comments(self, number: int, request: Request) -> Response:
        query = parse_qs(request.query)
        size = min(int(query.get("per_page", ["30"])[0]), 100)
        page = int(query.get("page", ["1"])[0])
        of_pull = [c for c in self.comments if c["issue_url"].endswith(f"/issues/{number}")]
        headers = {}
        if len(of_pull) > page * size:
            path = f"{self.url}/repositories/{REPOSITORY_ID}/issues/{number}/comments"
            last = -(-len(of_pull) // size)
            headers["Link"] = (
                f'<{path}?per_page={size}&page={page + 1}>; rel="next", '
                f'<{path}?per_page={size}&page={last}>; rel="last"'
            )
        return as_json(200, of_pull[(page - 1) * size : page * size], headers)

    def _one_comment(self, comment_id: int, request: Request) -> Response:
        found = next((c for c in self.comments if c["id"] == comment_id), None)
        if found is None:
            return refusal(404, "Not Found")
        if request.method == "DELETE":
            self.comments.remove(found)
            return Response(status=204)
        if request.method == "PATCH":
            body = json.loads(request.body)["body"]
            refused = _unprocessable(body)
            if refused is not None:
                return refused
            found["body"] = body
        return as_json(200, found)

    def _api(self, path: str) -> str:
        return f"{self.url}/repos/{self.repository}/{path}"

    def _web(self, path: str) -> str:
        return f"{self.url}/{self.repository}/{path}"


def as_json(status: int, value: object, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON value as an answer."""
    content_type = {"Content-Type": "application/json; charset=utf-8"}
    return Response(
        status=status, headers={**content_type, **(headers or {})}, body=json.dumps(value).encode()
    )


def refusal(status: int, message: str) -> Response:
    """A refusal in GitHub's form."""
    return as_json(status, {"message": message, "documentation_url": _DOCS, "status": str(status)})


def _unprocessable(body: str) -> Response | None:
    """What GitHub says to a comment that is empty or too long; None when it is neither."""
    if body.strip() and len(body) <= MAX_BODY_CHARS:
        return None
    limit = f"Body is too long (maximum is {MAX_BODY_CHARS} characters)"
    problem = limit if body.strip() else "Body can't be blank"
    error = {
        "resource": "IssueComment",
        "code": "unprocessable",
        "field": "data",
        "message": problem,
    }
    return as_json(
        422, {"message": "Validation Failed", "errors": [error], "documentation_url": _DOCS}
    )


def _account_type(login: str) -> str:
    return "Bot" if login.endswith("[bot]") else "User"


def _int(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0
