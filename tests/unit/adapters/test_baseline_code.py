"""The files that a baseline of an earlier commit is asked with."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.baseline_code import code_of
from mlci_action.adapters.git import Git
from tests.fakes.repositories import Repository

LARGE = b"0" * (2 << 20)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "work")


def written(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def test_other_code_is_that_of_the_commit(repository: Repository, tmp_path: Path) -> None:
    old = repository.commit({"features.py": b"old", "lib/a.py": b"a", "map.json": b"{}"}, "change")
    repository.commit({"features.py": b"new", "lib/b.py": b"b"}, "change")
    found = code_of(Git(folder=repository.folder), old, "", tmp_path / "code")
    assert found is not None
    assert found.folder == tmp_path / "code"
    assert written(found.folder) == {"features.py": b"old", "lib/a.py": b"a", "map.json": b"{}"}
    assert found.notes == (f"the baseline is asked with the files of commit {old[:12]}",)


def test_only_the_folder_of_the_settings_counts(repository: Repository, tmp_path: Path) -> None:
    old = repository.commit({"one/f.py": b"old", "two/f.py": b"old"}, "change")
    repository.commit({"one/f.py": b"new"}, "change")
    git = Git(folder=repository.folder / "one")
    found = code_of(git, old, "one", tmp_path / "code")
    assert found is not None
    assert written(found.folder) == {"f.py": b"old"}
    assert code_of(git, old, "two", tmp_path / "other") is None


def test_the_same_code_is_not_copied(repository: Repository, tmp_path: Path) -> None:
    old = repository.commit({"features.py": b"same", "model.joblib": b"old"}, "change")
    repository.commit({"model.joblib": b"new"}, "change")
    assert code_of(Git(folder=repository.folder), old, "", tmp_path / "code") is None
    assert not (tmp_path / "code").exists()


@pytest.mark.parametrize("change", ["edited", "added", "removed"])
def test_code_that_differs_in_the_working_copy_alone_is_other_code(
    repository: Repository, tmp_path: Path, change: str
) -> None:
    """An earlier step may have written it; and a new module may hide one of the commit's."""
    old = repository.commit({"features.py": b"same"}, "change")
    match change:
        case "edited":
            (repository.folder / "features.py").write_bytes(b"emas")
        case "added":
            repository.commit({"features/__init__.py": b""}, "change")
        case _:
            (repository.folder / "features.py").unlink()
    found = code_of(Git(folder=repository.folder), old, "", tmp_path / "code")
    assert found is not None
    assert written(found.folder) == {"features.py": b"same"}


def test_large_files_are_linked_where_they_are_the_same_and_told_where_not(
    repository: Repository, tmp_path: Path
) -> None:
    old = repository.commit(
        {"f.py": b"old", "data/same.csv": LARGE, "other.csv": LARGE + b"1"}, "change"
    )
    repository.commit({"f.py": b"new", "other.csv": LARGE + b"2"}, "change")
    found = code_of(Git(folder=repository.folder), old, "", tmp_path / "code")
    assert found is not None
    assert (found.folder / "data" / "same.csv").read_bytes() == LARGE
    assert (found.folder / "data" / "same.csv").is_symlink()
    assert not (found.folder / "other.csv").exists()
    assert found.notes[0].endswith("without 1 that are too large to be copied")


def test_links_are_left_out_and_told(repository: Repository, tmp_path: Path) -> None:
    (repository.folder / "link.py").symlink_to("/etc/passwd")
    old = repository.commit({"f.py": b"old"}, "change")
    repository.commit({"f.py": b"new"}, "change")
    found = code_of(Git(folder=repository.folder), old, "", tmp_path / "code")
    assert found is not None
    assert not (found.folder / "link.py").is_symlink()
    assert found.notes[0].endswith("without 1 links or submodules")


def test_outside_of_a_working_copy_there_is_no_code(tmp_path: Path) -> None:
    assert code_of(Git(folder=tmp_path), "1" * 40, "", tmp_path / "code") is None
