"""The file behind a pointer comes whole and undamaged, and the token goes to one server alone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import requests

from mlci_action.adapters.git_lfs import (
    Pointer,
    batch_url,
    from_local,
    from_server,
    object_path,
    parse_pointer,
    pointer_in,
)
from mlci_action.adapters.network import Network
from mlci_action.errors import BaselineError, BaselineMissing
from tests.fakes.github_faults import Delivery, Fault
from tests.fakes.github_storage import Storage
from tests.fakes.lfs_server import LfsServer

CONTENT = b"the model" * 1000
OID = hashlib.sha256(CONTENT).hexdigest()
POINTER = Pointer(oid=OID, n_bytes=len(CONTENT))
TEXT = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(CONTENT)}\n"
TOKEN = "a secret"
Bring: TypeAlias = Callable[..., bytes]


@pytest.fixture
def storage() -> Iterator[Storage]:
    with Storage() as server:
        yield server


@pytest.fixture
def lfs(storage: Storage) -> Iterator[LfsServer]:
    with LfsServer(storage) as server:
        yield server


@pytest.fixture
def bring(tmp_path: Path, lfs: LfsServer) -> Iterator[Bring]:
    """Asks for the object, without waiting."""
    with requests.Session() as session:

        def bring(pointer: Pointer = POINTER, url: str | None = None) -> bytes:
            from_server(
                pointer,
                url or batch_url(f"{lfs.url}/o/r"),
                tmp_path / "model",
                session=session,
                token=TOKEN,
                network=Network(),
                sleep=lambda _: None,
            )
            return (tmp_path / "model").read_bytes()

        yield bring


def clone_with(folder: Path, content: bytes) -> Path:
    path = object_path(POINTER, folder)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return folder


def test_a_pointer_is_known(tmp_path: Path) -> None:
    assert parse_pointer(TEXT.encode()) == POINTER
    (tmp_path / "m").write_text(TEXT)
    assert pointer_in(tmp_path / "m") == POINTER
    (tmp_path / "m").write_bytes(CONTENT)
    assert pointer_in(tmp_path / "m") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "more lines\n" * 100,
        TEXT.replace("v1", "v2"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("sha256", "sha512"),
        TEXT.replace(OID, OID.upper()),
        TEXT.replace(OID, OID[:-1]),
        TEXT.replace("size ", "size -"),
        TEXT.replace("size ", "size 0"),
        TEXT.replace("size ", "size 99999999999999999999"),
        TEXT.replace("oid", f"ext-0-case sha256:{OID}\noid"),
        "oid" + TEXT,
    ],
)
def test_what_is_no_pointer_is_a_file_like_any_other(text: str) -> None:
    assert parse_pointer(text.encode()) is None


def test_a_clone_that_has_the_file_is_enough(tmp_path: Path) -> None:
    git_dir = clone_with(tmp_path / "git", CONTENT)
    assert object_path(POINTER, git_dir) == (git_dir / "lfs" / "objects" / OID[:2] / OID[2:4] / OID)
    assert from_local(POINTER, git_dir, tmp_path / "model")
    assert (tmp_path / "model").read_bytes() == CONTENT


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT[:-1] + b"?"], ids=["cut", "changed"])
def test_a_damaged_file_is_none(tmp_path: Path, content: bytes) -> None:
    git_dir = clone_with(tmp_path / "git", content)
    assert not from_local(POINTER, git_dir, tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["git"]
    assert not from_local(POINTER, tmp_path / "none", tmp_path / "model")


def test_a_file_larger_than_any_model_is_not_asked_for(tmp_path: Path, bring: Bring) -> None:
    huge = Pointer(oid=OID, n_bytes=5 * 2**30)
    with pytest.raises(BaselineError, match="more than the"):
        from_local(huge, tmp_path, tmp_path / "model")
    with pytest.raises(BaselineError, match="more than the"):
        bring(huge)


def test_the_server_says_where_the_file_is_and_only_it_sees_the_token(
    lfs: LfsServer, storage: Storage, bring: Bring
) -> None:
    lfs.put(CONTENT)
    assert bring() == CONTENT
    basic = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    assert lfs.authorized == [f"Basic {basic}"]
    assert storage.asked == [(f"/{OID}", None)]
    assert storage.with_token == []


def test_the_store_gets_the_headers_that_the_server_names_for_it(
    lfs: LfsServer, storage: Storage, bring: Bring
) -> None:
    lfs.header = {"Authorization": "RemoteAuth of-the-store"}
    lfs.put(CONTENT)
    assert bring() == CONTENT
    assert storage.with_token == [f"/{OID}"]


def test_what_comes_half_is_gone_on_with(lfs: LfsServer, storage: Storage, bring: Bring) -> None:
    lfs.put(CONTENT)
    storage.fail(Fault(delivery=Delivery.HALF))
    assert bring() == CONTENT


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (CONTENT[:-1] + b"?", "not what was promised"),
        (CONTENT[:-1], "not what was promised"),
        (CONTENT + b"!", "larger than"),
    ],
    ids=["changed", "cut", "longer"],
)
def test_another_file_than_the_pointer_names_is_refused_and_not_kept(
    tmp_path: Path, lfs: LfsServer, bring: Bring, stored: bytes, said: str
) -> None:
    lfs.put(CONTENT, stored=stored)
    with pytest.raises(BaselineError, match=said):
        bring()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_never_pushed_is_an_error_not_a_first_model(bring: Bring) -> None:
    with pytest.raises(BaselineError, match=f"has no file {OID[:12]}") as caught:
        bring()
    assert not isinstance(caught.value, BaselineMissing)
    assert "git lfs fetch" in caught.value.hint


def test_a_server_that_sends_elsewhere_is_not_followed_with_the_token(
    lfs: LfsServer, storage: Storage, bring: Bring
) -> None:
    lfs.answers = [(307, {}, {"Location": f"{storage.url}/batch"})]
    with pytest.raises(BaselineError, match="sends to another address"):
        bring()
    assert storage.asked == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, {}), "refuses to say.*contents: read"),
        ((403, {}), "refuses to say.*contents: read"),
        ((404, {}), "answers 404"),
        ((200, b"<html>"), "does not say where"),
        ((200, [1]), "does not say where"),
        ((200, {"objects": []}), "does not say where"),
        ((200, {"objects": [{"oid": "0" * 64, "error": {"code": 404}}]}), "does not say where"),
        ((200, {"objects": [{"oid": OID, "error": {"code": 422, "message": "a\nb"}}]}), "422 a b"),
        ((200, {"objects": [{"oid": OID, "error": "?"}]}), "does not give"),
        ((200, {"objects": [{"oid": OID, "size": 9}]}), "does not say where"),
        ((200, b" " * 2**21), "more than was asked for"),
    ],
)
def test_a_server_that_does_not_say_is_told_of(
    lfs: LfsServer, bring: Bring, answer: tuple[int, Any], said: str
) -> None:
    lfs.put(CONTENT)
    lfs.answers = [(*answer, {})]
    with pytest.raises(BaselineError, match=said) as caught:
        bring()
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "header",
    [{"A": "b\r\nC: d"}, {"A B": "c"}, {"A": 1}, {f"A{n}": "b" for n in range(30)}],
    ids=["two lines", "no name", "no text", "too many"],
)
def test_headers_that_are_none_are_refused(
    lfs: LfsServer, bring: Bring, header: dict[str, Any]
) -> None:
    lfs.put(CONTENT)
    lfs.header = header
    with pytest.raises(BaselineError, match="headers that are none"):
        bring()


def test_trouble_is_waited_for_a_while(lfs: LfsServer, bring: Bring) -> None:
    lfs.put(CONTENT)
    lfs.answers = [(503, {}, {}), (429, {}, {})]
    assert bring() == CONTENT
    lfs.answers = [(503, {}, {})] * 10
    with pytest.raises(BaselineError, match="cannot be asked: it answers 503"):
        bring()
    assert len(lfs.answers) == 6


def test_a_server_that_is_gone_is_told_of(bring: Bring, storage: Storage) -> None:
    with LfsServer(storage) as gone:
        url = batch_url(f"{gone.url}/o/r")
    with pytest.raises(BaselineError, match="the connection was lost"):
        bring(url=url)


@pytest.mark.parametrize(
    "url", ["http://198.51.100.7/o/r", "ssh://host/o/r", "nonsense", "http://["]
)
def test_the_token_never_travels_unencrypted(bring: Bring, url: str) -> None:
    with pytest.raises(BaselineError, match="encrypted"):
        bring(url=url)


def test_a_repository_is_asked_at_one_address() -> None:
    expected = "https://github.com/o/r.git/info/lfs/objects/batch"
    assert (
        batch_url("https://github.com/o/r") == batch_url("https://github.com/o/r.git/") == expected
    )
