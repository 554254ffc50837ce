"""How does a table come from a URL? Limited, without secrets in messages, and gone afterwards."""

from __future__ import annotations

import gzip
import http.server
import io
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec
import pandas as pd
import pytest

from mlci_action.adapters.tables.remote import download, shown
from mlci_action.adapters.tables.source import open_table
from mlci_action.errors import DatasetError
from tests.unit.adapters.tables.reading import streamed

CSV = b"a,b\n1,x\n2,y\n"


class _Site(http.server.BaseHTTPRequestHandler):
    """A few addresses, each with one way to answer."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/data/a.csv")
            self.end_headers()
        elif path == "/cut.csv":
            self._answer(CSV, length=1000)
        elif path == "/gzip.csv":
            self._answer(gzip.compress(CSV), encoding="gzip")
        elif path == "/page":
            self._answer(b"<!doctype html><html>sign in</html>")
        elif path in ("/data/a.csv", "/") or path.startswith("/any/"):
            self._answer(CSV)
        else:
            self.send_error(403 if path == "/secret.csv" else 404)

    def _answer(self, body: bytes, *, length: int | None = None, encoding: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length or len(body)))
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a server on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def _in_memory(name: str, content: bytes) -> Iterator[None]:
    store = fsspec.filesystem("memory")
    store.pipe(f"/{name}", content)
    try:
        yield
    finally:
        store.rm(f"/{name}")


@pytest.mark.parametrize("address", ["/data/a.csv", "/moved", "/gzip.csv", "/data/a.csv?x=1", "/"])
def test_a_page_is_read_like_a_file(tmp_path: Path, site: str, address: str) -> None:
    table = open_table(site + address, tmp_path)
    assert streamed(table) == {"a": ["1", "2"], "b": ["x", "y"]}
    assert table.path == site + address
    assert not list(tmp_path.iterdir())


def test_the_name_of_the_file_is_that_in_the_url(tmp_path: Path, site: str) -> None:
    assert open_table(f"{site}/data/a.csv?signature=x", tmp_path).files[0].name == "a.csv"
    assert open_table(f"{site}/", tmp_path).files[0].name == "data"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("/secret.csv?signature=hunter2", "answers 403"),
        ("/nothing.csv?signature=hunter2", "answers 404"),
        ("/cut.csv?signature=hunter2", "cannot be downloaded: "),
        ("/page?signature=hunter2", "'page' is a web page or XML"),
    ],
)
def test_what_cannot_be_downloaded_is_said_without_what_is_secret(
    tmp_path: Path, site: str, address: str, message: str
) -> None:
    with pytest.raises(DatasetError, match=message) as caught:
        open_table(site.replace("//", "//user:hunter2@") + address, tmp_path)
    assert "hunter2" not in str(caught.value)
    assert caught.value.hint


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DatasetError, match="cannot be downloaded: ConnectionError"):
        open_table(f"http://127.0.0.1:{port}/a.csv", tmp_path)


@pytest.mark.parametrize(
    "url", ["http:///a.csv", "http://[::1/a.csv", "http://a:b:c/a.csv?x=hunter2"]
)
def test_a_url_that_is_none_is_said(tmp_path: Path, url: str) -> None:
    with pytest.raises(DatasetError, match="cannot be downloaded: ") as caught:
        open_table(url, tmp_path)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["a%00.csv", "%2e%2e", "..%2f..%2fa.csv", "x" * 999 + ".csv"])
def test_the_name_of_a_download_stays_in_its_folder(tmp_path: Path, site: str, name: str) -> None:
    (path,) = download(f"{site}/any/{name}", tmp_path)
    assert path.parent == tmp_path
    assert path.read_bytes() == CSV


def test_a_disk_that_takes_no_file_is_said(tmp_path: Path, site: str) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(DatasetError, match="cannot be downloaded: Is a directory"):
        download(f"{site}/data/a.csv", tmp_path)


def test_a_download_is_limited(tmp_path: Path, site: str) -> None:
    with pytest.raises(DatasetError, match="is larger than 5 bytes"):
        download(f"{site}/data/a.csv", tmp_path, max_bytes=5)
    assert download(f"{site}/data/a.csv", tmp_path, max_bytes=len(CSV))[0].read_bytes() == CSV


def test_what_was_downloaded_goes_with_the_table(
    tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    table = open_table(f"{site}/data/a.csv", tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    blocks = table.chunks()
    del table
    assert next(blocks).num_rows == 2
    del blocks
    assert not list(tmp_path.iterdir())
    with pytest.raises(DatasetError):
        open_table(f"{site}/page", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_store_is_read_through_fsspec(tmp_path: Path) -> None:
    stream = io.BytesIO()
    pd.DataFrame({"a": [3]}).to_parquet(stream)
    with _in_memory("bucket/a.csv", CSV), _in_memory("bucket/b.parquet", stream.getvalue()):
        assert streamed(open_table("memory://bucket/a.csv", tmp_path))["a"] == ["1", "2"]
        assert list(open_table("memory://bucket/*.parquet", tmp_path).frame()["a"]) == [3]


def test_files_of_equal_names_in_a_store_are_all_read(tmp_path: Path) -> None:
    with _in_memory("x/1/a.csv", CSV), _in_memory("x/2/a.csv", b"a,b\n3,z\n"):
        table = open_table("memory://x/*/a.csv", tmp_path)
        assert list(table.frame()["a"]) == [1, 2, 3]


def test_a_local_file_may_be_a_url(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)
    table = open_table(f"file://{tmp_path}/a.csv", Path("/nowhere"))
    assert table.count() == 2


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("memory://nothing/a.csv", "no data at 'memory://nothing/a.csv'"),
        ("memory://nothing/*.csv", "no data at"),
        ("klingon://a/b.csv", "cannot be downloaded: Protocol not known"),
        ("gs://bucket/a.csv", "cannot be downloaded: Please install gcsfs"),
    ],
)
def test_what_a_store_does_not_have_is_said(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        open_table(url, tmp_path)


def test_a_store_is_limited_too(tmp_path: Path) -> None:
    with (
        _in_memory("a.csv", CSV),
        pytest.raises(DatasetError, match="is larger than 5 bytes"),
    ):
        download("memory://a.csv", tmp_path, max_bytes=5)


def test_without_fsspec_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(DatasetError, match="fsspec, which is not installed") as caught:
        open_table("s3://bucket/a.csv", tmp_path)
    assert 'pip install "mlci-action[remote]"' in caught.value.hint


def test_a_url_is_shown_without_what_may_be_secret() -> None:
    assert shown("https://me:pass@host:8/a/b.csv?sig=1#x") == "https://host:8/a/b.csv"
    assert shown("https://host?sig=1") == "https://host"
    assert shown("s3://bucket/a.csv") == "s3://bucket/a.csv"
