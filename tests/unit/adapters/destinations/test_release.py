from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlci_action.adapters.bundles import Bundle, open_bundle, pack
from mlci_action.adapters.destinations.destination import Current, PromotionRefused
from mlci_action.adapters.destinations.release import ReleaseDestination
from mlci_action.adapters.github_http import GitHubHttp
from mlci_action.adapters.github_releases import GitHubReleases
from mlci_action.adapters.network import Network
from mlci_action.errors import BundleError, GitHubError, MlciError
from tests.builders_bundle import make_bundle
from tests.fakes.github_answers import REPOSITORY
from tests.fakes.github_faults import Delivery, Fault
from tests.fakes.github_server import TOKEN, GitHubServer

UPLOADS = r"releases/\d+/assets"


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server
        assert server.violations == []
        assert server.storage.with_token == []


@pytest.fixture
def old(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "old", model=b"the old model")


@pytest.fixture
def new(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "new", model=b"the new model")


def no_sleep(_seconds: float) -> None:
    """Time does not matter here."""


def destination(server: GitHubServer, *, token: str = TOKEN) -> ReleaseDestination:
    http = GitHubHttp(server.url, token, sleep=no_sleep)
    return ReleaseDestination(
        GitHubReleases(http, REPOSITORY), "models", network=Network(), sleep=no_sleep
    )


def assets(server: GitHubServer) -> list[str]:
    return [asset["name"] for release in server.releases.releases for asset in release["assets"]]


def uploads(server: GitHubServer) -> int:
    return sum(
        request.method == "POST" and bool(re.search(UPLOADS, request.path))
        for request in server.requests
    )


def manifest_name(bundle: Bundle) -> str:
    return bundle.zip_name.replace(".zip", ".json")


def current_of(bundle: Bundle) -> Current:
    where = f"{bundle.zip_name} in release:models"
    return Current(manifest=bundle.digest, model=bundle.manifest.model.digest, where=where)


def test_the_release_is_made_at_the_models_commit_and_holds_the_bundle(
    server: GitHubServer, tmp_path: Path, old: Bundle, new: Bundle
) -> None:
    place = destination(server)
    assert place.current() is None
    assert old.zip_name in place.put(old, expected=None)
    (release,) = server.releases.releases
    assert (release["tag_name"], release["target_commitish"]) == ("models", "c" * 40)
    assert place.current() == current_of(old)
    place.put(new, expected=old.digest)
    assert place.current() == current_of(new)
    # Those before it stay.
    assert assets(server) == [
        name for bundle in (old, new) for name in (manifest_name(bundle), bundle.zip_name)
    ]
    for bundle, asset in zip((old, new), release["assets"][1::2], strict=True):
        path = tmp_path / bundle.zip_name
        path.write_bytes(server.releases.contents[asset["id"]])
        assert open_bundle(path, tmp_path / "store").digest == bundle.digest


def test_done_twice_it_is_done_once(server: GitHubServer, old: Bundle) -> None:
    place = destination(server)
    where = place.put(old, expected=None)
    before = uploads(server)
    assert place.put(old, expected=None) == where
    assert uploads(server) == before


def test_a_release_that_others_have_made_is_used(server: GitHubServer, old: Bundle) -> None:
    release = server.releases.add("models", target="main")
    server.releases.add_asset(release, "notes.txt", b"")
    place = destination(server)
    assert place.current() is None
    place.put(old, expected=None)
    assert place.current() == current_of(old)
    assert len(server.releases.releases) == 1


def test_what_came_between_is_not_followed(server: GitHubServer, old: Bundle, new: Bundle) -> None:
    place = destination(server)
    place.put(old, expected=None)
    for expected in (None, "sha256:" + "0" * 64):
        with pytest.raises(PromotionRefused, match=f"{old.manifest.model.digest} is in place"):
            place.put(new, expected=expected)
    assert place.current() == current_of(old)
    assert new.zip_name not in assets(server)


@pytest.mark.parametrize("left", ["manifest", "zip"])
def test_an_upload_that_was_killed_is_no_bundle_and_a_retry_completes_it(
    server: GitHubServer, old: Bundle, new: Bundle, left: str
) -> None:
    place = destination(server)
    place.put(old, expected=None)
    (release,) = server.releases.releases
    text = (new.folder / "manifest.json").read_bytes()
    if left == "manifest":
        server.releases.add_asset(release, manifest_name(new), text[:100], state="open")
    else:
        server.releases.add_asset(release, manifest_name(new), text)
        server.releases.add_asset(release, new.zip_name, b"PK", state="open")
    assert place.current() == current_of(old)
    place.put(new, expected=old.digest)
    assert place.current() == current_of(new)
    assert len(assets(server)) == 4


