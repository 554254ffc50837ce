"""The stand-in is checked itself: what GitHub does not describe is seen on both sides."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fakes.github_answers import as_json
from tests.fakes.github_faults import Delivery, Fault
from tests.fakes.github_server import TOKEN, GitHubServer

ROOT = Path(__file__).parents[2]
HEADERS = {
    "Authorization": f"Bearer {TOKEN}",
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
}
COMMENT = "/repos/acme/consumer/issues/comments/5"
COMMENTS = "/repos/acme/consumer/issues/7/comments"


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        server.add_pull(7, head_sha="a" * 40)
        yield server


def ask(server: GitHubServer, method: str, path: str, **more: Any) -> requests.Response:  # noqa: ANN401
    more = {"headers": HEADERS, **more}
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, f"{server.url}{path}", timeout=5, **more)


def test_what_github_describes_is_no_violation(server: GitHubServer) -> None:
    assert ask(server, "GET", "/repos/acme/consumer").status_code == 200
    assert ask(server, "GET", "/repos/acme/consumer/pulls/7").status_code == 200
    assert ask(server, "GET", "/repos/acme/consumer/pulls/8").status_code == 404
    assert ask(server, "GET", "/user").status_code == 403
    made = ask(server, "POST", COMMENTS, json={"body": "hi"})
    assert made.status_code == 201
    comment = f"/repos/acme/consumer/issues/comments/{made.json()['id']}"
    assert ask(server, "PATCH", comment, json={"body": "ho"}).json()["body"] == "ho"
    assert ask(server, "GET", comment).json()["body"] == "ho"
    assert ask(server, "GET", f"{COMMENTS}?per_page=5&page=1").json()[0]["body"] == "ho"
    assert ask(server, "DELETE", comment).status_code == 204
    assert ask(server, "GET", comment).status_code == 404
    assert ask(server, "POST", COMMENTS, json={"body": " "}).status_code == 422
    assert ask(server, "POST", COMMENTS, json={"body": "x" * 65_537}).status_code == 422
    assert ask(server, "GET", "/user", headers={**HEADERS, "Authorization": "Bearer other"}).json()
    assert server.violations == []


@pytest.mark.parametrize(
    ("method", "path", "more", "violation"),
    [
        ("POST", COMMENTS, {"json": {}}, "'body' is a required property"),
        ("POST", COMMENTS, {"json": {"body": 7}}, "7 is not of type 'string'"),
        ("POST", COMMENTS, {"json": {"body": "hi", "text": "x"}}, "unknown field 'text'"),
        ("GET", f"{COMMENTS}?per_page=many", {}, "per_page"),
        ("GET", f"{COMMENTS}?limit=5", {}, "unknown query parameter 'limit'"),
        ("GET", "/repos/acme/consumer/issues/seven/comments", {}, "issue_number"),
        ("DELETE", COMMENT, {"json": {"body": "x"}}, "a body that the operation does not take"),
        ("GET", "/repos/acme/consumer/zen", {}, "not found"),
        ("PUT", COMMENTS, {}, "not found"),
        ("GET", "/user", {"headers": {}}, "no X-GitHub-Api-Version header"),
    ],
)
def test_a_request_that_github_does_not_describe_is_seen(
    server: GitHubServer, method: str, path: str, more: dict[str, Any], violation: str
) -> None:
    server.fail(method, "", Fault(status=404))
    ask(server, method, path, **more)

    assert [found for found in server.violations if found.startswith("request ")] != []
    assert violation in "\n".join(server.violations)


def test_an_answer_that_github_does_not_describe_is_seen(server: GitHubServer) -> None:
    comment = server.add_comment(7, "hi")
    comment["id"] = "seven"
    del comment["user"]
    ask(server, "GET", COMMENTS)

    (violation,) = server.violations
    assert violation.startswith(f"response 200 to GET {COMMENTS}: ")
    assert "'seven' is not of type 'integer'" in violation
    assert "'user' is a required property" in violation


def test_a_status_that_github_does_not_describe_is_seen(server: GitHubServer) -> None:
    server.fail("GET", COMMENTS, Fault(status=202))
    ask(server, "GET", COMMENTS)

    assert len(server.violations) == 1


def test_a_refusal_without_a_message_is_seen(
    server: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.fakes.github_server.refusal", lambda status, _message: as_json(status, {"no": 1})
    )
    server.fail("GET", COMMENTS, Fault(status=500))
    ask(server, "GET", COMMENTS)

    assert server.violations == [
        f"response 500 to GET {COMMENTS}: a refusal without a message",
    ]


def test_faults_are_met_in_turn_and_then_are_over(server: GitHubServer) -> None:
    server.fail("GET", COMMENTS, Fault(status=500))
    server.fail("GET", COMMENTS, Fault(delivery=Delivery.NONE))

    assert ask(server, "GET", COMMENTS).status_code == 500
    with pytest.raises(requests.ConnectionError):
        ask(server, "GET", COMMENTS)
    assert ask(server, "GET", COMMENTS).status_code == 200


def test_pages_are_linked_by_the_number_of_the_repository_as_on_github(
    server: GitHubServer,
) -> None:
    for number in range(5):
        server.add_comment(7, f"comment {number}")
    first = ask(server, "GET", f"{COMMENTS}?per_page=2")
    link = first.links["next"]["url"]
    second = ask(server, "GET", link.removeprefix(server.url))

    assert link == f"{server.url}/repositories/1296269/issues/7/comments?per_page=2&page=2"
    assert [comment["body"] for comment in second.json()] == ["comment 2", "comment 3"]
    assert server.violations == []


def git(*arguments: str, cwd: Path) -> str:
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(cwd),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        **{
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "a"), ("EMAIL", "a@example.org"))
        },
    }
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


@pytest.fixture
def history(tmp_path: Path) -> tuple[Path, str]:
    """A bare repository, and a commit of it that no branch holds."""
    work = tmp_path / "work"
    work.mkdir()
    git("init", "-q", "-b", "main", cwd=work)
    git("commit", "-q", "--allow-empty", "-m", "one", cwd=work)
    git("commit", "-q", "--allow-empty", "-m", "two", cwd=work)
    unnamed = git("rev-parse", "HEAD", cwd=work)
    bare = tmp_path / "consumer.git"
    git("clone", "-q", "--bare", str(work), str(bare), cwd=tmp_path)
    git("update-ref", "refs/heads/main", "HEAD~1", cwd=bare)
    return bare, unnamed


def fetch(server: GitHubServer, sha: str, cwd: Path, *settings: str, suffix: str = "") -> str:
    git("init", "-q", str(cwd / "clone"), cwd=cwd)
    address = f"{server.url}/acme/consumer{suffix}"
    git(*settings, "fetch", "-q", "--depth=1", address, sha, cwd=cwd / "clone")
    return git("rev-parse", "FETCH_HEAD", cwd=cwd / "clone")


@pytest.mark.parametrize("suffix", ["", ".git"])
def test_any_commit_can_be_fetched_over_http(
    history: tuple[Path, str], tmp_path: Path, suffix: str
) -> None:
    bare, sha = history
    with GitHubServer(repositories={"acme/consumer": bare}) as server:
        assert fetch(server, sha, tmp_path, suffix=suffix) == sha
        assert server.violations == []


def test_a_repository_can_ask_for_the_token(history: tuple[Path, str], tmp_path: Path) -> None:
    bare, sha = history
    basic = requests.auth._basic_auth_str("x-access-token", TOKEN)
    with GitHubServer(repositories={"acme/consumer": bare}, needs_git_token=True) as server:
        with pytest.raises(RuntimeError, match=r"Authentication failed|could not read Username"):
            fetch(server, sha, tmp_path)
        header = f"http.extraHeader=Authorization: {basic}"
        assert fetch(server, sha, tmp_path, "-c", header) == sha


def test_nothing_can_be_pushed(history: tuple[Path, str], tmp_path: Path) -> None:
    bare, _ = history
    with GitHubServer(repositories={"acme/consumer": bare}) as server:
        git("clone", "-q", f"{server.url}/acme/consumer", "clone", cwd=tmp_path)
        with pytest.raises(RuntimeError):
            git("push", "-q", "origin", "HEAD:refs/heads/other", cwd=tmp_path / "clone")
    assert git("branch", "--format=%(refname:short)", cwd=bare) == "main"


def test_an_unknown_repository_and_a_failing_one_are_refused(
    history: tuple[Path, str], tmp_path: Path
) -> None:
    bare, sha = history
    with GitHubServer() as server, pytest.raises(RuntimeError, match="not found"):
        fetch(server, sha, tmp_path)
    with GitHubServer(repositories={"acme/consumer": bare}) as server:
        server.fail("GET", "/info/refs", Fault(status=500))
        with pytest.raises(RuntimeError, match="500"):
            fetch(server, sha, tmp_path)


def test_it_runs_as_a_program_of_its_own(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    pull = f"7:{'a' * 40}:{'b' * 40}"
    arguments = ["-m", "tests.fakes.github_server", "--pull", pull, "--state", str(state)]
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            with requests.Session() as session:
                session.trust_env = False
                url = f"{address}{COMMENTS}"
                session.post(url, json={"body": "hi"}, headers=HEADERS, timeout=5)
        finally:
            process.send_signal(signal.SIGTERM)
    written = json.loads(state.read_text(encoding="utf-8"))

    assert [comment["body"] for comment in written["comments"]] == ["hi"]
    assert written["requests"] == [f"POST {COMMENTS}"]
    assert written["violations"] == []


RELEASES = "/repos/acme/consumer/releases"
ACTIONS = "/repos/acme/consumer/actions"


def test_releases_and_artifacts_are_answered_as_github_describes(server: GitHubServer) -> None:
    made = ask(server, "POST", RELEASES, json={"tag_name": "v1", "target_commitish": "main"})
    assert made.status_code == 201
    assets = f"{RELEASES}/{made.json()['id']}/assets"
    upload = {"data": b"zip", "headers": {**HEADERS, "Content-Type": "application/zip"}}
    asset = ask(server, "POST", f"{assets}?name=a.zip", **upload).json()
    assert ask(server, "POST", f"{assets}?name=a.zip", **upload).status_code == 422
    assert ask(server, "GET", f"{RELEASES}/tags/v1").json()["assets"] == [asset]
    assert ask(server, "GET", f"{RELEASES}/latest").json()["tag_name"] == "v1"
    server.artifacts.add("bundle", b"zip")
    (listed,) = ask(server, "GET", f"{ACTIONS}/artifacts?name=bundle").json()["artifacts"]
    run = ask(server, "GET", f"{ACTIONS}/runs/{listed['workflow_run']['id']}").json()
    assert (run["event"], run["conclusion"]) == ("push", "success")
    tip = ask(server, "GET", "/repos/acme/consumer/branches/main").json()["commit"]["sha"]
    compare = f"/repos/acme/consumer/compare/{tip}...{'d' * 40}?per_page=1"
    assert ask(server, "GET", compare).json()["status"] == "behind"
    assert server.violations == []


@pytest.mark.parametrize("kind", ["asset", "artifact"])
def test_the_bytes_of_a_file_are_on_another_host(server: GitHubServer, kind: str) -> None:
    asset = server.releases.add_asset(server.releases.add("v1"), "a.zip", b"the bytes")
    artifact = server.artifacts.add("bundle", b"the bytes")
    path = {
        "asset": f"{RELEASES}/assets/{asset['id']}",
        "artifact": f"{ACTIONS}/artifacts/{artifact['id']}/zip",
    }[kind]
    headers = {**HEADERS, "Accept": "application/octet-stream"}
    answer = ask(server, "GET", path, headers=headers, allow_redirects=False)
    assert answer.status_code == 302
    there = answer.headers["Location"]
    assert there.startswith(server.storage.url)
    with requests.Session() as session:
        session.trust_env = False
        part = session.get(there, headers={"Range": "bytes=4-"}, timeout=5)
        assert (part.status_code, part.content) == (206, b"bytes")
        assert session.get(there, headers={"Range": "bytes=9-"}, timeout=5).status_code == 416
        other = {"Range": "bytes=4-", "If-Range": '"another"'}
        assert session.get(there, headers=other, timeout=5).content == b"the bytes"
        assert server.storage.with_token == []
        session.get(there, headers=HEADERS, timeout=5)
    assert len(server.storage.with_token) == 1
    assert server.violations == []


@pytest.mark.parametrize(
    ("method", "path", "more", "violation"),
    [
        ("POST", RELEASES, {"json": {"tag": "v1"}}, "'tag_name' is a required property"),
        ("POST", RELEASES, {"json": {"tag_name": "v1", "commit": "x"}}, "unknown field 'commit'"),
        ("POST", f"{RELEASES}/5/assets?file=x", {"data": b"x"}, "name"),
        ("GET", f"{ACTIONS}/artifacts?branch=main", {}, "unknown query parameter 'branch'"),
        ("GET", f"{ACTIONS}/runs/seven", {}, "run_id"),
    ],
)
def test_what_github_does_not_describe_of_releases_is_seen(
    server: GitHubServer, method: str, path: str, more: dict[str, Any], violation: str
) -> None:
    server.fail(method, "", Fault(status=404))
    ask(server, method, path, **{"headers": HEADERS, **more})

    assert violation in "\n".join(server.violations)
