"""Which file of a release is a baseline? The named one, the newest bundle, or the one model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlci_action.adapters.baseline_sources.release import take
from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.github_event import Change
from mlci_action.domain.sources import ReleaseSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown
from tests.fakes.github_answers import REPOSITORY
from tests.fakes.github_faults import Fault
from tests.fakes.github_server import TOKEN, GitHubServer

OLD, NEW = "mlci-bundle-0123456789abcdef.zip", "mlci-bundle-fedcba9876543210.zip"
TAGGED = ReleaseSource(tag="v1")


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server
        assert server.violations == []
        assert server.storage.with_token == []


@pytest.fixture
def place(server: GitHubServer, tmp_path: Path) -> Place:
    return Place(
        folder=tmp_path,
        store=tmp_path / "store",
        environ={"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": server.url},
        change=Change(event_name="push", repository=REPOSITORY),
    )


def no_sleep(_seconds: float) -> None:
    """Time does not matter here."""


def taken(place: Place, source: ReleaseSource = TAGGED) -> Taken:
    return take(source, place, sleep=no_sleep)


def refused(place: Place, source: ReleaseSource = TAGGED) -> BaselineError:
    with pytest.raises(BaselineError) as caught:
        taken(place, source)
    assert TOKEN not in str(caught.value)
    return caught.value


def test_the_newest_whole_bundle_is_taken(server: GitHubServer, place: Place) -> None:
    release = server.releases.add("v1", target="c" * 40)
    server.releases.add_asset(release, OLD, b"old")
    made = server.releases.add_asset(release, NEW, b"new")
    server.releases.add_asset(release, "mlci-bundle-ffffffffffffffff.zip", b"ha", state="open")
    server.releases.add_asset(release, "model.joblib", b"beside")
    server.releases.add_asset(release, "mlci-bundle-ffffffffffffffff.json", b"{}")
    found = taken(place)
    assert found == Taken(
        path=place.store / NEW,
        origin=f"{NEW} of the release v1",
        commit="c" * 40,
        modified=made["created_at"],
        url=f"{server.url}/{REPOSITORY}/releases/tag/v1",
    )
    assert found.path.read_bytes() == b"new"


def test_the_latest_release_is_meant_where_no_tag_is_named(
    server: GitHubServer, place: Place
) -> None:
    server.releases.add_asset(server.releases.add("v1"), "model.joblib", b"one")
    server.releases.add_asset(server.releases.add("v2"), "model.joblib", b"two")
    found = taken(place, ReleaseSource())
    assert (found.path.read_bytes(), found.commit) == (b"two", None)


def test_a_tag_with_a_slash_is_one_tag(server: GitHubServer, place: Place) -> None:
    server.releases.add_asset(server.releases.add("models/v1"), "m.onnx", b"one")
    assert taken(place, ReleaseSource(tag="models/v1")).path.name == "m.onnx"


def test_the_file_that_is_named_is_taken(server: GitHubServer, place: Place) -> None:
    release = server.releases.add("v1")
    server.releases.add_asset(release, NEW, b"new")
    server.releases.add_asset(release, "risk.joblib", b"risk")
    named = ReleaseSource(tag="v1", asset="risk.joblib")
    assert taken(place, named).path.read_bytes() == b"risk"

    error = refused(place, ReleaseSource(tag="v1", asset="other.joblib"))
    assert type(error) is BaselineMissing
    assert error.message == f"the release v1 has no file other.joblib: it has {NEW}, risk.joblib"


def test_a_named_file_that_never_arrived_is_an_error(server: GitHubServer, place: Place) -> None:
    release = server.releases.add("v1")
    server.releases.add_asset(release, "risk.joblib", b"ri", state="open")
    error = refused(place, ReleaseSource(tag="v1", asset="risk.joblib"))
    assert type(error) is BaselineError
    assert "never uploaded to its end" in error.message


def test_of_several_models_none_is_guessed(server: GitHubServer, place: Place) -> None:
    release = server.releases.add("v1")
    for name in ("a.joblib", "b.pkl", "notes.txt"):
        server.releases.add_asset(release, name, b"x")
    error = refused(place)
    assert type(error) is BaselineMissing
    assert "it has a.joblib, b.pkl, notes.txt" in error.message
    assert "release:v1:FILE" in error.hint


def test_without_the_release_it_is_said_how_to_make_one(server: GitHubServer, place: Place) -> None:
    error = refused(place)
    assert type(error) is BaselineMissing
    assert "has not got a release with the tag v1" in error.message
    assert "mlci promote" in error.hint


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_repository_that_cannot_be_seen_is_no_proof_of_anything(
    server: GitHubServer, place: Place, status: int
) -> None:
    server.fail("GET", "/(consumer|v1)$", Fault(status=status), times=2)
    error = refused(place)
    assert isinstance(error, BaselineUnknown)
    assert "contents: read" in error.hint


def test_other_bytes_than_github_names_are_refused(server: GitHubServer, place: Place) -> None:
    release = server.releases.add("v1")
    server.releases.add_asset(release, NEW, b"new")["digest"] = f"sha256:{'0' * 64}"
    error = refused(place)
    assert type(error) is BaselineError
    assert "its digest is" in error.message
    assert list(place.store.iterdir()) == []


def test_where_github_knows_no_digest_the_size_still_counts(
    server: GitHubServer, place: Place
) -> None:
    server.releases.no_digests = True
    asset = server.releases.add_asset(server.releases.add("v1"), NEW, b"new")
    assert taken(place).path.read_bytes() == b"new"
    asset["size"] = 4
    assert "GitHub says 4" in refused(place).message
    assert list(place.store.iterdir()) == []


def test_without_a_token_nothing_is_asked(server: GitHubServer, place: Place) -> None:
    error = refused(replace(place, environ={"GITHUB_API_URL": server.url}))
    assert isinstance(error, BaselineUnknown)
    assert server.requests == []
