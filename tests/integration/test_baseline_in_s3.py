"""What was promoted to a real S3 is taken back as the baseline; no trouble is taken for none."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mlci_action.adapters.baseline_sources.dvc import take_as_of
from mlci_action.adapters.baseline_sources.store import take
from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.bundles import open_bundle
from mlci_action.adapters.destinations.object_store import ObjectStoreDestination
from mlci_action.adapters.github_event import Change
from mlci_action.domain.sources import DvcSource, StoreSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown
from tests.builders_bundle import make_bundle
from tests.fakes.door import Door
from tests.fakes.servers import S3Server

s3fs = pytest.importorskip("s3fs")
pytestmark = pytest.mark.xdist_group("s3")


@pytest.fixture(autouse=True)
def clean() -> None:
    """No client of an earlier test, which would keep its server."""
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def server(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The server, as a job is told of it: by its environment."""
    for name, value in {**s3_server.environ, "AWS_ENDPOINT_URL": s3_server.url}.items():
        monkeypatch.setenv(name, value)
    return s3_server


def place(folder: Path) -> Place:
    return Place(folder=folder, store=folder / "store", environ={}, change=Change())


def taken(folder: Path, url: str) -> Taken:
    return take(StoreSource(url=url), place(folder))


def test_what_was_promoted_is_taken_back(tmp_path: Path, server: S3Server) -> None:
    url = f"s3://{server.make_bucket('taken-back')}/models/risk"
    old, new = (make_bundle(tmp_path / name, model=name.encode()) for name in ("old", "new"))
    ObjectStoreDestination(url).put(old, expected=None)
    ObjectStoreDestination(url).put(new, expected=old.digest)
    found = taken(tmp_path, url)
    assert found.manifest == new.digest
    assert found.origin == f"{url}/{new.zip_name}"
    assert found.modified is not None
    bundle = open_bundle(found.path, tmp_path / "opened")
    assert bundle.digest == new.digest
    assert bundle.model.read_bytes() == b"new"


def test_a_file_and_the_newest_of_a_glob_are_taken(tmp_path: Path, server: S3Server) -> None:
    bucket = server.make_bucket("files")
    store = s3fs.S3FileSystem()
    store.pipe_file(f"{bucket}/m/a.joblib", b"first")
    store.pipe_file(f"{bucket}/m/a.other", b"other")
    assert taken(tmp_path, f"s3://{bucket}/m/a.joblib").path.read_bytes() == b"first"
    assert taken(tmp_path, f"s3://{bucket}/m/*.joblib").path.read_bytes() == b"first"


def test_a_bucket_has_none_yet_or_is_not_there(tmp_path: Path, server: S3Server) -> None:
    bucket = server.make_bucket("empty")
    for url in (f"s3://{bucket}", f"s3://{bucket}/models/", f"s3://{bucket}/models/m.joblib"):
        with pytest.raises(BaselineMissing, match="nothing is at") as told:
            taken(tmp_path, url)
        assert not isinstance(told.value, BaselineUnknown)
    for url in ("s3://not-there", "s3://not-there/models/m.joblib", "s3://not-there/m/*.joblib"):
        with pytest.raises(BaselineUnknown, match="there is no bucket 'not-there'"):
            taken(tmp_path, url)


def test_without_a_login_nobody_can_look(
    tmp_path: Path, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = server.make_bucket("login")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(BaselineError, match=r"refused|cannot be reached") as told:
        taken(tmp_path, f"s3://{bucket}/m.joblib")
    assert type(told.value) in (BaselineError, BaselineUnknown)


def test_a_server_that_is_not_there_is_not_an_empty_one(
    tmp_path: Path, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Door(server.url) as door:
        gone = door.url
    monkeypatch.setenv("AWS_ENDPOINT_URL", gone)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    with pytest.raises(BaselineUnknown, match="cannot be reached") as told:
        taken(tmp_path, "s3://bucket/m.joblib")
    assert "stand-in-secret" not in str(told.value)


def test_a_download_that_breaks_off_is_gone_on_with(
    tmp_path: Path, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, content = server.make_bucket("breaks"), bytes(range(256)) * 40_000
    s3fs.S3FileSystem().pipe_file(f"{bucket}/m.joblib", content)
    s3fs.S3FileSystem.clear_instance_cache()
    with Door(server.url) as door:
        monkeypatch.setenv("AWS_ENDPOINT_URL", door.url)
        door.shut_after(3 << 20, way="out")
        forget, fell = s3fs.S3FileSystem.invalidate_cache, []

        def opened_again(*arguments: object) -> None:
            # Called before each further try.
            if door.is_shut:
                fell.append(True)
                door.open()
            forget(*arguments)

        monkeypatch.setattr(s3fs.S3FileSystem, "invalidate_cache", opened_again)
        monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
        assert taken(tmp_path, f"s3://{bucket}/m.joblib").path.read_bytes() == content
        assert fell


def test_a_remote_of_dvc_is_asked_at_the_endpoint_that_it_names(
    tmp_path: Path, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, md5 = server.make_bucket("dvc"), hashlib.md5(b"m", usedforsecurity=False).hexdigest()
    s3fs.S3FileSystem().pipe_file(f"{bucket}/kept/files/md5/{md5[:2]}/{md5[2:]}", b"m")
    s3fs.S3FileSystem.clear_instance_cache()
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    config = f"""[core]
    remote = s
['remote "s"']
    url = s3://{bucket}/kept
    endpointurl = {server.url}
"""
    files = {
        ".dvc/config": config.encode(),
        "m.dvc": f"outs:\n- md5: {md5}\n  hash: md5\n  path: m\n".encode(),
        "n.dvc": f"outs:\n- md5: {'0' * 32}\n  hash: md5\n  path: n\n".encode(),
    }
    found = take_as_of(DvcSource(path="m"), place(tmp_path), read=files.get)
    assert found.path.read_bytes() == b"m"
    with pytest.raises(BaselineError, match="has no object"):
        take_as_of(DvcSource(path="n"), place(tmp_path), read=files.get)
