"""Which commit is tested, and against which: per kind of event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlci_action.adapters.github_event import Change, load_change, read_event
from mlci_action.errors import GitHubError

MERGE, HEAD, BASE = "c" * 40, "a" * 40, "b" * 40
ZEROS = "0" * 40


def environ(event_name: str, **more: str) -> dict[str, str]:
    return {
        "GITHUB_EVENT_NAME": event_name,
        "GITHUB_REPOSITORY": "acme/consumer",
        "GITHUB_SHA": MERGE,
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_RUN_ID": "100",
        "GITHUB_RUN_ATTEMPT": "2",
        **more,
    }


def change(event_name: str, **fields: str | int | None) -> Change:
    known: dict[str, Any] = {
        "event_name": event_name,
        "repository": "acme/consumer",
        "sha": MERGE,
        "head_sha": MERGE,
        "ref": "refs/heads/main",
        "server_url": "https://github.example",
        "run_id": 100,
        "run_attempt": 2,
    }
    return Change(**{**known, **fields})


def pull_request(repository: str | None = "acme/consumer") -> dict[str, Any]:
    repo = None if repository is None else {"full_name": repository}
    return {
        "pull_request": {
            "number": 7,
            "head": {"sha": HEAD, "repo": repo},
            "base": {"sha": BASE, "ref": "main", "repo": {"full_name": "acme/consumer"}},
        },
        "repository": {"default_branch": "main"},
    }


def test_a_pull_request_tests_its_merge_commit_against_its_base() -> None:
    given = environ("pull_request", GITHUB_REF="refs/pull/7/merge")

    assert read_event(given, pull_request()) == change(
        "pull_request",
        head_sha=HEAD,
        base_sha=BASE,
        base_ref="main",
        pr_number=7,
        head_repository="acme/consumer",
        ref="refs/pull/7/merge",
        default_branch="main",
    )


def test_pull_request_target_tests_the_head_not_the_base_that_github_sha_names() -> None:
    given = environ("pull_request_target", GITHUB_SHA=BASE)

    assert read_event(given, pull_request()).sha == HEAD


@pytest.mark.parametrize(
    ("repository", "is_fork"),
    [("acme/consumer", False), ("Acme/Consumer", False), ("mallory/consumer", True), (None, True)],
)
def test_another_repository_or_a_deleted_one_is_a_fork(
    repository: str | None, *, is_fork: bool
) -> None:
    assert read_event(environ("pull_request"), pull_request(repository)).is_fork is is_fork


def test_a_push_is_measured_against_the_commit_before_it() -> None:
    assert read_event(environ("push"), {"before": BASE}) == change("push", base_sha=BASE)


@pytest.mark.parametrize("before", [ZEROS, None, "main", 7, BASE.upper()])
def test_a_push_without_a_commit_before_has_no_base(before: object) -> None:
    """A new branch is pushed with zeros."""
    assert read_event(environ("push"), {"before": before}).base_sha is None


def test_a_merge_group_is_measured_against_its_base() -> None:
    group = {"head_sha": HEAD, "base_sha": BASE, "base_ref": "refs/heads/main"}

    assert read_event(environ("merge_group"), {"merge_group": group}) == change(
        "merge_group", head_sha=HEAD, base_sha=BASE, base_ref="main"
    )


@pytest.mark.parametrize("event_name", ["schedule", "workflow_dispatch", "release"])
def test_other_events_have_no_base_and_no_pull_request(event_name: str) -> None:
    assert read_event(environ(event_name), {}) == change(event_name)


@pytest.mark.parametrize(
    ("theirs", "is_fork", "named"),
    [
        ({"full_name": "acme/consumer"}, False, "acme/consumer"),
        ({"full_name": "mallory/consumer"}, True, "mallory/consumer"),
        ({"full_name": "not a name\n::error::"}, True, None),
        (None, True, None),
    ],
)
def test_a_workflow_run_says_whose_the_run_before_it_was(
    theirs: dict[str, str] | None, named: str | None, *, is_fork: bool
) -> None:
    run = {"head_repository": theirs, "event": "pull_request"}

    assert read_event(environ("workflow_run"), {"workflow_run": run}) == change(
        "workflow_run", is_fork=is_fork, head_repository=named, started_by="pull_request"
    )


@pytest.mark.parametrize("event", [None, 7, "pull request", "x" * 50, "a\nb"])
def test_an_event_that_is_no_name_started_nothing(event: object) -> None:
    assert (
        read_event(environ("workflow_run"), {"workflow_run": {"event": event}}).started_by is None
    )


def test_a_laptop_has_a_local_change() -> None:
    assert load_change({}) == Change()
    assert Change().run_url is None


def test_the_run_is_linked_with_its_attempt() -> None:
    run = "https://github.example/acme/consumer/actions/runs/100"

    assert change("push").run_url == f"{run}/attempts/2"
    assert change("push", run_attempt=None).run_url == run
    assert change("push").as_mapping()["run_url"] == f"{run}/attempts/2"


def test_the_event_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text("\ufeff" + json.dumps({"before": BASE}), encoding="utf-8")

    assert load_change(environ("push", GITHUB_EVENT_PATH=str(path))).base_sha == BASE


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "cannot read the event file: it is not JSON"),
        (b"\xff\xfe", "cannot read the event file: it is not JSON"),
        (b"[" * 100_000, "cannot read the event file: it is not JSON"),
        (b"[]", "cannot read the event file: it is not a JSON object"),
        (None, "cannot read the event file: No such file or directory"),
        (b"{}", "the event has no pull_request.number"),
    ],
)
def test_a_broken_event_file_is_refused_with_a_hint(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "event.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(GitHubError) as caught:
        load_change(environ("pull_request", GITHUB_EVENT_PATH=str(path)))
    assert caught.value.message == message
    assert caught.value.hint


@pytest.mark.parametrize("missing", ["head", "base"])
def test_a_pull_request_without_its_commits_is_refused(missing: str) -> None:
    payload = pull_request()
    payload["pull_request"][missing]["sha"] = ZEROS

    with pytest.raises(GitHubError, match=f"the event has no pull_request.{missing}.sha"):
        read_event(environ("pull_request"), payload)


def test_a_merge_group_without_its_base_is_refused() -> None:
    with pytest.raises(GitHubError, match=r"the event has no merge_group\.base_sha"):
        read_event(environ("merge_group"), {"merge_group": {"head_sha": HEAD}})


def test_an_event_file_that_was_changed_to_another_pull_request_is_refused() -> None:
    """The runner sets GITHUB_REF for every step; the file can be written by an earlier one."""
    with pytest.raises(GitHubError, match="says pull request 7, GITHUB_REF says 8"):
        read_event(environ("pull_request", GITHUB_REF="refs/pull/8/merge"), pull_request())


@pytest.mark.parametrize("value", ["acme", "acme/consumer/../x", "acme/con sumer", ""])
def test_a_repository_that_is_no_name_is_none(value: str) -> None:
    assert read_event(environ("push", GITHUB_REPOSITORY=value), {}).repository is None


@pytest.mark.parametrize("value", ["", "x", "-1", "0", "9" * 5000, "٣"])
def test_a_run_id_that_is_no_number_is_none(value: str) -> None:
    assert read_event(environ("push", GITHUB_RUN_ID=value), {}).run_id is None


@pytest.mark.parametrize("number", [True, 0, -7, "x", None, 7.0])
def test_a_pull_request_number_that_is_no_number_is_refused(number: object) -> None:
    payload = pull_request()
    payload["pull_request"]["number"] = number

    with pytest.raises(GitHubError, match=r"the event has no pull_request\.number"):
        read_event(environ("pull_request"), payload)
