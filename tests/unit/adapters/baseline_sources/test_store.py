"""A baseline in an object store: what is there, what is not, and what nobody could tell."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from mlci_action.adapters.baseline_sources.store import Store, take
from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.bundles import open_bundle
from mlci_action.adapters.destinations.object_store import ObjectStoreDestination
from mlci_action.adapters.github_event import Change
from mlci_action.domain.sources import StoreSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown
from tests.builders_bundle import make_bundle

URL = "memory://models/risk"
CONTENT = os.urandom(3 << 20)


class FrailFileSystem(MemoryFileSystem):  # type: ignore[misc]
    """A memory whose connections break after `breaks` bytes each, or end early (-1)."""

    protocol = "frail"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    breaks: ClassVar[list[float]] = []
    opened: ClassVar[list[int]] = []

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("frail://", "memory://")))

    def _open(self, path: str, mode: str = "rb", **known: object) -> io.BytesIO:
        if mode != "rb":
            written: io.BytesIO = super()._open(path, mode, **known)
            return written
        whole = super()._open(path, mode).getvalue()
        limit = self.breaks.pop(0) if self.breaks else float("inf")
        return _Frail(whole, limit, self.opened)


class _Frail(io.BytesIO):
    def __init__(self, content: bytes, limit: float, opened: list[int]) -> None:
        super().__init__(content)
        self._left, self._opened = limit, opened

    def read(self, size: int | None = -1) -> bytes:
        if self._left < 0:
            return b""
        self._opened.append(self.tell())
        data = super().read(size)
        if len(data) > self._left:
            raise ConnectionResetError
        self._left -= len(data)
        return data


@pytest.fixture(autouse=True)
def memory() -> Iterator[MemoryFileSystem]:
    """The memory of this process, empty."""
    fsspec.register_implementation("frail", FrailFileSystem, clobber=True)
    filesystem = fsspec.filesystem("memory")
    for one in (MemoryFileSystem, FrailFileSystem):
        one.store.clear()
        one.pseudo_dirs[:] = [""]
    FrailFileSystem.breaks, FrailFileSystem.opened = [], []
    yield filesystem
    MemoryFileSystem.store.clear()


@pytest.fixture
def frail() -> FrailFileSystem:
    filesystem: FrailFileSystem = fsspec.filesystem("frail")
    filesystem.pipe_file("/models/m", CONTENT)
    FrailFileSystem.opened.clear()
    return filesystem


def taken(folder: Path, url: str = URL) -> Taken:
    place = Place(folder=folder, store=folder / "store", environ={}, change=Change())
    return take(StoreSource(url=url), place)


def is_missing(error: BaselineError) -> bool:
    """Whether it says that there is none, for certain."""
    return isinstance(error, BaselineMissing) and not isinstance(error, BaselineUnknown)


def test_a_file_comes_with_its_name_and_its_time(tmp_path: Path, memory: MemoryFileSystem) -> None:
    memory.pipe_file(f"{URL}/model.joblib", b"model")
    found = taken(tmp_path, f"{URL}/model.joblib")
    assert found.path.read_bytes() == b"model"
    assert found.path.name == "model.joblib"
    assert found.origin == f"{URL}/model.joblib"
    assert found.modified is not None
    assert datetime.fromisoformat(found.modified).tzinfo == UTC
    assert found.manifest is None


def test_of_a_glob_the_newest_is_taken(tmp_path: Path, memory: MemoryFileSystem) -> None:
    for day, name in ((3, "a"), (9, "b"), (5, "c")):
        memory.pipe_file(f"{URL}/{name}.joblib", name.encode())
        memory.store[f"/models/risk/{name}.joblib"].created = datetime(2026, 1, day, tzinfo=UTC)
    memory.pipe_file(f"{URL}/d.joblib/inside", b"no file")
    assert taken(tmp_path, f"{URL}/*.joblib").path.read_bytes() == b"b"


@pytest.mark.parametrize("url", [URL, f"{URL}/"])
def test_what_was_promoted_is_taken_with_the_manifest_that_it_must_have(
    tmp_path: Path, url: str
) -> None:
    for name in ("old", "new"):
        bundle = make_bundle(tmp_path / name, model=name.encode())
        destination = ObjectStoreDestination(URL)
        current = destination.current()
        destination.put(bundle, expected=current.manifest if current else None)
    found = taken(tmp_path, url)
    assert found.manifest == bundle.digest
    assert found.path.name == bundle.zip_name
    assert open_bundle(found.path, tmp_path / "opened").model.read_bytes() == b"new"


def test_a_pointer_to_nothing_is_an_error_not_a_first_model(
    tmp_path: Path, memory: MemoryFileSystem
) -> None:
    bundle = make_bundle(tmp_path / "b")
    ObjectStoreDestination(URL).put(bundle, expected=None)
    memory.rm_file(f"{URL}/{bundle.zip_name}")
    with pytest.raises(BaselineError, match=f"names {bundle.zip_name}, which is not there") as told:
        taken(tmp_path)
    assert not isinstance(told.value, BaselineMissing)


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b" " * 5000, json.dumps({"version": 1, "bundle": "../x", "manifest": "sha256:"})],
)
def test_a_pointer_that_was_changed_is_an_error(
    tmp_path: Path, memory: MemoryFileSystem, text: bytes | str
) -> None:
    memory.pipe_file(f"{URL}/promoted.json", text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BaselineError, match=r"promoted\.json at memory://models/risk") as told:
        taken(tmp_path)
    assert not isinstance(told.value, BaselineMissing)


def test_nothing_is_missing_and_says_how_to_promote(tmp_path: Path) -> None:
    for url in (f"{URL}/model.joblib", f"{URL}/", f"{URL}/*.joblib"):
        with pytest.raises(BaselineMissing, match=r"nothing is at") as told:
            taken(tmp_path, url)
        assert is_missing(told.value)
        assert "mlci promote" in told.value.hint


def test_a_folder_without_a_pointer_is_an_error_unless_it_is_meant(
    tmp_path: Path, memory: MemoryFileSystem
) -> None:
    memory.pipe_file(f"{URL}/other", b"")
    with pytest.raises(BaselineError, match="a folder to which nothing was promoted") as told:
        taken(tmp_path)
    assert not isinstance(told.value, BaselineMissing)
    with pytest.raises(BaselineMissing) as missing:
        taken(tmp_path, f"{URL}/")
    assert is_missing(missing.value)


def test_a_file_that_is_too_large_is_not_begun(
    tmp_path: Path, memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.pipe_file(f"{URL}/m", b"model")
    info = memory.info
    monkeypatch.setattr(MemoryFileSystem, "info", lambda _, path: {**info(path), "size": 5 * 2**30})
    with pytest.raises(BaselineError, match="more than the"):
        taken(tmp_path, f"{URL}/m")
    assert not any((tmp_path / "store").iterdir())


@pytest.mark.usefixtures("frail")
def test_a_connection_that_breaks_is_gone_on_with(tmp_path: Path) -> None:
    FrailFileSystem.breaks = [1 << 20, 1 << 20]
    assert taken(tmp_path, "frail://models/m").path.read_bytes() == CONTENT
    starts = [0, 1 << 20]
    assert FrailFileSystem.opened == [*starts, 1 << 20, 2 << 20, 2 << 20, 3 << 20]


@pytest.mark.usefixtures("frail")
def test_an_end_that_comes_early_is_no_end(tmp_path: Path) -> None:
    FrailFileSystem.breaks = [-1]
    assert taken(tmp_path, "frail://models/m").path.read_bytes() == CONTENT


def test_another_file_under_the_same_name_is_begun_anew(
    tmp_path: Path, frail: FrailFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    FrailFileSystem.breaks = [1 << 20]
    new = CONTENT[::-1]
    monkeypatch.setattr(
        FrailFileSystem, "invalidate_cache", lambda *_: frail.pipe_file("/models/m", new)
    )
    path = Store.at("frail://models/m").bring("/models/m", tmp_path / "m")
    assert path.read_bytes() == new


@pytest.mark.usefixtures("frail")
def test_what_never_comes_whole_leaves_nothing_and_nobody_could_look(tmp_path: Path) -> None:
    FrailFileSystem.breaks = [0] * 10
    with pytest.raises(BaselineUnknown, match="cannot be reached: ConnectionResetError"):
        taken(tmp_path, "frail://models/m")
    assert len(FrailFileSystem.opened) == 4
    assert list((tmp_path / "store").iterdir()) == []


@pytest.mark.parametrize(
    ("trouble", "kind", "said"),
    [
        (ConnectionError("no way"), BaselineUnknown, "cannot be reached: no way"),
        (ValueError(f"{URL}/m?sig=secret"), BaselineUnknown, "cannot be reached"),
        (OSError("GET https://u:secret@host/m?a=1&sig=secret: 400"), BaselineUnknown, "host/m"),
        (PermissionError("secret"), BaselineError, "access is refused"),
        (ImportError("secret"), BaselineUnknown, "is not installed"),
        (RuntimeError(""), BaselineUnknown, "cannot be reached: RuntimeError"),
    ],
    ids=["connection", "value", "signed", "permission", "import", "nameless"],
)
def test_trouble_is_never_taken_for_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Exception,
    kind: type[BaselineError],
    said: str,
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise trouble

    def none(*_: object, **__: object) -> None:
        raise FileNotFoundError

    for broken in ("open", "info"):
        # Whichever of the questions meets it: the first, or one after an answer.
        monkeypatch.setattr(MemoryFileSystem, "open", none)
        monkeypatch.setattr(MemoryFileSystem, broken, fails)
        with pytest.raises(BaselineError, match=said) as told:
            taken(tmp_path, f"{URL}/m")
        assert type(told.value) is kind
        assert "secret" not in str(told.value)


@pytest.mark.parametrize("hidden", ["", "/promoted.json"], ids=["folder", "pointer"])
def test_a_login_that_sees_less_than_all_takes_what_it_may_read(
    tmp_path: Path, memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch, hidden: str
) -> None:
    """A store that may not be listed refuses what is not there."""
    bundle = make_bundle(tmp_path / "b")
    place = f"{URL}/m" if hidden else URL
    if hidden:
        memory.pipe_file(place, b"model")
    else:
        ObjectStoreDestination(URL).put(bundle, expected=None)
    path = f"{place.removeprefix('memory:/')}{hidden}"

    def refusing(question: Callable[..., Any]) -> Callable[..., Any]:
        def asked(self: MemoryFileSystem, name: str, *rest: object, **known: object) -> object:
            if self._strip_protocol(name) == path:
                raise PermissionError
            return question(self, name, *rest, **known)

        return asked

    for name in ("info", "open"):
        monkeypatch.setattr(MemoryFileSystem, name, refusing(getattr(MemoryFileSystem, name)))
    expected = b"model" if hidden else (tmp_path / "store" / bundle.zip_name)
    found = taken(tmp_path, place).path
    assert expected == (found.read_bytes() if hidden else found)


def test_a_full_disk_is_told_of(tmp_path: Path, memory: MemoryFileSystem) -> None:
    memory.pipe_file(f"{URL}/m", b"model")
    (tmp_path / "store").write_text("no folder")
    with pytest.raises(BaselineError, match="cannot be stored") as told:
        taken(tmp_path, f"{URL}/m")
    assert not isinstance(told.value, BaselineMissing)


def test_a_library_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(url: str) -> None:
        raise ImportError(url)

    monkeypatch.setattr(fsspec.core, "url_to_fs", absent)
    with pytest.raises(BaselineUnknown, match="needs gcsfs") as told:
        taken(tmp_path, "gs://bucket/m")
    assert "pip install fsspec gcsfs" in told.value.hint
