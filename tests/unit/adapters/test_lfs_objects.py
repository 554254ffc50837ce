"""A baseline in a commit of which git holds only a pointer is found all the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlci_action.adapters.baselines import BaselineFinder
from mlci_action.adapters.git import Git
from mlci_action.adapters.git_lfs import Pointer, object_path
from mlci_action.adapters.lfs_objects import LfsObjects
from mlci_action.domain.sources import parse_source
from mlci_action.errors import BaselineError, ModelError
from tests.fakes.github_storage import Storage
from tests.fakes.lfs_server import LfsServer
from tests.fakes.repositories import Repository
from tests.unit.adapters.test_baselines import finder

CONTENT = b"the model"
OID = hashlib.sha256(CONTENT).hexdigest()
TEXT = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(CONTENT)}\n"
POINTER = Pointer(oid=OID, n_bytes=len(CONTENT))
SOURCE = parse_source("git:base:m.joblib")


@pytest.fixture
def lfs() -> Iterator[LfsServer]:
    with Storage() as storage, LfsServer(storage) as server:
        yield server


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "work")
    made.commit({"m.joblib": TEXT.encode()}, "base")
    made.commit({"m.joblib": b"new"}, "head")
    return made


def asking(repository: Repository, tmp_path: Path, **environ: str) -> BaselineFinder:
    """As on a laptop: what is fetched goes into a repository of ours."""
    git = Git(folder=repository.folder, extra_objects=tmp_path / "ours")
    return replace(finder(repository), git=git, environ=environ)


def test_the_clone_itself_may_have_it(repository: Repository, tmp_path: Path) -> None:
    path = object_path(POINTER, repository.folder / ".git")
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    assert asking(repository, tmp_path).find([SOURCE]).file.path.read_bytes() == CONTENT


def test_the_server_that_it_was_cloned_from_has_it(
    repository: Repository, tmp_path: Path, lfs: LfsServer
) -> None:
    """It is kept, and a token for GitHub is shown to no other server."""
    lfs.put(CONTENT)
    repository.git("remote", "add", "origin", f"{lfs.url}/o/r")
    found = asking(repository, tmp_path, GITHUB_TOKEN="secret").find([SOURCE])  # noqa: S106
    assert found.file.path.read_bytes() == CONTENT
    assert lfs.authorized == [None]
    repository.git("remote", "remove", "origin")
    assert asking(repository, tmp_path).find([SOURCE]).file.path.read_bytes() == CONTENT


def test_the_server_of_the_token_gets_it(tmp_path: Path, lfs: LfsServer) -> None:
    lfs.put(CONTENT)
    ours = tmp_path / "ours"
    objects = LfsObjects(kept=(ours,), server=f"{lfs.url}/o/r", token="secret")  # noqa: S106
    objects.write(POINTER, tmp_path / "model")
    assert (tmp_path / "model").read_bytes() == CONTENT
    assert lfs.authorized != [None]
    assert len(lfs.authorized) == 1
    assert "secret" not in repr(objects)


def test_a_step_without_the_token_asks_nobody(
    repository: Repository, tmp_path: Path, lfs: LfsServer
) -> None:
    lfs.put(CONTENT)
    repository.git("remote", "add", "origin", f"{lfs.url}/o/r")

    def never(_: object) -> None:
        raise AssertionError

    later = replace(asking(repository, tmp_path), recorded=never)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=r"is a Git LFS pointer: its file is in no clone here"):
        later.find([SOURCE])
    assert lfs.authorized == []


def test_a_server_that_lacks_it_is_told(tmp_path: Path, lfs: LfsServer) -> None:
    objects = LfsObjects(kept=(tmp_path / "ours",), server=f"{lfs.url}/o/r")
    with pytest.raises(BaselineError, match="has no file"):
        objects.write(POINTER, tmp_path / "model")
    assert not (tmp_path / "model").exists()
