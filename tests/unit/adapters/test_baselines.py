"""Which baseline is there? The sources in their order, and what no baseline may be."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mlci_action.adapters.baselines import BaselineFinder, Tried
from mlci_action.adapters.git import Git
from mlci_action.domain.sources import parse_source
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown, ModelError
from tests.fakes.repositories import Repository

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "work")
    made.commit({"models/m.joblib": b"old", "lfs.joblib": POINTER}, "base")
    made.commit({"models/m.joblib": b"new"}, "head")
    return made


def no_fetch(ref: str) -> str:
    raise BaselineError(f"the ref {ref!r} cannot be fetched")


def finder(
    repository: Repository,
    *,
    base: str | None = "HEAD~1",
    fetch: Callable[[str], str] = no_fetch,
) -> BaselineFinder:
    git = Git(folder=repository.folder)
    return BaselineFinder(
        folder=repository.folder,
        store=repository.folder.parent / "store",
        git=git,
        base=None if base is None else git.commit(base),
        no_base="the event schedule has no base commit",
        under_test=frozenset({repository.head()}),
        fetch=fetch,
    )


def test_the_base_commit_has_the_baseline(repository: Repository) -> None:
    found = finder(repository).find([parse_source("git:base:models/m.joblib")])
    assert found.file.path.read_bytes() == b"old"
    assert found.source == "git:base:models/m.joblib"
    assert found.commit == repository.git("rev-parse", "HEAD~1")
    assert found.modified is not None
    assert found.tried == ()


def test_the_first_source_that_has_one_is_taken_and_the_others_are_told(
    repository: Repository,
) -> None:
    sources = [
        parse_source(text) for text in ("old/*.joblib", "git:HEAD:x", "git:base:models/m.joblib")
    ]
    with pytest.raises(BaselineError, match="is the commit under test"):
        finder(repository).find(sources)
    found = finder(repository).find([sources[0], sources[2]])
    assert found.tried == (Tried(source="old/*.joblib", why="no such file"),)


@pytest.mark.parametrize("ref", ["HEAD", "main"])
def test_the_commit_under_test_is_no_baseline(repository: Repository, ref: str) -> None:
    """A champion that is compared with itself always wins."""
    with pytest.raises(BaselineError) as caught:
        finder(repository).find([parse_source(f"git:{ref}:models/m.joblib")])
    assert not isinstance(caught.value, BaselineMissing)
    assert "commit under test" in caught.value.message


def test_a_commit_without_the_file_has_no_baseline(repository: Repository) -> None:
    with pytest.raises(BaselineMissing, match=r"has no file 'models/other.joblib'"):
        finder(repository).find([parse_source("git:base:models/other.joblib")])


def test_an_event_without_a_base_has_no_baseline_there(repository: Repository) -> None:
    with pytest.raises(BaselineMissing, match="schedule has no base commit") as caught:
        finder(repository, base=None).find([parse_source("git:base:models/m.joblib")])
    assert isinstance(caught.value, BaselineUnknown)
    assert "first_model" not in caught.value.hint


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_a_path_that_is_there_and_no_file_is_not_a_missing_baseline(
    repository: Repository, kind: str
) -> None:
    path = repository.folder / "old.joblib"
    if kind == "link":
        path.symlink_to("gone.joblib")
    else:
        path.mkdir()
    with pytest.raises(ModelError, match=r"old\.joblib"):
        finder(repository).find([parse_source("old.joblib")])


def test_a_ref_that_is_not_here_is_fetched(repository: Repository) -> None:
    asked: list[str] = []

    def fetch(ref: str) -> str:
        asked.append(ref)
        return repository.git("rev-parse", "HEAD~1")

    found = finder(repository, fetch=fetch).find([parse_source("git:v1.0:models/m.joblib")])
    assert (asked, found.file.path.read_bytes()) == (["v1.0"], b"old")


def test_a_ref_that_does_not_exist_is_an_error_not_a_missing_baseline(
    repository: Repository,
) -> None:
    """Else a misspelt branch would look like a first model."""
    with pytest.raises(BaselineError, match="cannot be fetched") as caught:
        finder(repository).find([parse_source("git:mian:models/m.joblib")])
    assert not isinstance(caught.value, BaselineMissing)


def test_a_pointer_is_refused_by_name(repository: Repository) -> None:
    """`git lfs pull` brings the files of this commit, and the baseline is in another one."""
    with pytest.raises(ModelError, match=r"git:base:lfs\.joblib is a Git LFS pointer") as caught:
        finder(repository).find([parse_source("git:base:lfs.joblib")])
    assert "name its path as baseline" in str(caught.value)


def test_of_several_files_the_newest_is_taken(repository: Repository) -> None:
    for age, name in ((100, "a"), (10, "b"), (50, "c")):
        path = repository.folder / "old" / f"{name}.joblib"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    found = finder(repository).find([parse_source("old/*.joblib")])
    assert found.file.path.name == "b.joblib"
    assert found.modified == "1970-01-12T13:46:30+00:00"


def test_no_source_at_all_is_no_baseline(repository: Repository) -> None:
    with pytest.raises(BaselineMissing, match="no source is configured"):
        finder(repository).find([])


MLMODEL = b"flavors:\n  sklearn:\n    pickled_model: model.pkl\n"


def test_a_folder_of_mlflow_is_written_whole(repository: Repository) -> None:
    files = {"MLmodel": MLMODEL, "model.pkl": b"old", "code/kit.py": b"x"}
    repository.commit({f"m/{name}": content for name, content in files.items()}, "base")
    repository.commit({"m/model.pkl": b"new", "m/later.txt": b""}, "head")
    searching = finder(repository)
    for _ in range(2):
        there = searching.find([parse_source("git:base:m")]).file.path
        assert there == repository.folder.parent / "store" / "m"
        assert {
            path.relative_to(there).as_posix(): path.read_bytes()
            for path in there.rglob("*")
            if path.is_file()
        } == files


def test_a_folder_that_is_no_model_is_refused(repository: Repository) -> None:
    with pytest.raises(BaselineError, match="is a folder, and no MLflow model"):
        finder(repository).find([parse_source("git:base:models")])


def test_a_folder_with_links_is_refused(repository: Repository) -> None:
    (repository.folder / "m").mkdir()
    (repository.folder / "m" / "model.pkl").symlink_to("/etc/passwd")
    repository.commit({"m/MLmodel": MLMODEL}, "base")
    repository.commit({}, "head")
    with pytest.raises(BaselineError, match="has 1 links or submodules in it"):
        finder(repository).find([parse_source("git:base:m")])


def test_a_folder_that_is_too_large_is_refused(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"m/MLmodel": MLMODEL, "m/model.pkl": b"12345"}, "base")
    repository.commit({}, "head")
    monkeypatch.setattr("mlci_action.adapters.baselines._MAX_BYTES", len(MLMODEL) + 4)
    with pytest.raises(BaselineError, match="more than the"):
        finder(repository).find([parse_source("git:base:m")])
