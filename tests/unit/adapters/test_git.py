"""What does git know? Against real repositories, none of which is ever changed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mlci_action.adapters.git import Git, fetch_commit
from mlci_action.errors import BaselineError
from tests.fakes.repositories import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "origin")
    made.commit({"models/m.bin": b"one\x00", "notes.txt": b"n"}, "first")
    made.commit({"models/m.bin": b"two"}, "second")
    return made


def git_of(repository: Repository) -> Git:
    return Git(folder=repository.folder)


def test_refs_are_commits_and_unknown_ones_are_none(repository: Repository) -> None:
    git = git_of(repository)
    assert git.commit("main") == git.head() == repository.head()
    assert git.commit("HEAD~1") == git.parent(repository.head())
    assert git.commit("no-such-branch") is None
    assert git.parent(git.commit("HEAD~1") or "") is None


def test_a_blob_is_read_as_that_commit_has_it_without_a_checkout(
    repository: Repository, tmp_path: Path
) -> None:
    git, target = git_of(repository), tmp_path / "m.bin"
    first = git.commit("HEAD~1") or ""
    before = repository.snapshot()
    git.write_blob(first, "models/m.bin", target)
    assert target.read_bytes() == b"one\x00"
    assert git.blob_size(first, "models/m.bin") == 4
    assert repository.snapshot() == before


@pytest.mark.parametrize("path", ["nothing.bin", "models/../notes.txt", ":(glob)**"])
def test_only_regular_files_by_their_own_name_are_files(repository: Repository, path: str) -> None:
    """A name is no pattern."""
    assert not git_of(repository).has_file(repository.head(), path)
    assert git_of(repository).has_file(repository.head(), "models/m.bin")


@pytest.mark.parametrize("name", ["link", "models"])
def test_a_link_or_a_folder_is_not_a_missing_file(repository: Repository, name: str) -> None:
    """Else a baseline behind a link would look like a first model."""
    (repository.folder / "link").symlink_to("/etc/passwd")
    repository.commit({}, "a link")
    with pytest.raises(BaselineError, match=f"'{name}' of commit .* is no file"):
        git_of(repository).has_file(repository.head(), name)


def test_a_commit_whose_files_git_cannot_list_is_not_one_without_the_file(
    repository: Repository,
) -> None:
    """A clone without trees (filter: tree:0), or a damaged one."""
    tree = repository.git("rev-parse", "HEAD^{tree}")
    (repository.folder / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(BaselineError, match="git cannot list the files of commit"):
        git_of(repository).has_file(repository.head(), "models/m.bin")


def test_a_changed_working_copy_is_seen(repository: Repository) -> None:
    assert not git_of(repository).changed()
    (repository.folder / "notes.txt").write_text("changed")
    assert git_of(repository).changed()


def test_outside_of_a_repository_there_is_nothing(tmp_path: Path) -> None:
    git = Git(
        folder=tmp_path, environ={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    )
    assert (git.head(), git.root(), git.default_branch()) == (None, None, None)


def test_a_commit_that_a_shallow_clone_lacks_is_fetched_beside_it(
    repository: Repository, tmp_path: Path
) -> None:
    """The clone's refs and its depth stay what they are."""
    first = git_of(repository).commit("HEAD~1") or ""
    clone = repository.cloned(tmp_path / "clone", depth=1)
    assert Git(folder=clone.folder).commit(first) is None
    before = clone.snapshot()

    fetched = fetch_commit(repository.url, first, into=tmp_path / "ours", environ=os.environ)

    git = Git(folder=clone.folder, extra_objects=tmp_path / "ours")
    assert fetched == git.commit(first) == first
    git.write_blob(first, "models/m.bin", tmp_path / "m.bin")
    assert (tmp_path / "m.bin").read_bytes() == b"one\x00"
    assert clone.snapshot() == before


def test_a_ref_that_does_not_exist_says_so_without_the_address(
    repository: Repository, tmp_path: Path
) -> None:
    with pytest.raises(BaselineError) as caught:
        fetch_commit(repository.url, "nowhere", into=tmp_path / "ours", environ=os.environ)
    assert "'nowhere' cannot be fetched" in caught.value.message


def test_a_password_in_an_address_is_not_repeated(tmp_path: Path) -> None:
    """Git repeats the address that it was given."""
    url = "http://user:hunter2@127.0.0.1:9/acme/consumer"
    with pytest.raises(BaselineError) as caught:
        fetch_commit(url, "main", into=tmp_path / "ours", environ=os.environ)
    assert "hunter2" not in str(caught.value)


def test_programs_that_a_repository_names_are_not_run(
    repository: Repository, tmp_path: Path
) -> None:
    """A repository's own configuration may name a program for git to start at every status."""
    trap, sprung = tmp_path / "trap.sh", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch '{sprung}'\n")
    trap.chmod(0o755)
    repository.git("config", "core.fsmonitor", str(trap))
    git_of(repository).changed()
    assert not sprung.exists()
    # The trap is a real one: plain git falls into it.
    subprocess.run(["git", "-C", str(repository.folder), "status"], check=True, capture_output=True)
    assert sprung.exists()


def test_without_git_it_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="git is not installed"):
        Git(folder=tmp_path, environ={"PATH": str(tmp_path)}).head()
