"""Only what the run will ask is brought: nothing behind a baseline that is certainly there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from mlci_action.adapters.baseline_sources.git import Commits
from mlci_action.adapters.baseline_sources.taken import Place
from mlci_action.adapters.fetched import Came, FetchedBaseline
from mlci_action.adapters.fetching_baselines import fetch_baselines
from mlci_action.adapters.git import Git
from mlci_action.adapters.github_event import Change
from mlci_action.domain.sources import parse_source
from mlci_action.errors import BaselineError
from tests.fakes.artifacts import zipped
from tests.fakes.github_answers import REPOSITORY
from tests.fakes.github_server import TOKEN, GitHubServer
from tests.fakes.repositories import Repository


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        server.artifacts.add("mlci-bundle", zipped({"m.joblib": b"of an artifact"}))
        server.releases.add_asset(server.releases.add("v1"), "m.joblib", b"of a release")
        yield server
        assert server.violations == []


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "work")
    made.commit({"m.joblib": b"old"}, "base")
    made.commit({"m.joblib": b"new"}, "head")
    return made


def no_fetch(ref: str) -> str:
    raise BaselineError(f"the ref {ref!r} cannot be fetched")


def fetched(
    server: GitHubServer, repository: Repository, *sources: str, token: str = TOKEN
) -> Mapping[str, FetchedBaseline]:
    git = Git(folder=repository.folder)
    place = Place(
        folder=repository.folder,
        store=repository.folder.parent / "baselines",
        environ={},
        change=Change(event_name="push", repository=REPOSITORY, default_branch="main"),
        under_test=frozenset({repository.head()}),
    )
    return fetch_baselines(
        [parse_source(source) for source in sources],
        place,
        Commits(git=git, base=git.commit("HEAD~1"), no_base="", fetch=no_fetch),
        token_environ={"GITHUB_TOKEN": token, "GITHUB_API_URL": server.url},
    )


@pytest.mark.parametrize(
    ("sources", "asked"),
    [
        (("artifact", "release"), {"artifact:mlci-bundle": "taken"}),
        (("artifact:other", "release"), {"artifact:other": "missing", "release:": "taken"}),
        (("git:base:m.joblib", "artifact"), {}),
        (("m.joblib", "artifact"), {}),
        (("git:base:none", "gone.joblib", "artifact"), {"artifact:mlci-bundle": "taken"}),
        (("git:mian:m.joblib", "artifact"), {}),
        (("s3://b/m", "https://example.org/m", "artifact"), {"artifact:mlci-bundle": "taken"}),
        (("artifact", "git:base:m.joblib"), {"artifact:mlci-bundle": "taken"}),
    ],
)
def test_a_source_is_asked_when_the_run_may_get_that_far(
    server: GitHubServer,
    repository: Repository,
    sources: tuple[str, ...],
    asked: dict[str, str],
) -> None:
    found = fetched(server, repository, *sources)
    assert {name: one.came.value for name, one in found.items()} == asked
    assert bool(server.requests) == bool(asked)


def test_an_error_ends_it_as_it_will_end_the_run(
    server: GitHubServer, repository: Repository
) -> None:
    server.artifacts.add("mlci-bundle", b"PK is no zip")
    found = fetched(server, repository, "artifact", "release")
    assert [one.came for one in found.values()] == [Came.ERROR]
    assert not list((repository.folder.parent / "baselines").rglob("*.zip"))


def test_without_a_token_all_are_unknown(server: GitHubServer, repository: Repository) -> None:
    found = fetched(server, repository, "artifact", "release", token="")
    assert [one.came for one in found.values()] == [Came.UNKNOWN, Came.UNKNOWN]
    assert server.requests == []


def test_what_is_taken_lies_whole_in_a_folder_of_its_own(
    server: GitHubServer, repository: Repository
) -> None:
    found = fetched(server, repository, "gone.joblib", "git:base:none", "release:v1")
    path = Path(found["release:v1"].path)
    assert path == repository.folder.parent / "baselines" / "2" / "m.joblib"
    assert path.read_bytes() == b"of a release"
    assert TOKEN not in repr(found)
