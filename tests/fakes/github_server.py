"""What would GitHub do? A stand-in on 127.0.0.1 that remembers, and fails on request.

Comments, pull requests, artifacts, releases, branches, the repository and the user over the REST
API, and `git fetch` over HTTP. The bytes of artifacts and releases are on another host, `storage`.
Every request of a client and every answer of its own is held against GitHub's own description: what
does not agree stands in `violations`, and tests assert that it is empty.

    with GitHubServer() as server:
        server.add_pull(7, head_sha="a" * 40)
        ...                                       # a client that talks to server.url
        assert server.violations == []

    python -m tests.fakes.github_server --port 8080 --pull 7:HEAD_SHA:BASE_SHA --state state.json
"""

from __future__ import annotations

import argparse
import base64
import http.server
import json
import re
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from requests.structures import CaseInsensitiveDict

from tests.fakes.git_http import serve_git
from tests.fakes.github_answers import REPOSITORY, Request, Response, SmallGitHub, refusal
from tests.fakes.github_artifact_answers import SmallArtifacts
from tests.fakes.github_branches import SmallBranches
from tests.fakes.github_contract import github_contract
from tests.fakes.github_faults import Delivery, Fault, Script
from tests.fakes.github_release_answers import SmallReleases
from tests.fakes.github_storage import Storage

TOKEN = "stand-in-token"
ACTIONS_BOT = "github-actions[bot]"
_LONG_SECONDS = 10.0


