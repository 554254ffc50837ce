"""What is in a release, and how does a file get into one? Whole, once, and to no other host."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlci_action.adapters.github_http import AnswerLost, GitHubHttp, Upload
from mlci_action.adapters.github_releases import GitHubReleases, Release
from mlci_action.errors import GitHubError
from tests.fakes.github_answers import REPOSITORY
from tests.fakes.github_faults import Delivery, Fault
from tests.fakes.github_server import TOKEN, GitHubServer

COMMIT = "c" * 40
ASSETS = r"releases/\d+/assets"
ZIP = "application/zip"


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer() as server:
        yield server
        assert server.violations == []
        assert server.storage.with_token == []


def no_sleep(_seconds: float) -> None:
    """Time does not matter here."""


def releases(server: GitHubServer) -> GitHubReleases:
    return GitHubReleases(GitHubHttp(server.url, TOKEN, sleep=no_sleep), REPOSITORY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.zip"
    path.write_bytes(b"a bundle" * 1000)
    return path


def names(api: GitHubReleases, release: Release) -> list[str]:
    return [asset.name for asset in api.list_assets(release)]


def test_a_release_is_made_once_and_found_by_its_tag(server: GitHubServer) -> None:
    api = releases(server)
    assert api.get_release("models/v1") is None
    made = api.create_release("models/v1", COMMIT, text="The model in production.")
    assert made == api.get_release("models/v1") == api.get_release()
    assert (made.tag, made.target) == ("models/v1", COMMIT)
    assert api.create_release("models/v1", "d" * 40) == made
    assert [release["target_commitish"] for release in server.releases.releases] == [COMMIT]


def test_a_release_whose_answer_was_lost_is_not_made_twice(server: GitHubServer) -> None:
    server.fail("POST", "releases$", Fault(delivery=Delivery.NONE, carried_out=True))
    made = releases(server).create_release("v1", COMMIT)
    assert [release["id"] for release in server.releases.releases] == [made.id]


def test_a_file_is_uploaded_whole_and_only_once(server: GitHubServer, file: Path) -> None:
    api = releases(server)
    release = api.create_release("v1", COMMIT)
    made = api.upload_asset(release, "bundle.zip", file, ZIP)
    assert server.releases.contents[made.id] == file.read_bytes()
    assert made.digest == f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
    assert api.upload_asset(release, "bundle.zip", file, ZIP) == made
    (upload,) = [request for request in server.requests if request.path.endswith("/assets")
                 and request.method == "POST"]  # fmt: skip
    assert upload.headers["Content-Type"] == ZIP
    assert upload.headers["Content-Length"] == str(file.stat().st_size)


def test_a_file_of_that_name_with_other_bytes_is_never_overwritten(
    server: GitHubServer, file: Path
) -> None:
    api = releases(server)
    release = api.create_release("v1", COMMIT)
    api.upload_asset(release, "bundle.zip", file, ZIP)
    file.write_bytes(b"another one")
    with pytest.raises(GitHubError, match=r"the release has another bundle\.zip"):
        api.upload_asset(release, "bundle.zip", file, ZIP)
    assert names(api, release) == ["bundle.zip"]


def test_what_an_upload_left_that_broke_off_is_replaced(server: GitHubServer, file: Path) -> None:
    api = releases(server)
    release = api.create_release("v1", COMMIT)
    server.releases.add_asset(server.releases.releases[0], "bundle.zip", b"a b", state="open")
    made = api.upload_asset(release, "bundle.zip", file, ZIP)
    assert made.is_whole
    assert names(api, release) == ["bundle.zip"]


@pytest.mark.parametrize("carried_out", [True, False])
def test_an_upload_whose_answer_was_lost_is_looked_up_before_it_is_repeated(
    server: GitHubServer, file: Path, *, carried_out: bool
) -> None:
    api = releases(server)
    release = api.create_release("v1", COMMIT)
    server.fail("POST", ASSETS, Fault(status=502, carried_out=carried_out))
    made = api.upload_asset(release, "bundle.zip", file, ZIP)
    assert server.releases.contents[made.id] == file.read_bytes()
    posts = [one for one in server.requests if one.method == "POST" and "assets" in one.path]
    assert len(posts) == (1 if carried_out else 2)


def test_an_upload_that_never_gets_through_ends(server: GitHubServer, file: Path) -> None:
    api = releases(server)
    release = api.create_release("v1", COMMIT)
    server.fail("POST", ASSETS, Fault(status=502), times=9)
    with pytest.raises(AnswerLost, match="502"):
        api.upload_asset(release, "bundle.zip", file, ZIP)


def test_an_upload_to_another_host_is_refused_before_the_token_is_sent(
    server: GitHubServer, file: Path
) -> None:
    api = releases(server)
    made = api.create_release("v1", COMMIT)
    elsewhere = f"{server.storage.url}/assets{{?name,label}}"
    bent = Release(id=made.id, tag=made.tag, target=made.target, upload_url=elsewhere, url=made.url)
    with pytest.raises(GitHubError, match="where the token must not go"):
        api.upload_asset(bent, "bundle.zip", file, ZIP)
    assert server.storage.asked == []


@pytest.mark.parametrize(
    ("api", "there", "allowed"),
    [
        ("https://api.github.com", "https://uploads.github.com/x", True),
        ("https://api.octo.ghe.com", "https://uploads.octo.ghe.com/x", True),
        ("https://git.octo.org/api/v3", "https://git.octo.org/api/uploads/x", True),
        ("https://api.github.com", "http://uploads.github.com/x", False),
        ("https://api.github.com", "https://uploads.github.com.evil.org/x", False),
        ("https://api.github.com", "https://uploads.github.com:8443/x", False),
        ("https://git.octo.org/api/v3", "https://uploads.octo.org/x", False),
    ],
)
def test_files_go_to_the_apis_own_host_or_its_sibling(
    api: str, there: str, *, allowed: bool
) -> None:
    http = GitHubHttp(api, TOKEN)
    if allowed:
        assert http.upload_origin(there) == there
        return
    with pytest.raises(GitHubError, match="where the token must not go"):
        http.upload_origin(there)


def test_a_token_that_may_not_write_is_told_what_it_needs(tmp_path: Path, file: Path) -> None:
    with GitHubServer(read_only=True) as server:
        api = releases(server)
        release = server.releases.add("v1")
        found = api.get_release("v1")
        assert found is not None
        asset = server.releases.add_asset(release, "old.zip", b"old")
        for write in (
            lambda: api.create_release("v2", COMMIT),
            lambda: api.upload_asset(found, "bundle.zip", file, ZIP),
            lambda: api.delete_asset(api.list_assets(found)[0]),
        ):
            with pytest.raises(GitHubError, match="contents: write") as caught:
                write()
            assert TOKEN not in str(caught.value)
        assert release["assets"] == [asset]


def test_a_pointer_is_switched_by_deleting_and_renaming(server: GitHubServer, file: Path) -> None:
    api = releases(server)
    release = api.create_release("v1", COMMIT)
    old = api.upload_asset(release, "promoted.json", file, "application/json")
    file.write_bytes(b"{}")
    new = api.upload_asset(release, "promoted.next.json", file, "application/json")
    api.delete_asset(old)
    api.delete_asset(old)
    assert api.rename_asset(new, "promoted.json").name == "promoted.json"
    assert names(api, release) == ["promoted.json"]


@pytest.mark.parametrize("name", ["a b.zip", ".hidden", "../x", "x/y", "", "x?name=y"])
def test_a_name_that_github_would_change_is_refused(
    server: GitHubServer, file: Path, name: str
) -> None:
    api = releases(server)
    release = api.create_release("v1", COMMIT)
    with pytest.raises(GitHubError, match="is no name for a file of a release"):
        api.upload_asset(release, name, file, ZIP)


@pytest.mark.parametrize("content", [b"", None])
def test_a_file_that_cannot_be_an_asset_is_refused(
    server: GitHubServer, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    api = releases(server)
    release = api.create_release("v1", COMMIT)
    with pytest.raises(GitHubError, match=r"cannot be read|has 0 bytes"):
        api.upload_asset(release, "x.zip", path, ZIP)


def test_files_are_listed_over_all_pages(server: GitHubServer) -> None:
    release = server.releases.add("v1")
    for number in range(105):
        server.releases.add_asset(release, f"m-{number}.joblib", b"x")
    api = releases(server)
    found = api.get_release("v1")
    assert found is not None
    assert len(names(api, found)) == 105


def test_what_is_no_file_of_a_release_is_told(server: GitHubServer) -> None:
    release = server.releases.add("v1")
    found = releases(server).get_release("v1")
    assert found is not None
    del server.releases.add_asset(release, "m.joblib", b"x")["name"]
    with pytest.raises(GitHubError, match="not a file of a release"):
        releases(server).list_assets(found)
    # The stand-in knows that GitHub would not say so.
    server.violations.clear()


def test_an_upload_is_read_anew_for_every_try(server: GitHubServer, file: Path) -> None:
    """A rate limit is met after the body was sent; the second try must send all of it again."""
    http = GitHubHttp(server.url, TOKEN, sleep=no_sleep)
    release = releases(server).create_release("v1", COMMIT)
    server.fail("POST", ASSETS, Fault(status=429, headers={"Retry-After": "1"}))
    address = release.upload_url.partition("{")[0] + "?name=x.zip"
    answer = http.send("POST", address, Upload(path=file, content_type=ZIP))
    assert server.releases.contents[answer.value["id"]] == file.read_bytes()
