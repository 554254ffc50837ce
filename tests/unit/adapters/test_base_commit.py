"""Which commit is a change measured against? By event, and on a laptop."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.base_commit import BaseCommit, find_base
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change
from tests.fakes.repositories import Repository

BASE, HEAD, MERGE = "a" * 40, "b" * 40, "c" * 40


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "work")
    made.commit({"a": b"1"}, "first")
    made.commit({"a": b"2"}, "second")
    return made


def base_of(repository: Repository, change: Change | None = None) -> BaseCommit:
    return find_base(change or Change(), Git(folder=repository.folder))


def test_an_event_names_its_base_and_what_is_under_test(repository: Repository) -> None:
    change = Change(event_name="pull_request", sha=MERGE, head_sha=HEAD, base_sha=BASE, pr_number=1)
    assert base_of(repository, change) == BaseCommit(
        commit=BASE,
        why_none="the event pull_request has no base commit",
        under_test=frozenset({MERGE, HEAD, repository.head()}),
    )


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("schedule", "the event schedule has no base commit"),
        ("workflow_dispatch", "the event workflow_dispatch has no base commit"),
        ("push", "this push made the branch, so there is no commit before it"),
    ],
)
def test_an_event_without_a_base_says_why(repository: Repository, event: str, why: str) -> None:
    base = base_of(repository, Change(event_name=event, sha=HEAD, head_sha=HEAD))
    assert (base.commit, base.why_none) == (None, why)


def test_on_a_branch_the_base_is_where_it_left_the_default_branch(repository: Repository) -> None:
    left = repository.head()
    repository.branch("topic")
    repository.commit({"a": b"3"}, "third")
    base = base_of(repository)
    assert (base.commit, base.under_test) == (left, frozenset({repository.head()}))


def test_uncommitted_work_is_measured_against_the_last_commit(repository: Repository) -> None:
    (repository.folder / "a").write_bytes(b"changed")
    base = base_of(repository)
    assert (base.commit, base.under_test) == (repository.head(), frozenset())


def test_a_clean_default_branch_is_measured_against_the_commit_before(
    repository: Repository,
) -> None:
    """Its own commit is under test, as on a push."""
    base = base_of(repository)
    assert base.commit == repository.git("rev-parse", "HEAD~1")
    assert base.under_test == frozenset({repository.head()})


def test_a_root_commit_has_nothing_to_be_measured_against(tmp_path: Path) -> None:
    only = Repository(tmp_path / "one")
    only.commit({"a": b"1"}, "first")
    base = base_of(only)
    assert base.commit is None
    assert "has no parent here" in base.why_none


def test_outside_of_git_there_is_no_base(tmp_path: Path) -> None:
    base = find_base(Change(), Git(folder=tmp_path, environ={"PATH": "/usr/bin:/bin"}))
    assert (base.commit, base.why_none) == (None, "there is no git commit here")
