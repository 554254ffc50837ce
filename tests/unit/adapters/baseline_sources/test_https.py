"""A baseline on a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlci_action.adapters.baseline_sources.https import TOKEN_VARIABLE, take
from mlci_action.adapters.baseline_sources.taken import Place
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.worker_environment import worker_environment
from mlci_action.domain.sources import HttpsSource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown, SettingsError
from tests.fakes.file_server import Answer, FileServer
from tests.fakes.github_faults import Delivery, Fault
from tests.fakes.github_storage import Storage


@pytest.fixture
def storage() -> Iterator[Storage]:
    with Storage() as server:
        yield server


def place(folder: Path, **environ: str) -> Place:
    return Place(folder=folder, store=folder / "store", environ=environ, change=Change())


def test_a_model_comes_with_its_name_and_its_time(tmp_path: Path, storage: Storage) -> None:
    storage.fail(Fault(headers={"Last-Modified": "Fri, 27 Nov 2026 10:00:00 GMT"}))
    url = storage.put("models/model%20one.joblib", b"model")
    taken = take(HttpsSource(url=url), place(tmp_path))
    assert taken.path.read_bytes() == b"model"
    assert taken.path.name == "model one.joblib"
    assert taken.modified == "2026-11-27T10:00:00+00:00"
    assert "signature" not in taken.origin


def test_a_token_is_shown_to_the_server_alone(tmp_path: Path, storage: Storage) -> None:
    url = storage.put("m", b"model")
    take(HttpsSource(url=url), place(tmp_path, MLCI_BASELINE_TOKEN="secret"))  # noqa: S106
    assert storage.with_token == ["/m"]


def test_a_token_is_withheld_from_the_server_that_one_is_sent_to(
    tmp_path: Path, storage: Storage
) -> None:
    with Storage() as other:
        there = other.put("m", b"model")
        storage.fail(Fault(status=307, headers={"Location": there}))
        url = storage.put("m", b"")
        taken = take(HttpsSource(url=url), place(tmp_path, MLCI_BASELINE_TOKEN="secret"))  # noqa: S106
        assert taken.path.read_bytes() == b"model"
        assert (storage.with_token, other.with_token) == (["/m"], [])


def test_no_process_with_user_code_gets_the_token() -> None:
    assert worker_environment({TOKEN_VARIABLE: "secret", "PATH": "/bin"}) == {"PATH": "/bin"}
    with pytest.raises(SettingsError):
        worker_environment({}, [TOKEN_VARIABLE])


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("", "model"),
        ("models/", "models"),
        ("..", "model"),
        ("a/%2e%2e", "model"),
        ("%2Fetc%2Fpasswd", "passwd"),
        (".bashrc", "model-.bashrc"),
        ("manifest.json", "model-manifest.json"),
        ("a%00%0Ab.onnx", "a__b.onnx"),
        ("%E2%82%AC" * 300 + ".joblib", "\u20ac" * 64 + ".joblib"),
    ],
)
def test_a_file_has_a_name_that_leads_nowhere(tmp_path: Path, address: str, name: str) -> None:
    with FileServer(lambda _: Answer(body=b"model")) as server:
        taken = take(HttpsSource(url=f"{server.url}/{address}?a=b"), place(tmp_path))
    assert taken.path == tmp_path / "store" / name


@pytest.mark.parametrize("when", ["", "yesterday", "Fri, 99 Nov 2026 10:00:00 GMT"])
def test_a_time_that_is_none_is_not_known(tmp_path: Path, when: str) -> None:
    with FileServer(lambda _: Answer(headers={"Last-Modified": when}, body=b"model")) as server:
        assert take(HttpsSource(url=f"{server.url}/m"), place(tmp_path)).modified is None


def test_a_store_that_cannot_be_written_is_a_set_up_error(tmp_path: Path, storage: Storage) -> None:
    url = storage.put("m", b"model")
    (tmp_path / "store" / "m" / "in the way").mkdir(parents=True)
    with pytest.raises(BaselineError, match="cannot be kept: Is a directory"):
        take(HttpsSource(url=url), place(tmp_path))


def test_a_server_without_the_model_is_missing_it(tmp_path: Path, storage: Storage) -> None:
    with pytest.raises(BaselineMissing) as caught:
        take(HttpsSource(url=f"{storage.url}/none"), place(tmp_path))
    assert not isinstance(caught.value, BaselineUnknown)


def test_a_server_that_refuses_says_what_to_set(tmp_path: Path, storage: Storage) -> None:
    storage.fail(Fault(status=403))
    with pytest.raises(BaselineError) as caught:
        take(HttpsSource(url=storage.put("m", b"model")), place(tmp_path))
    assert not isinstance(caught.value, BaselineMissing)
    assert "MLCI_BASELINE_TOKEN" in caught.value.hint


def test_a_server_that_is_not_there_leaves_it_unknown(tmp_path: Path) -> None:
    with Storage() as gone:
        url = gone.put("m", b"model")
    with pytest.raises(BaselineUnknown, match="could not be had whole"):
        take(HttpsSource(url=url), place(tmp_path), sleep=lambda _: None)


def test_a_model_that_never_comes_whole_is_there_and_no_other_may_take_its_place(
    tmp_path: Path, storage: Storage
) -> None:
    storage.fail(Fault(delivery=Delivery.HALF), times=50)
    url = storage.put("m", b"model")
    with pytest.raises(BaselineError, match="could not be had whole") as caught:
        take(HttpsSource(url=url), place(tmp_path), sleep=lambda _: None)
    assert not isinstance(caught.value, BaselineMissing)
