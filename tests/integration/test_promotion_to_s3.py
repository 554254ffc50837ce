"""Is a model promoted to a real S3 once, and never over one that came between?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import s3fs
from fsspec import AbstractFileSystem

from mlci_action.adapters.bundles import open_bundle
from mlci_action.adapters.destinations.destination import PromotionRefused
from mlci_action.adapters.destinations.object_store import ObjectStoreDestination
from tests.builders_bundle import make_bundle
from tests.fakes.servers import S3Server

pytestmark = pytest.mark.xdist_group("s3")


@pytest.fixture
def store(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> AbstractFileSystem:
    """A client of the server."""
    for name, value in s3_server.environ.items():
        monkeypatch.setenv(name, value)
    return s3fs.S3FileSystem(endpoint_url=s3_server.url, skip_instance_cache=True)


def at(store: AbstractFileSystem, place: str) -> ObjectStoreDestination:
    return ObjectStoreDestination(f"s3://{place}", store=store)


def test_a_model_is_promoted_and_then_the_one_that_follows_it(
    tmp_path: Path, s3_server: S3Server, store: AbstractFileSystem
) -> None:
    place = f"{s3_server.make_bucket('follows')}/models/risk"
    old = make_bundle(tmp_path / "old", model=b"old")
    new = make_bundle(tmp_path / "new", model=b"new")
    destination = at(store, place)
    assert destination.current() is None
    destination.put(old, expected=None)
    destination.put(old, expected=None)
    where = destination.put(new, expected=old.digest)
    assert where == f"s3://{place}/{new.zip_name}"
    found = at(store, place).current()
    assert found is not None
    assert (found.manifest, found.model) == (new.digest, new.manifest.model.digest)
    names = {name.rpartition("/")[2] for name in store.ls(place)}
    assert names == {old.zip_name, new.zip_name, "promoted.json"}
    store.get_file(f"{place}/{new.zip_name}", str(tmp_path / new.zip_name))
    assert open_bundle(tmp_path / new.zip_name, tmp_path / "store").digest == new.digest


@pytest.mark.parametrize("there", [False, True], ids=["nothing there", "one there"])
def test_the_store_itself_refuses_the_slower_of_two(
    tmp_path: Path,
    s3_server: S3Server,
    store: AbstractFileSystem,
    monkeypatch: pytest.MonkeyPatch,
    *,
    there: bool,
) -> None:
    place = f"{s3_server.make_bucket('slower')}/{there}"
    first, other, new = (
        make_bundle(tmp_path / name, model=name.encode()) for name in ("first", "other", "new")
    )
    expected = None
    if there:
        at(store, place).put(first, expected=None)
        expected = first.digest
    write: Callable[..., object] = store.pipe_file

    def overtaken(path: str, value: bytes, **conditions: str) -> None:
        # Between the last look and the write, when only the store can tell.
        monkeypatch.setattr(store, "pipe_file", write)
        at(store, place).put(other, expected=expected)
        write(path, value, **conditions)

    monkeypatch.setattr(store, "pipe_file", overtaken)
    with pytest.raises(PromotionRefused, match=f"{other.manifest.model.digest} is in place"):
        at(store, place).put(new, expected=expected)
    found = at(store, place).current()
    assert found is not None
    assert found.manifest == other.digest