def test_an_upload_whose_answer_was_lost_is_not_made_twice(
    server: GitHubServer, old: Bundle
) -> None:
    server.fail("POST", UPLOADS, Fault(delivery=Delivery.NONE, carried_out=True), times=2)
    place = destination(server)
    place.put(old, expected=None)
    assert place.current() == current_of(old)
    assert uploads(server) == 2


def test_who_sees_another_promotion_when_its_own_is_whole_takes_its_own_away(
    server: GitHubServer, tmp_path: Path, old: Bundle, new: Bundle
) -> None:
    release = server.releases.add("models")

    def meanwhile() -> None:
        pack(old, tmp_path / "old.zip")
        text = (old.folder / "manifest.json").read_bytes()
        server.releases.add_asset(release, manifest_name(old), text)
        server.releases.add_asset(release, old.zip_name, (tmp_path / "old.zip").read_bytes())

    server.before("POST", UPLOADS, meanwhile)
    with pytest.raises(PromotionRefused, match="at the same moment"):
        destination(server).put(new, expected=None)
    assert destination(server).current() == current_of(old)
    assert new.zip_name not in assets(server)


def test_two_that_promote_the_same_bundle_at_once_are_both_done(
    server: GitHubServer, old: Bundle
) -> None:
    server.releases.add("models")
    server.before("POST", UPLOADS, lambda: destination(server).put(old, expected=None))
    destination(server).put(old, expected=None)
    assert assets(server) == [manifest_name(old), old.zip_name]


def test_a_release_goes_forward_only(server: GitHubServer, old: Bundle, new: Bundle) -> None:
    place = destination(server)
    place.put(old, expected=None)
    place.put(new, expected=old.digest)
    with pytest.raises(MlciError, match=f"below a newer one .*delete {new.zip_name}"):
        place.put(old, expected=new.digest)
    assert place.current() == current_of(new)


def test_a_release_without_a_commit_to_make_it_at_is_told(
    server: GitHubServer, tmp_path: Path
) -> None:
    bundle = make_bundle(tmp_path / "bundle", commit=None)
    with pytest.raises(MlciError, match="names no commit"):
        destination(server).put(bundle, expected=None)
    assert server.releases.releases == []


def without_it(release: dict[str, Any]) -> None:
    del release["assets"][0]


def half_of_it(release: dict[str, Any]) -> None:
    release["assets"][0]["state"] = "open"


@pytest.mark.parametrize("change", [without_it, half_of_it])
def test_a_bundle_without_its_manifest_beside_it_is_told(
    server: GitHubServer, old: Bundle, change: Callable[[dict[str, Any]], None]
) -> None:
    place = destination(server)
    place.put(old, expected=None)
    change(server.releases.releases[0])
    with pytest.raises(BundleError, match="but not its manifest"):
        place.current()


@pytest.mark.parametrize("text", [b"{}", b'{"verdict": "pass"}', b"\xff"])
def test_a_manifest_that_was_exchanged_is_not_believed(
    server: GitHubServer, old: Bundle, text: bytes
) -> None:
    place = destination(server)
    place.put(old, expected=None)
    server.releases.contents[server.releases.releases[0]["assets"][0]["id"]] = text
    with pytest.raises(MlciError, match="cannot be downloaded"):
        place.current()


def test_the_manifest_of_another_bundle_is_not_taken_for_its_own(
    server: GitHubServer, old: Bundle, new: Bundle
) -> None:
    place = destination(server)
    place.put(old, expected=None)
    (release,) = server.releases.releases
    del release["assets"][0]
    text = (new.folder / "manifest.json").read_bytes()
    server.releases.add_asset(release, manifest_name(old), text)
    with pytest.raises(BundleError, match="is not the manifest of"):
        place.current()


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(delivery=Delivery.HALF)])
def test_a_manifest_that_cannot_be_downloaded_is_told_without_its_signature(
    server: GitHubServer, old: Bundle, fault: Fault
) -> None:
    place = destination(server)
    place.put(old, expected=None)
    server.storage.fail(fault, times=9)
    with pytest.raises(MlciError, match="cannot be downloaded") as caught:
        place.current()
    assert "signature" not in str(caught.value)


def test_a_token_that_may_not_write_is_told_what_it_needs(old: Bundle) -> None:
    with GitHubServer(read_only=True) as server, pytest.raises(GitHubError) as caught:
        destination(server).put(old, expected=None)
    assert "contents: write" in caught.value.hint
    assert TOKEN not in str(caught.value)
