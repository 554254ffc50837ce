from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from mlci_action.adapters.bundles import Bundle, open_bundle
from mlci_action.adapters.destinations.destination import Current, PromotionRefused
from mlci_action.adapters.destinations.object_store import ObjectStoreDestination
from mlci_action.errors import BundleError, MlciError
from tests.builders_bundle import make_bundle

URL = "memory://models/risk"


@pytest.fixture(autouse=True)
def store() -> Iterator[MemoryFileSystem]:
    """The memory of this process, empty."""
    filesystem = fsspec.filesystem("memory")
    filesystem.store.clear()
    filesystem.pseudo_dirs[:] = [""]
    yield filesystem
    filesystem.store.clear()


@pytest.fixture
def old(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "old", model=b"the old model")


@pytest.fixture
def new(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "new", model=b"the new model")


def test_a_zip_lies_in_the_store_and_the_pointer_names_it(
    tmp_path: Path, store: MemoryFileSystem, old: Bundle, new: Bundle
) -> None:
    place = ObjectStoreDestination(f"{URL}/")
    assert place.current() is None
    assert place.put(old, expected=None) == f"{URL}/{old.zip_name}"
    assert place.put(new, expected=old.digest) == f"{URL}/{new.zip_name}"
    assert json.loads(store.cat_file(f"{URL}/promoted.json")) == {
        "version": 1,
        "bundle": new.zip_name,
        "manifest": new.digest,
        "model": new.manifest.model.digest,
    }
    for bundle in (old, new):
        (tmp_path / bundle.zip_name).write_bytes(store.cat_file(f"{URL}/{bundle.zip_name}"))
        assert open_bundle(tmp_path / bundle.zip_name, tmp_path / "store").digest == bundle.digest
    assert place.current() == Current(
        manifest=new.digest, model=new.manifest.model.digest, where=f"{URL}/{new.zip_name}"
    )


def test_done_twice_it_is_done_once(
    old: Bundle, store: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ObjectStoreDestination(URL)
    place.put(old, expected=None)
    monkeypatch.setattr(MemoryFileSystem, "pipe_file", None)
    monkeypatch.setattr(MemoryFileSystem, "put_file", None)
    assert place.put(old, expected=None) == f"{URL}/{old.zip_name}"


def test_what_came_between_is_not_overwritten(old: Bundle, new: Bundle) -> None:
    place = ObjectStoreDestination(URL)
    place.put(old, expected=None)
    with pytest.raises(PromotionRefused, match="by now"):
        place.put(new, expected=None)
    found = place.current()
    assert found is not None
    assert found.manifest == old.digest


@pytest.mark.parametrize("step", ["put_file", "pipe_file"])
def test_ended_at_any_step_the_old_state_is_whole_and_a_retry_completes_it(
    old: Bundle, new: Bundle, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    place = ObjectStoreDestination(URL)
    place.put(old, expected=None)
    before = place.current()
    with monkeypatch.context() as patch:

        def cut(*_: object, **__: object) -> None:
            raise ConnectionResetError(104, "Connection reset by peer")

        patch.setattr(MemoryFileSystem, step, cut)
        with pytest.raises(MlciError, match=r"cannot promote to memory://models/risk: .*reset"):
            place.put(new, expected=old.digest)
    assert place.current() == before
    place.put(new, expected=old.digest)
    found = place.current()
    assert found is not None
    assert found.manifest == new.digest


def test_who_is_overwritten_while_it_writes_is_told(
    tmp_path: Path,
    old: Bundle,
    new: Bundle,
    store: MemoryFileSystem,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ObjectStoreDestination(f"{URL}/other").put(old, expected=None)
    theirs = store.cat_file(f"{URL}/other/promoted.json")
    store.cp_file(f"{URL}/other/{old.zip_name}", f"{URL}/{old.zip_name}")
    write = MemoryFileSystem.pipe_file

    def overtaken(self: MemoryFileSystem, path: str, value: bytes, **more: object) -> None:
        write(self, path, value, **more)
        write(self, path, theirs)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", overtaken)
    with pytest.raises(PromotionRefused, match="by now"):
        ObjectStoreDestination(URL).put(new, expected=None)


class Refused(OSError):
    """As the clients of S3 tell it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class SmallS3(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Speaks S3 in so far as it has an opinion on conditions."""

    protocol = ("s3", "s3a")
    code = ""

    def pipe_file(self, path: str, value: bytes, **conditions: str) -> None:
        if conditions:
            raise Refused(self.code)
        super().pipe_file(path, value)


def test_a_store_that_speaks_s3_without_conditions_takes_the_pointer_all_the_same(
    old: Bundle, new: Bundle
) -> None:
    store = SmallS3(skip_instance_cache=True)
    store.code = "NotImplemented"
    place = ObjectStoreDestination("/models", store=store)
    place.put(old, expected=None)
    place.put(new, expected=old.digest)
    found = place.current()
    assert found is not None
    assert found.manifest == new.digest


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("PreconditionFailed", PromotionRefused),
        ("ConditionalRequestConflict", PromotionRefused),
        ("AccessDenied", MlciError),
    ],
)
def test_a_store_that_refuses_the_pointer_keeps_the_one_it_has(
    old: Bundle, code: str, kind: type[MlciError]
) -> None:
    store = SmallS3(skip_instance_cache=True)
    store.code = code
    place = ObjectStoreDestination("/models", store=store)
    with pytest.raises(MlciError) as caught:
        place.put(old, expected=None)
    assert type(caught.value) is kind
    assert place.current() is None


@pytest.mark.parametrize("text", [b"{", b"[]", b"x" * 5000, b"\xff"])
def test_a_pointer_that_names_nothing_is_an_error_and_not_an_empty_place(
    store: MemoryFileSystem, old: Bundle, text: bytes
) -> None:
    store.pipe_file(f"{URL}/promoted.json", text)
    place = ObjectStoreDestination(URL)
    with pytest.raises(BundleError, match=r"promoted\.json in memory"):
        place.current()
    with pytest.raises(BundleError):
        place.put(old, expected=None)


def test_a_bundle_that_somebody_removed_is_told(store: MemoryFileSystem, old: Bundle) -> None:
    place = ObjectStoreDestination(URL)
    place.put(old, expected=None)
    store.rm_file(f"{URL}/{old.zip_name}")
    with pytest.raises(BundleError, match="which is not there"):
        place.current()


def test_a_store_whose_library_is_not_there_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(MlciError, match=r"gs:// needs gcsfs \(pip install fsspec gcsfs\)"):
        ObjectStoreDestination("gs://bucket/models")


def test_a_password_in_the_address_is_shown_to_nobody(
    old: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "memory://user:hunter2@models/risk?sig=hunter2"
    place = ObjectStoreDestination(url)

    def cut(*_: object, **__: object) -> None:
        raise OSError(f"cannot reach {url}")

    monkeypatch.setattr(MemoryFileSystem, "put_file", cut)
    with pytest.raises(MlciError) as caught:
        place.put(old, expected=None)
    assert "hunter2" not in str(caught.value)
    assert "memory://models/risk" in str(caught.value)
