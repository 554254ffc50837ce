"""A registry has a model, has none, or cannot be asked: three answers that are never mixed up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlci_action.adapters.baseline_sources.registry import take, take_from
from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.mlflow_access import access_from
from mlci_action.domain.sources import RegistrySource
from mlci_action.errors import BaselineError, BaselineMissing, BaselineUnknown
from tests.fakes.mlflow_answers import MISSING, SmallMlflow

CHAMPION = RegistrySource(name="risk", alias="champion")
LIST = "mlflow-artifacts/artifacts"


@pytest.fixture
def server() -> Iterator[SmallMlflow]:
    with SmallMlflow() as running:
        yield running


@pytest.fixture
def place(server: SmallMlflow, tmp_path: Path) -> Place:
    environ = {"MLFLOW_TRACKING_URI": server.url, "MLFLOW_TRACKING_TOKEN": "s3cret"}
    return Place(folder=tmp_path, store=tmp_path / "store", environ=environ, change=Change())


def taken(place: Place, source: RegistrySource = CHAMPION) -> Taken:
    """Without waiting between the tries."""
    return take_from(access_from(place.environ, sleep=lambda _: None), source, place)


def holds(server: SmallMlflow, folder: str, **files: bytes) -> None:
    entries = [{"path": name, "file_size": len(data)} for name, data in files.items()]
    server.says("GET", LIST, 200, {"files": entries})
    for name, data in files.items():
        server.says("GET", f"{LIST}/{folder}/{name}", 200, data)


def test_what_is_taken_is_a_folder_with_its_version_time_and_commit(
    server: SmallMlflow, place: Place
) -> None:
    said: list[str] = []
    server.has_model("risk", 3, tags=[{"key": "mlci.commit", "value": "c" * 40}], run_id="r")
    holds(server, "1/r/artifacts/model", MLmodel=b"flavors: {}", weights=b"")
    named = replace(place, say=said.append)
    found = take(CHAMPION, named)
    assert found == Taken(
        path=place.store / "model",
        origin="version 3 (champion) of risk in the MLflow registry",
        commit="c" * 40,
        modified="2023-11-14T22:13:20+00:00",
        url=f"{server.url}/#/models/risk/versions/3",
    )
    files = {file.name: file.read_bytes() for file in found.path.iterdir()}
    assert files == {"MLmodel": b"flavors: {}", "weights": b""}
    assert [path.name for path in place.store.iterdir()] == ["model"]
    assert said == [f"{CHAMPION}: {found.origin}"]


def test_the_commit_of_its_run_is_taken_where_nobody_noted_another(
    server: SmallMlflow, place: Place
) -> None:
    server.has_model("risk", 3, run_id="r")
    tags = [{"key": "mlflow.source.git.commit", "value": "d" * 40}]
    info = {"run_id": "r", "artifact_uri": "mlflow-artifacts:/1/r/artifacts"}
    server.says("GET", "mlflow/runs/get", 200, {"run": {"info": info, "data": {"tags": tags}}})
    holds(server, "1/r/artifacts/model", MLmodel=b"x")
    assert taken(place).commit == "d" * 40


@pytest.mark.parametrize("tag", ["HEAD; rm", "", "é" * 40])
def test_a_commit_that_is_none_is_not_passed_on(
    server: SmallMlflow, place: Place, tag: str
) -> None:
    server.has_model("risk", 3, tags=[{"key": "mlci.commit", "value": tag}])
    holds(server, "1/r/artifacts/model", MLmodel=b"x")
    assert taken(place, RegistrySource(name="risk", version=3)).commit is None


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (RegistrySource(name="risk", alias="blue"), "no version of 'risk' has the alias 'blue'; "),
        (RegistrySource(name="risk", version=4), "'risk' has no version 4; "),
        (CHAMPION, "the registry has no model 'risk'; "),
    ],
    ids=["alias", "version", "model"],
)
def test_what_is_not_there_is_missing_and_the_sentence_says_how_to_make_one(
    server: SmallMlflow, place: Place, source: RegistrySource, sentence: str
) -> None:
    if source is not CHAMPION:
        model = {"registered_model": {"name": "risk"}}
        server.says("GET", "mlflow/registered-models/get", 200, model)
    with pytest.raises(BaselineMissing) as caught:
        taken(place, source)
    alias = source.alias or "champion"
    made = f"`mlci promote REPORT_FOLDER --to mlflow:risk@{alias}` makes one"
    assert caught.value.message == sentence + made
    assert not isinstance(caught.value, BaselineUnknown)


def test_without_a_server_that_answers_it_is_unknown(server: SmallMlflow, place: Place) -> None:
    server.says("GET", "mlflow/registered-models/get", 503)
    with pytest.raises(BaselineUnknown, match="answered 503"):
        taken(place)
    with pytest.raises(BaselineUnknown, match="MLFLOW_TRACKING_URI is not set"):
        take(CHAMPION, replace(place, environ={}))


@pytest.mark.parametrize(
    ("status", "body"),
    [(401, b""), (403, b""), (404, b"<html>not here</html>"), (200, b"<html>log in</html>")],
    ids=["nobody", "forbidden", "another server", "a page"],
)
def test_a_server_that_refuses_is_an_error_and_no_first_model(
    server: SmallMlflow, place: Place, status: int, body: bytes
) -> None:
    server.says("GET", "mlflow/registered-models/get", status, body)
    with pytest.raises(BaselineError) as caught:
        taken(place)
    assert not isinstance(caught.value, BaselineMissing)
    assert caught.value.message.startswith(f"{CHAMPION}: ")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "source", ["/srv/mlruns/1/model", "file:///srv/mlruns/1/model", "dbfs:/models/1", "memory://x"]
)
def test_a_place_that_only_the_server_reaches_is_said(
    server: SmallMlflow, place: Place, source: str
) -> None:
    server.has_model("risk", 3, source=source)
    with pytest.raises(BaselineError, match="only the server's own machine can reach it") as caught:
        taken(place)
    assert "--artifacts-destination" in caught.value.hint


def test_what_another_store_does_not_hand_out_is_an_error_and_no_first_model(
    server: SmallMlflow, place: Place
) -> None:
    server.has_model("risk", 3, source="abfs://models/risk.joblib")
    with pytest.raises(
        BaselineError, match=r"version 3 of 'risk' in the registry: .*adlfs"
    ) as caught:
        taken(place)
    assert not isinstance(caught.value, BaselineMissing)


def test_a_tag_that_is_no_digest_makes_no_bundle(server: SmallMlflow, place: Place) -> None:
    server.has_model("risk", 3, tags=[{"key": "mlci.manifest", "value": "soon"}])
    holds(server, "1/r/artifacts/model", MLmodel=b"x")
    found = taken(place)
    assert ((found.path / "MLmodel").read_bytes(), found.manifest) == (b"x", None)


@pytest.mark.parametrize(
    "source",
    ["runs:/gone/model", "models:/risk/3", "models:/other/9", f"models:/m-{'0' * 32}"],
    ids=["run", "itself", "version", "logged model"],
)
def test_a_name_that_leads_nowhere_is_an_error(
    server: SmallMlflow, place: Place, source: str
) -> None:
    server.has_model("risk", 3, source=source)
    if source == "models:/other/9":
        # The first answer about a version is of the one that was asked for, then there is none.
        server.says("GET", "mlflow/model-versions/get", 404, MISSING)
    with pytest.raises(BaselineError) as caught:
        taken(place)
    assert not isinstance(caught.value, BaselineMissing)


def test_the_folder_of_a_run_is_found_by_its_name(server: SmallMlflow, place: Place) -> None:
    server.has_model("risk", 3, source="runs:/r1/sub/model")
    info = {"run_id": "r1", "artifact_uri": "mlflow-artifacts:/7/r1/artifacts/"}
    server.says("GET", "mlflow/runs/get", 200, {"run": {"info": info}})
    holds(server, "7/r1/artifacts/sub/model", MLmodel=b"x")
    assert (taken(place).path / "MLmodel").read_bytes() == b"x"


def test_a_hostile_server_writes_nothing_outside(server: SmallMlflow, place: Place) -> None:
    server.has_model("risk", 3)
    holds(server, "1/r/artifacts/model", **{"../../evil": b"x", "MLmodel": b"x"})
    with pytest.raises(BaselineError, match="version 3 of 'risk' in the registry: it holds a file"):
        taken(place)
    assert [path.name for path in place.folder.rglob("*")] == []


def test_a_source_on_another_server_is_not_asked(server: SmallMlflow, place: Place) -> None:
    with SmallMlflow() as other:
        port = other.url.rpartition(":")[2]
        server.has_model("risk", 3, source=f"mlflow-artifacts://127.0.0.1:{port}/1/r")
        with pytest.raises(BaselineError, match="its artifacts are at"):
            taken(place)
        assert other.asked == []


def test_a_version_without_files_is_an_error(server: SmallMlflow, place: Place) -> None:
    server.has_model("risk", 3)
    server.says("GET", LIST, 200, {})
    with pytest.raises(BaselineError, match="has no files"):
        taken(place)


def test_files_that_are_not_those_that_were_promoted_are_not_used(
    server: SmallMlflow, place: Place
) -> None:
    tag = {"key": "mlci.manifest", "value": f"sha256:{'0' * 64}"}
    source = "mlflow-artifacts:/1/r/artifacts/mlci-bundle"
    server.has_model("risk", 3, tags=[tag], source=source)
    text = json.dumps({"version": 1}).encode()
    holds(server, "1/r/artifacts/mlci-bundle", **{"manifest.json": text})
    with pytest.raises(BaselineError, match=r"are not those that its tag mlci\.manifest names"):
        taken(place)
    assert list(place.store.iterdir()) == []
