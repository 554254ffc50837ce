"""Folders of a commit, as git lists them and as they are written out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlci_action.adapters.git import Git
from mlci_action.adapters.git_trees import TreeFile, tracked_below, tree_of, write_files
from mlci_action.errors import BaselineError
from tests.fakes.repositories import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "work")


def test_a_folder_is_listed_from_itself(repository: Repository) -> None:
    commit = repository.commit(
        {"a/b/c.py": b"1", "a/d e\nf.txt": b"22", "ab/x": b"", "y": b""}, "change"
    )
    git = Git(folder=repository.folder / "a")
    assert [(file.path, file.n_bytes) for file in tree_of(git, commit, "a").files] == [
        ("b/c.py", 1),
        ("d e\nf.txt", 2),
    ]
    assert len(tree_of(git, commit, "").files) == 4
    assert tree_of(git, commit, "nothing").files == ()
    assert tracked_below(git, "a") == {"b/c.py", "d e\nf.txt"}
    assert tracked_below(git, "") == {"a/b/c.py", "a/d e\nf.txt", "ab/x", "y"}


def test_a_name_with_signs_of_patterns_is_only_a_name(repository: Repository) -> None:
    commit = repository.commit({"*/x": b"1", "a/x": b"2"}, "change")
    git = Git(folder=repository.folder)
    assert [file.n_bytes for file in tree_of(git, commit, "*").files] == [1]
    assert [file.path for file in tree_of(git, commit, "*").files] == ["x"]


def test_links_and_submodules_are_told_apart(repository: Repository) -> None:
    (repository.folder / "link").symlink_to("/etc/passwd")
    inner = Repository(repository.folder / "inner")
    inner.commit({"x": b""}, "change")
    commit = repository.commit({"real": b"1"}, "change")
    tree = tree_of(Git(folder=repository.folder), commit, "")
    assert [file.path for file in tree.files] == ["real"]
    assert sorted(tree.others) == ["inner", "link"]


@pytest.mark.parametrize("name", ["../evil", ".git/hooks/x", "a/.GIT/x", "..", "x" * 300])
def test_a_name_that_somebody_made_up_is_not_written(repository: Repository, name: str) -> None:
    """The plumbing of git makes such trees, and git itself none."""
    repository.commit({"real": b"1"}, "change")
    blob = repository.git("rev-parse", "HEAD:real")
    *folders, file = name.split("/")
    tree = made_tree(repository, f"100644 blob {blob}\t{file}")
    for folder in reversed(folders):
        tree = made_tree(repository, f"040000 tree {tree}\t{folder}")
    commit = repository.git("commit-tree", "-m", "x", tree)
    listed = tree_of(Git(folder=repository.folder), commit, "")
    assert (listed.files, listed.others) == ((), (name,))


def made_tree(repository: Repository, entry: str) -> str:
    """A tree object with one entry, whatever its name."""
    described, name = entry.split("\t")
    mode, _, identity = described.split()
    content = f"{mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(identity)
    return subprocess.run(
        ["git", "-C", str(repository.folder), "hash-object", "-t", "tree", "-w", "--stdin",
         "--literally"],
        input=content,
        check=True,
        capture_output=True,
    ).stdout.decode().strip()  # fmt: skip


def test_files_are_written_byte_for_byte_with_their_modes(
    repository: Repository, tmp_path: Path
) -> None:
    (repository.folder / "run.sh").touch(mode=0o755)
    contents = {"a/b": bytes(range(256)) * 9000, "empty": b"", "run.sh": b"#!/bin/sh\n"}
    commit = repository.commit(contents, "change")
    git = Git(folder=repository.folder)
    write_files(git, tree_of(git, commit, "").files, tmp_path / "into")
    for name, content in contents.items():
        assert (tmp_path / "into" / name).read_bytes() == content
    assert (tmp_path / "into" / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "into" / "empty").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in tmp_path.iterdir()) == ["into", "work"]


def test_a_file_that_is_there_is_not_overwritten(repository: Repository, tmp_path: Path) -> None:
    commit = repository.commit({"x": b"1"}, "change")
    git = Git(folder=repository.folder)
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "x").symlink_to("/dev/null")
    with pytest.raises(FileExistsError):
        write_files(git, tree_of(git, commit, "").files, tmp_path / "into")


def test_bytes_that_are_not_here_are_an_error(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"x": b"1"}, "change")
    gone = TreeFile(path="x", id="1" * 40, n_bytes=1)
    with pytest.raises(BaselineError, match="git does not have the bytes of 'x' here"):
        write_files(Git(folder=repository.folder), [gone], tmp_path / "into")


def test_a_commit_that_is_not_here_is_an_error(repository: Repository) -> None:
    repository.commit({"x": b"1"}, "change")
    with pytest.raises(BaselineError, match="git cannot list the files of commit 111111111111"):
        tree_of(Git(folder=repository.folder), "1" * 40, "")
