"""Credentials stay with one server, and patience has an end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlci_action.adapters import mlflow_http
from mlci_action.adapters.mlflow_http import MlflowError, MlflowHttp, MlflowSilent
from tests.fakes.mlflow_answers import MISSING, SmallMlflow

TOKEN = "a-token-that-nobody-shows"
RUN = "mlflow/runs/get"


@pytest.fixture
def server() -> Iterator[SmallMlflow]:
    with SmallMlflow() as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(server: SmallMlflow, waits: list[float]) -> MlflowHttp:
    return MlflowHttp(server.url, f"Bearer {TOKEN}", sleep=waits.append)


def test_the_answer_is_what_the_server_says_to_whoever_shows_the_token(
    server: SmallMlflow, client: MlflowHttp
) -> None:
    server.says("GET", RUN, 200, {"run": 1})
    assert client.get(RUN, run_id="a b") == {"run": 1}
    assert server.headers[0]["Authorization"] == f"Bearer {TOKEN}"


def test_a_server_under_a_path_is_asked_there() -> None:
    assert (
        MlflowHttp("https://host.example/ml/").url("a b") == "https://host.example/ml/api/2.0/a%20b"
    )


def test_outages_and_rate_limits_are_waited_for(
    server: SmallMlflow, client: MlflowHttp, waits: list[float]
) -> None:
    server.says("GET", RUN, 503)
    server.says("GET", RUN, 429, retry_after="7")
    server.says("GET", RUN, 200, {"run": 1})
    assert client.get(RUN) == {"run": 1}
    assert waits == [1.0, 7.0]


def test_a_wait_longer_than_the_patience_is_not_begun(
    server: SmallMlflow, client: MlflowHttp, waits: list[float]
) -> None:
    server.says("GET", RUN, 429, retry_after="3600")
    with pytest.raises(MlflowSilent, match="answered 429") as caught:
        client.get(RUN)
    assert (waits, caught.value.status) == ([], 429)


def test_a_server_that_is_not_there_is_asked_a_few_times(waits: list[float]) -> None:
    with SmallMlflow() as gone:
        url = gone.url
    with pytest.raises(MlflowSilent, match=r"the connection to .* failed"):
        MlflowHttp(url, sleep=waits.append).post("mlflow/runs/create", {}, repeatable=False)
    assert waits == [1.0, 2.0, 4.0, 8.0]


def test_what_may_have_happened_is_not_done_again_unless_it_may_happen_twice(
    server: SmallMlflow, client: MlflowHttp
) -> None:
    path = "mlflow/model-versions/create"
    server.says("POST", path, 500)
    server.says("POST", path, 200, {})
    with pytest.raises(MlflowSilent, match="answered 500"):
        client.post(path, {}, repeatable=False)
    assert server.asked == [f"POST {path}"]


def test_a_refusal_is_final_and_has_the_servers_words_without_the_token(
    server: SmallMlflow, client: MlflowHttp
) -> None:
    body = {"error_code": "BAD_REQUEST", "message": f"who\n is {TOKEN}?\u202e" + "x" * 1000}
    server.says("GET", RUN, 400, body)
    with pytest.raises(MlflowError, match=r"answered 400: who is \*\*\*\?�xxx") as caught:
        client.get(RUN)
    assert (caught.value.code, caught.value.status) == ("BAD_REQUEST", 400)
    assert len(caught.value.message) < 400
    assert len(server.asked) == 1


def test_a_password_is_in_no_text_either(server: SmallMlflow) -> None:
    server.says("GET", RUN, 400, {**MISSING, "message": "not hunter2, nor dTpodW50ZXIy"})
    with pytest.raises(MlflowError, match=r"not \*\*\*, nor \*\*\*$") as caught:
        MlflowHttp(server.url, "Basic dTpodW50ZXIy").get(RUN)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_another_host_is_sent_nothing_at_all(
    server: SmallMlflow, client: MlflowHttp, status: int
) -> None:
    with SmallMlflow() as other:
        server.says("GET", RUN, status, location=f"{other.url}/api/2.0/{RUN}")
        with pytest.raises(MlflowError, match=r"sends GET on to .*, where nothing is sent"):
            client.get(RUN)
        assert other.asked == []


def test_a_redirect_on_the_same_server_is_followed_and_an_endless_one_is_not(
    server: SmallMlflow, client: MlflowHttp
) -> None:
    server.says("GET", RUN, 307, location="/api/2.0/elsewhere")
    server.says("GET", "elsewhere", 200, {"run": 2})
    assert client.get(RUN) == {"run": 2}
    server.says("GET", "round", 307, location="/api/2.0/round")
    with pytest.raises(MlflowError, match="redirects too often"):
        client.get("round")


def test_a_write_that_is_redirected_is_not_made_elsewhere(
    server: SmallMlflow, client: MlflowHttp
) -> None:
    server.says("POST", "a", 308, location="/api/2.0/b")
    with pytest.raises(MlflowError, match="sends POST on"):
        client.post("a", {})
    assert server.asked == ["POST a"]


@pytest.mark.parametrize(
    "body",
    [b"<html>log in</html>", b"[1]", b"[" * 100_000],
    ids=["a page", "a list", "a deep one"],
)
def test_what_is_no_object_is_no_answer(
    server: SmallMlflow, client: MlflowHttp, body: bytes
) -> None:
    server.says("GET", RUN, 200, body)
    with pytest.raises(MlflowError, match="does not answer as MLflow does"):
        client.get(RUN)


def test_an_answer_without_end_is_cut_off(
    server: SmallMlflow, client: MlflowHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mlflow_http, "MAX_ANSWER_BYTES", 100)
    server.says("GET", RUN, 200, {"run": "x" * 101})
    with pytest.raises(MlflowError, match="larger than any"):
        client.get(RUN)


@pytest.mark.parametrize("status", [401, 403])
def test_whoever_may_not_is_told_what_to_set(
    server: SmallMlflow, client: MlflowHttp, status: int
) -> None:
    server.says("GET", RUN, status, b"no")
    with pytest.raises(MlflowError, match="MLFLOW_TRACKING_TOKEN"):
        client.get(RUN)


def test_a_server_that_knows_itself_by_another_name_says_how_it_is_started(
    server: SmallMlflow, client: MlflowHttp
) -> None:
    server.says("GET", RUN, 403, b"Invalid Host header - possible DNS rebinding attack detected")
    with pytest.raises(MlflowError, match="--allowed-hosts"):
        client.get(RUN)


def test_a_file_is_sent_again_from_its_beginning(
    server: SmallMlflow, client: MlflowHttp, tmp_path: Path
) -> None:
    (tmp_path / "full").write_bytes(b"1234")
    (tmp_path / "empty").write_bytes(b"")
    server.says("PUT", "full", 502)
    server.says("PUT", "full", 200)
    server.says("PUT", "empty", 200)
    client.put_file("full", tmp_path / "full")
    client.put_file("empty", tmp_path / "empty")
    assert server.bodies == [b"1234", b"1234", b""]


@pytest.mark.parametrize("address", ["https://", "ftp://host", "https://host:port", "host"])
def test_an_address_that_is_none_is_said_without_it(address: str) -> None:
    with pytest.raises(MlflowError, match="address of the MLflow server is none"):
        MlflowHttp(address)


def test_the_object_does_not_show_the_token() -> None:
    assert TOKEN not in repr(MlflowHttp("https://host.example", f"Bearer {TOKEN}"))
