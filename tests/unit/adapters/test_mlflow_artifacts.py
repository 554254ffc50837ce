"""Only what lies inside is listed, and only from the server that was named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlci_action.adapters import mlflow_artifacts
from mlci_action.adapters.mlflow_artifacts import Artifacts, RemoteFile
from mlci_action.adapters.mlflow_http import MlflowError, MlflowHttp
from tests.fakes.mlflow_answers import SmallMlflow

LIST = "mlflow-artifacts/artifacts"


@pytest.fixture
def server() -> Iterator[SmallMlflow]:
    with SmallMlflow() as running:
        yield running


@pytest.fixture
def artifacts(server: SmallMlflow) -> Artifacts:
    return Artifacts(MlflowHttp(server.url, "Bearer secret", sleep=lambda _: None))


def listing(*names: str, **fields: object) -> dict[str, object]:
    return {"files": [{"path": name, "is_dir": False, **fields} for name in names]}


def test_folders_are_walked_and_files_come_in_the_order_of_their_paths(
    server: SmallMlflow, artifacts: Artifacts
) -> None:
    server.says("GET", LIST, 200, listing("sub", is_dir=True))
    server.says("GET", LIST, 200, listing("b", "a c", file_size=3))
    assert artifacts.files("1/a") == (
        RemoteFile(path="sub/a c", n_bytes=3),
        RemoteFile(path="sub/b", n_bytes=3),
    )


def test_a_length_may_be_a_text_and_an_empty_file_has_none(
    server: SmallMlflow, artifacts: Artifacts
) -> None:
    server.says("GET", LIST, 200, {"files": [{"path": "a"}, {"path": "b", "file_size": "3"}]})
    assert [file.n_bytes for file in artifacts.files("1/a")] == [0, 3]


def test_a_folder_that_is_not_there_has_no_files(server: SmallMlflow, artifacts: Artifacts) -> None:
    server.says("GET", LIST, 200, {})
    assert artifacts.files("1/a") == ()


@pytest.mark.parametrize(
    "name",
    ["../x", "..", ".", "/etc/passwd", "a/b", "a\\b", "", "C:x", "a\nb"],
    ids=["up", "dots", "dot", "absolute", "two", "backslash", "empty", "drive", "line"],
)
def test_a_name_that_leads_elsewhere_is_refused(
    server: SmallMlflow, artifacts: Artifacts, name: str
) -> None:
    server.says("GET", LIST, 200, listing("MLmodel", name))
    with pytest.raises(MlflowError, match="whose name cannot be used"):
        artifacts.files("1/a")


@pytest.mark.parametrize(
    "answer",
    [{"files": {}}, {"files": [None]}, {"files": [{}]}, listing("a", file_size=-1)],
    ids=["no list", "nothing", "no path", "negative"],
)
def test_a_list_that_is_none_is_refused(
    server: SmallMlflow, artifacts: Artifacts, answer: object
) -> None:
    server.says("GET", LIST, 200, answer)
    with pytest.raises(MlflowError, match="list of artifacts is none"):
        artifacts.files("1/a")


def test_a_folder_in_itself_without_end_is_refused(
    server: SmallMlflow, artifacts: Artifacts
) -> None:
    server.says("GET", LIST, 200, listing("again", is_dir=True))
    with pytest.raises(MlflowError, match="nested more than 20 deep"):
        artifacts.files("1/a")
    assert len(server.asked) < 30


def test_more_files_than_any_model_has_are_refused(
    server: SmallMlflow, artifacts: Artifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mlflow_artifacts, "MAX_FILES", 2)
    server.says("GET", LIST, 200, listing("a", "b", "c"))
    with pytest.raises(MlflowError, match="more than 2 files"):
        artifacts.files("1/a")


def test_two_files_of_one_name_are_refused(server: SmallMlflow, artifacts: Artifacts) -> None:
    server.says("GET", LIST, 200, listing("a", "a"))
    with pytest.raises(MlflowError, match="holds 'a' twice"):
        artifacts.files("1/a")


def test_more_bytes_than_were_asked_for_are_not_even_begun(
    server: SmallMlflow, artifacts: Artifacts, tmp_path: Path
) -> None:
    files = (RemoteFile(path="a", n_bytes=6), RemoteFile(path="b", n_bytes=5))
    with pytest.raises(MlflowError, match="larger than 10 bytes"):
        artifacts.download("1/a", files, tmp_path, max_bytes=10)
    assert server.asked == []


def test_a_file_that_is_not_as_long_as_it_was_said_to_be_is_refused(
    server: SmallMlflow, artifacts: Artifacts, tmp_path: Path
) -> None:
    server.says("GET", f"{LIST}/1/a/b c", 200, b"12345")
    artifacts.download("1/a", (RemoteFile(path="b c", n_bytes=5),), tmp_path / "x", max_bytes=10)
    assert (tmp_path / "x" / "b c").read_bytes() == b"12345"
    with pytest.raises(MlflowError, match="'b c' has 5 bytes instead of 6"):
        artifacts.download("1/a", (RemoteFile(path="b c", n_bytes=6),), tmp_path, max_bytes=10)


def test_a_file_elsewhere_is_fetched_without_the_credentials(
    server: SmallMlflow, artifacts: Artifacts, tmp_path: Path
) -> None:
    with SmallMlflow() as other:
        other.says("GET", "elsewhere", 200, b"1")
        location = f"{other.url}/api/2.0/elsewhere"
        server.says("GET", f"{LIST}/1/a", 302, location=location)
        try:
            artifacts.download("1", (RemoteFile(path="a", n_bytes=1),), tmp_path, max_bytes=10)
        finally:
            assert server.headers[0]["Authorization"] == "Bearer secret"
            assert [head for head in other.headers if "Authorization" in head] == []


def test_an_address_is_a_path_of_this_servers_proxy_or_of_none(
    server: SmallMlflow, artifacts: Artifacts
) -> None:
    own = server.url.removeprefix("http://")
    assert artifacts.folder_of("mlflow-artifacts:/1/r/artifacts") == "1/r/artifacts"
    assert artifacts.folder_of(f"mlflow-artifacts://{own}/1/r") == "1/r"
    assert artifacts.folder_of(f"{server.url}/api/2.0/{LIST}/1/a%20b") == "1/a b"
    for uri in ("s3://bucket/1", "/srv/mlruns/1", "file:///srv", "https://host.example/1"):
        assert artifacts.folder_of(uri) is None


def test_the_proxy_of_another_server_is_not_asked(artifacts: Artifacts) -> None:
    with pytest.raises(MlflowError, match=r"its artifacts are at host\.example"):
        artifacts.folder_of("mlflow-artifacts://host.example/1/r")


@pytest.mark.parametrize("path", ["1/../../2", "", "1//2"], ids=["up", "empty", "gap"])
def test_a_path_that_leads_out_is_refused(artifacts: Artifacts, path: str) -> None:
    with pytest.raises(MlflowError, match="which is no path"):
        artifacts.folder_of(f"mlflow-artifacts:/{path}")
