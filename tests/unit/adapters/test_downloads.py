"""A download is whole or not there, and its credentials go to one server alone."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter

from mlci_action.adapters.downloads import DownloadError, download
from mlci_action.adapters.network import Network
from tests.fakes.file_server import Answer, FileServer, one_after_another
from tests.fakes.github_faults import Delivery, Fault
from tests.fakes.github_storage import Storage

CONTENT = os.urandom(200_000)
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def storage() -> Iterator[Storage]:
    with Storage() as server:
        yield server


@pytest.fixture
def other() -> Iterator[Storage]:
    with Storage() as server:
        yield server


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        Network().apply_to(made, "http://127.0.0.1")
        yield made


class Clock:
    """How long was waited, without waiting."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def test_a_file_comes_whole_and_its_digest_is_told(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    target = tmp_path / "model.bin"
    url = storage.put("model.bin", CONTENT)
    assert download(url, target, session=session, digest=DIGEST) == DIGEST
    assert target.read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["model.bin"]


def test_a_connection_that_dies_is_gone_on_with(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    storage.fail(Fault(delivery=Delivery.HALF), times=2)
    url = storage.put("m", CONTENT)
    assert download(url, tmp_path / "m", session=session, sleep=Clock()) == DIGEST
    ranges = [asked for _, asked in storage.asked]
    # Whole pieces are kept, of 16 KiB.
    assert ranges == [None, "bytes=98304-", "bytes=147456-"]


def test_another_file_under_the_same_name_is_begun_anew(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    storage.fail(Fault(delivery=Delivery.HALF))
    url, new = storage.put("m", b"o" * 1000), b"n" * 2000

    def replaced(_: float) -> None:
        storage.put("m", new)

    found = download(url, tmp_path / "m", session=session, sleep=replaced)
    assert (tmp_path / "m").read_bytes() == new
    assert found == f"sha256:{hashlib.sha256(new).hexdigest()}"


@pytest.mark.parametrize("tag", ["ETag", "Last-Modified"])
def test_a_server_that_goes_on_with_another_file_is_not_believed(
    tmp_path: Path, session: requests.Session, tag: str
) -> None:
    """Whatever If-Range asked of it."""
    new = b"n" * 100_000
    rest = {tag: "second", "Content-Range": "bytes 65536-99999/100000"}
    answers = one_after_another(
        Answer(headers={tag: "first"}, body=b"o" * 100_000, sent=70_000),
        Answer(status=206, headers=rest, body=new[65_536:]),
        Answer(headers={tag: "second"}, body=new),
    )
    with FileServer(answers) as server:
        download(f"{server.url}/m", tmp_path / "m", session=session, sleep=Clock())
    assert (tmp_path / "m").read_bytes() == new
    ranges = [asked.headers.get("Range") for asked in server.asked]
    assert ranges == [None, "bytes=65536-", None]


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({"Content-Range": "bytes 0-34463/100000"}, 34_464),
        ({"Content-Range": "bytes 65536-99999/100000"}, 10),
        ({"Content-Range": "bytes 65536-99999/*"}, 34_464),
        ({}, 34_464),
    ],
    ids=["elsewhere", "too short", "of unknown length", "nowhere"],
)
def test_a_part_that_is_not_the_one_asked_for_is_not_taken(
    tmp_path: Path, session: requests.Session, headers: dict[str, str], sent: int
) -> None:
    first = Answer(headers={"ETag": '"a"'}, body=CONTENT[:100_000], sent=70_000)
    part = Answer(status=206, headers={"ETag": '"a"'} | headers, body=b"x" * sent)
    with FileServer(one_after_another(first, part, Answer(body=CONTENT))) as server:
        url = f"{server.url}/m"
        assert download(url, tmp_path / "m", session=session, sleep=Clock()) == DIGEST
    assert server.asked[1].headers["If-Range"] == '"a"'


def test_a_server_that_has_no_such_part_is_asked_for_all(
    tmp_path: Path, session: requests.Session
) -> None:
    first = Answer(headers={"ETag": '"a"'}, body=CONTENT, sent=70_000)
    answers = one_after_another(first, Answer(status=416), Answer(body=CONTENT))
    with FileServer(answers) as server:
        url = f"{server.url}/m"
        assert download(url, tmp_path / "m", session=session, sleep=Clock()) == DIGEST