class GitHubServer:
    """One repository of a small GitHub. `comments` holds the comments of all its pull requests.

    login: whose the token is; a name that ends with [bot] may not ask for itself, as on GitHub.
    read_only: the token of a fork's pull request. repositories: what `git fetch` finds, bare
    repositories by `owner/name`; needs_git_token: whether it has to show the token.
    """

    def __init__(
        self,
        *,
        repository: str = REPOSITORY,
        token: str = TOKEN,
        login: str = ACTIONS_BOT,
        read_only: bool = False,
        repositories: Mapping[str, Path] | None = None,
        needs_git_token: bool = False,
        port: int = 0,
        state: Path | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.stopped = threading.Event()
        # Reading it takes longer than some tests wait for an answer.
        github_contract()
        self._repositories = dict(repositories or {})
        self._needs_git_token = needs_git_token
        self._state = state
        self._scripts: list[Script] = []
        self._lock = threading.RLock()
        self._http = _Listener(("127.0.0.1", port), _Handler)
        self._http.github = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.storage = Storage()
        api, web = f"{self.url}/repos/{repository}", f"{self.url}/{repository}"
        self.releases = SmallReleases(api=api, web=web, storage=self.storage)
        self.artifacts = SmallArtifacts(api=api, web=web, storage=self.storage)
        self.branches = SmallBranches()
        self._small = SmallGitHub(
            url=self.url,
            repository=repository,
            token=token,
            login=login,
            read_only=read_only,
            releases=self.releases,
            artifacts=self.artifacts,
            branches=self.branches,
        )

    def __enter__(self) -> Self:
        self._thread.start()
        self.storage.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.storage.__exit__()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def comments(self) -> list[dict[str, Any]]:
        """The comments as they stand, oldest first, in GitHub's own form."""
        return self._small.comments

    def add_pull(
        self,
        number: int,
        *,
        head_sha: str,
        base_sha: str = "b" * 40,
        head_repository: str | None = REPOSITORY,
    ) -> dict[str, Any]:
        """A new pull request; without `head_repository` its fork was deleted."""
        return self._small.add_pull(
            number, head_sha=head_sha, base_sha=base_sha, head_repository=head_repository
        )

    def add_comment(self, number: int, body: str, *, author: str = "octocat") -> dict[str, Any]:
        """A new comment under a pull request."""
        with self._lock:
            return self._small.add_comment(number, body, author=author)

    def fail(self, method: str, path: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next `times` requests whose path matches the expression meet this fault."""
        self._scripts.append(Script(method, re.compile(path), times, fault=fault))

    def before(self, method: str, path: str, action: Callable[[], object]) -> None:
        """Let something happen after the next such request came in and before it takes effect."""
        self._scripts.append(Script(method, re.compile(path), 1, action=action))

    def answer(self, request: Request) -> tuple[Response, Delivery]:
        """The answer to a request, checked on both sides."""
        with self._lock:
            self.requests.append(request)
        git = _is_git(request)
        request = replace(request, path=self._small.named(request.path))
        if not git:
            self._check_request(request)
        action = self._take(request, Script.is_action)
        if action is not None and action.action is not None:
            action.action()
        scripted = self._take(request, Script.is_fault)
        fault = scripted.fault if scripted is not None and scripted.fault is not None else Fault()
        with self._lock:
            if fault.status is None or fault.carried_out:
                response = self._serve_git(request) if git else self._small.answer(request)
            if fault.status is not None:
                response = refusal(fault.status, fault.message)
            response = replace(response, headers={**response.headers, **fault.headers})
            if not git:
                self._check_response(request, response)
            self._write_state()
        return response, fault.delivery

    def _serve_git(self, request: Request) -> Response:
        _, owner, name, *rest = request.path.split("/")
        repository = self._repositories.get(f"{owner}/{name.removesuffix('.git')}")
        basic = base64.b64encode(f"x-access-token:{self._small.token}".encode()).decode()
        given = request.headers.get("Authorization", "")
        if self._needs_git_token and given.lower() != f"basic {basic}".lower():
            headers = {"WWW-Authenticate": 'Basic realm="GitHub"'}
            return Response(status=401, headers=headers, body=b"Authentication required\n")
        if repository is None:
            return Response(status=404, body=b"Not Found\n")
        answered = serve_git(
            repository,
            "/" + "/".join(rest),
            method=request.method,
            query=request.query,
            headers=request.headers,
            body=request.body,
        )
        return Response(status=answered.status, headers=answered.headers, body=answered.body)

    def _take(self, request: Request, kind: Callable[[Script], bool]) -> Script | None:
        with self._lock:
            for script in self._scripts:
                fits = script.method == request.method and script.path.search(request.path)
                if fits and kind(script) and script.times > 0:
                    script.times -= 1
                    return script
        return None

    def _check_request(self, request: Request) -> None:
        problems = github_contract().request_problems(
            request.method, request.path, request.query, request.headers, request.body
        )
        missing = [
            f"no {name} header"
            for name in ("User-Agent", "Accept", "X-GitHub-Api-Version")
            if not request.headers.get(name)
        ]
        self._note(f"request {request.method} {request.path}", [*problems, *missing])

    def _check_response(self, request: Request, response: Response) -> None:
        problems = github_contract().response_problems(
            request.method, request.path, response.status, response.headers, response.body
        )
        what = f"response {response.status} to {request.method} {request.path}"
        self._note(what, list(problems))

    def _note(self, what: str, problems: list[str]) -> None:
        with self._lock:
            self.violations += [f"{what}: {problem}" for problem in problems]

    def _write_state(self) -> None:
        if self._state is None:
            return
        state = {
            "comments": self.comments,
            "violations": self.violations,
            "requests": [f"{request.method} {request.path}" for request in self.requests],
        }
        new = self._state.with_name(f"{self._state.name}.new")
        new.write_text(json.dumps(state, indent=1), encoding="utf-8")
        new.replace(self._state)


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    github: GitHubServer


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Listener

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            method=self.command,
            path=parts.path,
            query=parts.query,
            headers=CaseInsensitiveDict(self.headers.items()),
            body=self.rfile.read(length),
        )
        response, delivery = self.server.github.answer(request)
        if delivery is Delivery.LATE:
            self.server.github.stopped.wait(_LONG_SECONDS)
        elif delivery is Delivery.NONE:
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._send(response, delivery)

    do_POST = do_PATCH = do_DELETE = do_PUT = do_GET  # noqa: N815 (the library's names)

    def _send(self, response: Response, delivery: Delivery) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in response.headers and response.status != 204:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        half = delivery is Delivery.HALF
        self.wfile.write(response.body[: len(response.body) // 2] if half else response.body)

    def log_message(self, *args: object) -> None:
        """Nothing: what was asked stands in `requests`."""


def _is_git(request: Request) -> bool:
    return bool(re.fullmatch(r"/[^/]+/[^/]+/(info/refs|git-(upload|receive)-pack)", request.path))


def main(arguments: list[str] | None = None) -> None:
    """Serve until the process is ended; the first line printed is the address."""
    parser = argparse.ArgumentParser(description="A stand-in for GitHub on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--repository", default=REPOSITORY)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--login", default=ACTIONS_BOT)
    parser.add_argument("--pull", action="append", default=[], metavar="NUMBER:HEAD_SHA:BASE_SHA")
    parser.add_argument("--git", type=Path, help="a bare repository, served under --repository")
    parser.add_argument("--state", type=Path, help="written anew after every request")
    given = parser.parse_args(arguments)
    server = GitHubServer(
        repository=given.repository,
        token=given.token,
        login=given.login,
        repositories={given.repository: given.git} if given.git else {},
        port=given.port,
        state=given.state,
    )
    for pull in given.pull:
        number, head_sha, base_sha = pull.split(":")
        server.add_pull(int(number), head_sha=head_sha, base_sha=base_sha)
    with server:
        print(server.url, flush=True)  # noqa: T201 (its answer to whoever started it)
        threading.Event().wait()


if __name__ == "__main__":
    main()