def test_a_server_that_says_nothing_of_its_files_sends_them_from_the_start(
    tmp_path: Path, session: requests.Session
) -> None:
    half = Answer(body=CONTENT, headers={"ETag": 'W/"weak"'}, sent=100_000)
    with FileServer(one_after_another(half, Answer(body=CONTENT))) as server:
        url = f"{server.url}/m"
        assert download(url, tmp_path / "m", session=session, sleep=Clock()) == DIGEST
    assert [asked.headers.get("Range") for asked in server.asked] == [None, None]


def test_a_long_way_with_many_stops_is_gone_to_its_end(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    """Where it gets on, the server is there."""
    content = os.urandom(20 << 14)
    with FileServer(lambda asked: _a_block(content, asked.headers)) as server:
        download(f"{server.url}/m", tmp_path / "m", session=session, sleep=Clock())
    assert (tmp_path / "m").read_bytes() == content
    assert len(server.asked) == 20


def _a_block(content: bytes, headers: Mapping[str, str]) -> Answer:
    start = int(headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
    told = {"ETag": '"a"', "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
    return Answer(
        status=206 if start else 200, headers=told, body=content[start:], sent=(1 << 14) + 1
    )


def test_a_file_that_takes_for_ever_is_given_up(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    hours = iter([0.0, 3599.0, 3601.0])
    url = storage.put("m", CONTENT)
    with pytest.raises(DownloadError, match="longer than an hour"):
        download(url, tmp_path / "m", session=session, clock=lambda: next(hours))
    assert list(tmp_path.iterdir()) == []


def test_what_never_comes_whole_leaves_nothing(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    storage.fail(Fault(delivery=Delivery.HALF), times=50)
    url, clock = storage.put("m", CONTENT), Clock()
    with pytest.raises(DownloadError, match="could not be had whole: the connection was lost"):
        download(url, tmp_path / "m", session=session, sleep=clock)
    assert list(tmp_path.iterdir()) == []
    assert 0 < sum(clock.slept) <= 120


def test_a_server_that_asks_for_patience_gets_it_within_bounds(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    url, clock = storage.put("m", CONTENT), Clock()
    storage.fail(Fault(status=429, headers={"Retry-After": "7"}))
    storage.fail(Fault(status=503))
    assert download(url, tmp_path / "m", session=session, sleep=clock) == DIGEST
    assert clock.slept[0] == 7
    storage.fail(Fault(status=429, headers={"Retry-After": "9999"}))
    with pytest.raises(DownloadError, match="answered 429") as caught:
        download(url, tmp_path / "m", session=session, sleep=clock)
    assert (caught.value.status, caught.value.found) == (429, False)


@pytest.mark.parametrize(("seconds", "n_asked"), [("0", 6), ("70", 2)])
def test_patience_has_an_end(
    tmp_path: Path, storage: Storage, session: requests.Session, seconds: str, n_asked: int
) -> None:
    url, clock = storage.put("m", CONTENT), Clock()
    storage.fail(Fault(status=503, headers={"Retry-After": seconds}), times=10)
    with pytest.raises(DownloadError, match="answered 503"):
        download(url, tmp_path / "m", session=session, sleep=clock)
    assert len(storage.asked) == n_asked


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        ("Fri, 27 Nov 2026 10:00:09 GMT", 9.0),
        ("Fri, 27 Nov 2026 09:00:00 GMT", 0.0),
        ("soon", 1.0),
        ("-5", 1.0),
    ],
)
def test_a_moment_to_wait_for_is_measured_by_the_servers_clock(
    tmp_path: Path,
    session: requests.Session,
    monkeypatch: pytest.MonkeyPatch,
    after: str,
    seconds: float,
) -> None:
    clock, now = Clock(), "Fri, 27 Nov 2026 10:00:00 GMT"
    busy = Answer(status=503, headers={"Retry-After": after})
    monkeypatch.setattr(http.server.BaseHTTPRequestHandler, "date_time_string", lambda _: now)
    with FileServer(one_after_another(busy, Answer(body=CONTENT))) as server:
        download(f"{server.url}/m", tmp_path / "m", session=session, sleep=clock)
    assert clock.slept == [seconds]


def test_a_server_that_is_not_there_tells_nothing_of_the_file(
    tmp_path: Path, session: requests.Session
) -> None:
    with FileServer(one_after_another(Answer())) as gone:
        url = f"{gone.url}/m"
    with pytest.raises(DownloadError, match="the connection was lost") as caught:
        download(url, tmp_path / "m", session=session, sleep=Clock())
    assert (caught.value.status, caught.value.found) == (None, False)


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("https://[half/m", {}),
        ("https://host:port/m", {}),
        ("http://127.0.0.1:1/m", {"Authorization": "Bearer secret\nX: y"}),
        ("http://127.0.0.1:1/m", {"Authorization": "Bearer secret\u20ac"}),
    ],
)
def test_what_cannot_be_asked_is_said_without_its_secrets(
    tmp_path: Path, session: requests.Session, url: str, headers: dict[str, str]
) -> None:
    with pytest.raises(DownloadError, match="malformed") as caught:
        download(url, tmp_path / "m", session=session, headers=headers, sleep=Clock())
    assert "secret" not in str(caught.value)


def test_a_refusal_is_final_and_tells_its_status(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    with pytest.raises(DownloadError) as caught:
        download(f"{storage.url}/nothing?sig=secret", tmp_path / "m", session=session)
    assert caught.value.status == 404
    assert "secret" not in str(caught.value)
    assert len(storage.asked) == 1


def test_credentials_stay_with_the_server_that_they_are_for(
    tmp_path: Path, storage: Storage, other: Storage, session: requests.Session
) -> None:
    there = other.put("m", CONTENT)
    storage.fail(Fault(status=302, headers={"Location": there}))
    headers = {"Authorization": "Bearer secret", "Cookie": "session=secret"}
    url = storage.put("m", b"")
    assert download(url, tmp_path / "m", session=session, headers=headers) == DIGEST
    assert storage.with_token == ["/m"]
    assert other.with_token == []


def test_what_a_session_knows_is_for_one_server_too(
    tmp_path: Path, session: requests.Session
) -> None:
    """Its login, its headers and its cookies; not even after the way back."""
    session.auth = ("user", "secret")
    session.headers["Authorization"] = "Bearer secret"
    session.cookies.set("session", "secret")
    away = FileServer(lambda _: Answer(status=302, headers={"Location": f"{home.url}/b"}))
    to_away = {"Location": f"{away.url}/m", "Set-Cookie": "other=secret"}
    with away, FileServer(lambda _: Answer(body=CONTENT)) as home:
        home.answer = one_after_another(
            Answer(status=302, headers=to_away), Answer(body=CONTENT), Answer(body=CONTENT)
        )
        assert download(f"{home.url}/a", tmp_path / "m", session=session) == DIGEST
    (there,), (first, back) = away.asked, home.asked
    assert "secret" in first.headers["Cookie"]
    assert first.headers["Authorization"].startswith("Basic")
    for asked in (there, back):
        assert not {"Authorization", "Cookie"} & set(asked.headers)


class _Sent(HTTPAdapter):
    """A server with a certificate, which sends to one without."""

    def send(self, *_: object, **__: object) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.raw = 302, io.BytesIO()
        answer.headers["Location"] = "http://127.0.0.1:1/m"
        return answer


def never(_: float) -> None:
    pytest.fail("there is nothing to wait for")


def test_what_begins_encrypted_stays_so(tmp_path: Path, session: requests.Session) -> None:
    session.mount("https://", _Sent())
    with pytest.raises(DownloadError, match="https://host/m redirects to an address without"):
        download("https://host/m?secret", tmp_path / "m", session=session)


def test_a_server_that_cannot_prove_who_it_is_is_not_asked_again(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    url = storage.put("m", CONTENT).replace("http://", "https://")
    with pytest.raises(DownloadError, match="is not trusted") as caught:
        download(url, tmp_path / "m", session=session, sleep=never)
    assert not caught.value.found


def test_of_a_redirect_only_the_address_is_read(tmp_path: Path, session: requests.Session) -> None:
    """However long its text is."""
    there = Answer(body=CONTENT)
    with FileServer(lambda asked: to if asked.path == "/a" else there) as server:
        to = Answer(status=302, headers={"Location": "/b"}, body=bytes(32 << 20))
        assert download(f"{server.url}/a", tmp_path / "m", session=session) == DIGEST
    assert server.n_left == 1


def test_the_way_out_is_chosen_for_each_server(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    session.proxies = {"http": "http://127.0.0.1:1"}
    url = storage.put("m", CONTENT)
    network = Network(proxies={"http": "http://127.0.0.1:1"}, no_proxy="127.0.0.1")
    assert download(url, tmp_path / "m", session=session, network=network) == DIGEST


def test_redirects_end(tmp_path: Path, storage: Storage, session: requests.Session) -> None:
    url = storage.put("m", CONTENT)
    storage.fail(Fault(status=302, headers={"Location": url}), times=50)
    with pytest.raises(DownloadError, match="redirects too often"):
        download(url, tmp_path / "m", session=session)


def test_nothing_comes_unencrypted_from_elsewhere(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    with pytest.raises(DownloadError, match="is not encrypted"):
        download("http://198.51.100.7/m", tmp_path / "m", session=session)
    storage.fail(Fault(status=302, headers={"Location": "http://198.51.100.7/m"}))
    with pytest.raises(DownloadError, match="is not encrypted"):
        download(storage.put("m", CONTENT), tmp_path / "m", session=session)
    storage.fail(Fault(status=302, headers={"Location": "file:///etc/passwd"}))
    with pytest.raises(DownloadError, match="is not encrypted"):
        download(storage.put("m", CONTENT), tmp_path / "m", session=session)


def test_too_many_bytes_are_refused_and_not_kept(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    url = storage.put("m", CONTENT)
    with pytest.raises(DownloadError, match="larger than the 1,000 bytes allowed"):
        download(url, tmp_path / "m", session=session, max_bytes=1_000)
    assert list(tmp_path.iterdir()) == []
    huge = Answer(announced=10**12)
    with (
        FileServer(lambda _: huge) as server,
        pytest.raises(DownloadError, match="larger than"),
    ):
        download(f"{server.url}/m", tmp_path / "m", session=session, sleep=never)


def test_more_bytes_than_were_announced_are_refused_and_not_kept(
    tmp_path: Path, session: requests.Session
) -> None:
    with FileServer(lambda _: Answer(body=CONTENT, announced=-1)) as server:
        url = f"{server.url}/m"
        with pytest.raises(DownloadError, match="larger than the 1,000 bytes allowed"):
            download(url, tmp_path / "m", session=session, max_bytes=1_000)
        assert download(url, tmp_path / "m", session=session, max_bytes=len(CONTENT)) == DIGEST
    assert len(list(tmp_path.iterdir())) == 1


def test_a_length_that_is_too_long_is_no_length_of_the_file(
    tmp_path: Path, session: requests.Session
) -> None:
    with (
        FileServer(lambda _: Answer(body=CONTENT, announced=len(CONTENT) + 1)) as server,
        pytest.raises(DownloadError, match="could not be had whole") as caught,
    ):
        download(f"{server.url}/m", tmp_path / "m", session=session, sleep=Clock())
    assert caught.value.found
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_comes_packed_is_none_of_that_length(
    tmp_path: Path, session: requests.Session
) -> None:
    packed = Answer(headers={"Content-Encoding": "gzip"}, body=gzip.compress(CONTENT))
    with FileServer(lambda _: packed) as server, pytest.raises(DownloadError, match="comes packed"):
        download(f"{server.url}/m", tmp_path / "m", session=session)
    assert server.asked[0].headers["Accept-Encoding"] == "identity"


def test_other_bytes_than_promised_are_refused_and_not_kept(
    tmp_path: Path, storage: Storage, session: requests.Session
) -> None:
    (tmp_path / "m").write_bytes(b"earlier")
    url = storage.put("m", CONTENT)
    with pytest.raises(DownloadError, match="is not what was promised"):
        download(url, tmp_path / "m", session=session, digest=f"sha256:{'0' * 64}")
    assert (tmp_path / "m").read_bytes() == b"earlier"
    assert len(list(tmp_path.iterdir())) == 1


_ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import requests
from mlci_action.adapters.downloads import download
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
with requests.Session() as session:
    session.trust_env = False
    try:
        download(sys.argv[1], Path(sys.argv[2]), session=session)
    except OSError as error:
        print(error.strerror)
"""


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, storage: Storage) -> None:
    target = tmp_path / "m"
    target.write_bytes(b"earlier")
    url = storage.put("m", CONTENT)
    done = subprocess.run(
        [sys.executable, "-c", _ON_A_FULL_DISK, url, str(target)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.strip() == "File too large"
    assert target.read_bytes() == b"earlier"
    assert len(list(tmp_path.iterdir())) == 1
