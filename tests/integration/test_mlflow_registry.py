"""A model's way into a registry of MLflow and out again, with MLflow's own server and client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlci_action.adapters.baseline_sources.registry import take, take_from
from mlci_action.adapters.baseline_sources.taken import Place, Taken
from mlci_action.adapters.bundles import Bundle, read_bundle
from mlci_action.adapters.destinations.destination import Current, PromotionRefused
from mlci_action.adapters.destinations.registry import RegistryDestination
from mlci_action.adapters.github_event import Change
from mlci_action.adapters.mlflow_access import access_from
from mlci_action.adapters.mlflow_api import MlflowApi
from mlci_action.adapters.model_files import digest_of_model
from mlci_action.domain.sources import RegistrySource
from mlci_action.errors import BaselineError, BaselineMissing, MlciError
from tests.builders_bundle import make_bundle
from tests.fakes.door import Door
from tests.fakes.mlflow_user import MLMODEL, loadable_folder, use_mlflow
from tests.fakes.servers import MlflowServer

pytestmark = pytest.mark.xdist_group("mlflow")

LARGE = 2**20


@dataclass(frozen=True)
class Registry:
    """The server, and what is asked of it in one test."""

    url: str
    folder: Path
    artifacts: Path

    @property
    def environ(self) -> Mapping[str, str]:
        return {"MLFLOW_TRACKING_URI": self.url}

    @property
    def api(self) -> MlflowApi:
        return MlflowApi(access_from(self.environ))

    def at(self, name: str, url: str | None = None) -> RegistryDestination:
        environ = {"MLFLOW_TRACKING_URI": url or self.url}
        return RegistryDestination(name, "champion", environ=environ, sleep=lambda _: None)

    def place(self) -> Place:
        return Place(
            folder=self.folder,
            store=self.folder / "store",
            environ=self.environ,
            change=Change(),
        )

    def taken(self, name: str, url: str | None = None) -> Taken:
        source = RegistrySource(name=name, alias="champion")
        environ = {"MLFLOW_TRACKING_URI": url or self.url}
        return take_from(access_from(environ, sleep=lambda _: None), source, self.place())

    def uploads(self, name: str) -> dict[str, int]:
        """When each file below the artifacts with that name was written."""
        return {str(path): path.stat().st_mtime_ns for path in self.artifacts.rglob(name)}


@pytest.fixture
def registry(mlflow_server: MlflowServer, tmp_path: Path) -> Registry:
    return Registry(mlflow_server.url, tmp_path, mlflow_server.artifacts)


@pytest.fixture
def door(mlflow_server: MlflowServer) -> Iterator[Door]:
    with Door(mlflow_server.url) as standing:
        yield standing


@pytest.fixture
def bundle(tmp_path: Path) -> Callable[..., Bundle]:
    def make(name: str, content: bytes | Path = b"a model") -> Bundle:
        # The name of the test's model is in it: each test has manifests of its own.
        return make_bundle(tmp_path / name, model=content, parameters={"made for": name})

    return make


def test_a_promoted_model_comes_back_as_the_bundle_that_it_was(
    registry: Registry, bundle: Callable[..., Bundle]
) -> None:
    first, second = bundle("there and back", b"one"), bundle("there and back 2", b"two")
    risk = registry.at("back")
    assert risk.current() is None
    where = risk.put(first, expected=None)
    host = registry.url.removeprefix("http://")
    assert where == f"version 1 (champion) of back in the MLflow registry at {host}"
    assert risk.current() == Current(
        manifest=first.digest, model=first.manifest.model.digest, where=where
    )
    risk.put(second, expected=first.digest)

    found = take(RegistrySource(name="back", alias="champion"), registry.place())
    assert read_bundle(found.path).digest == second.digest
    assert found.origin == "version 2 (champion) of back in the MLflow registry"
    assert (found.commit, found.manifest) == ("c" * 40, second.digest)
    earlier = take(RegistrySource(name="back", version=1), registry.place())
    assert read_bundle(earlier.path).digest == first.digest


def test_a_promotion_done_twice_is_done_once(
    registry: Registry, bundle: Callable[..., Bundle]
) -> None:
    once, then = bundle("once"), bundle("then")
    destination = registry.at("once")
    destination.put(once, expected=None)
    written = registry.uploads("*")
    assert "version 1 " in destination.put(once, expected=None)
    assert registry.uploads("*") == written
    destination.put(then, expected=once.digest)
    written = registry.uploads("*")
    # Back to the first: its version is there already, and only the alias moves.
    assert "version 1 " in destination.put(once, expected=then.digest)
    assert registry.uploads("*") == written


def test_whoever_expects_something_else_is_refused_and_changes_nothing(
    registry: Registry, bundle: Callable[..., Bundle]
) -> None:
    first, second = bundle("expected"), bundle("unexpected", b"another")
    destination = registry.at("refused")
    destination.put(first, expected=None)
    written = registry.uploads("*")
    for expected in (None, second.digest):
        with pytest.raises(PromotionRefused, match="by now"):
            destination.put(second, expected=expected)
    current = destination.current()
    assert current is not None
    assert current.manifest == first.digest
    assert registry.uploads("*") == written


def test_a_promotion_that_came_between_is_not_overwritten(
    registry: Registry, bundle: Callable[..., Bundle]
) -> None:
    slow, quick = bundle("slow"), bundle("quick")
    destination = registry.at("overtaken")

    def overtaken() -> float:
        """The clock is asked when the files are up and the alias is not set."""
        if registry.at("overtaken").current() is None:
            registry.at("overtaken").put(quick, expected=None)
        return 1_800_000_000.0

    destination._now = overtaken
    with pytest.raises(PromotionRefused, match="by now"):
        destination.put(slow, expected=None)
    current = destination.current()
    assert current is not None
    assert current.manifest == quick.digest


class Interrupting(MlflowApi):
    """Another promotion is faster than the look that follows the setting of the alias."""

    def set_alias(self, model: str, alias: str, version: int) -> None:
        super().set_alias(model, alias, version)
        super().set_alias(model, alias, 1)


def test_a_promotion_that_another_one_overwrites_at_once_is_told_so(
    registry: Registry, bundle: Callable[..., Bundle]
) -> None:
    first, second = bundle("first"), bundle("second")
    destination = registry.at("overwritten")
    destination.put(first, expected=None)
    destination._api = Interrupting(access_from(registry.environ))
    with pytest.raises(PromotionRefused, match=f"the model {first.manifest.model.digest} is in"):
        destination.put(second, expected=first.digest)


def test_a_file_that_nobody_promoted_is_in_no_version(
    registry: Registry, bundle: Callable[..., Bundle]
) -> None:
    before = registry.uploads("manifest.json")
    padded = bundle("padded")
    registry.at("padded").put(padded, expected=None)
    (new,) = registry.uploads("manifest.json").keys() - before.keys()
    Path(new).with_name("more.txt").write_text("more")
    with pytest.raises(MlciError, match="is not what was uploaded"):
        registry.at("padded too").put(padded, expected=None)
    assert registry.at("padded too").current() is None


def test_a_server_that_dies_while_it_is_uploaded_to_has_the_old_model_and_then_the_new_one(
    registry: Registry, bundle: Callable[..., Bundle], door: Door
) -> None:
    old, new = bundle("old"), bundle("new", b"n" * LARGE)
    destination = registry.at("dying")
    destination.put(old, expected=None)

    door.shut_after(LARGE // 2, way="in")
    with pytest.raises(MlciError, match="cannot promote to mlflow:dying@champion: the connection"):
        registry.at("dying", door.url).put(new, expected=old.digest)
    assert door.is_shut
    assert read_bundle(registry.taken("dying").path).digest == old.digest
    assert registry.api.version("dying", 2) is None

    began = registry.uploads("environment.txt")
    # As if the server had kept what came of the file before the connection broke.
    begun = Path(max(began, key=lambda path: began[path])).parent
    (begun / "model.joblib").write_bytes(b"n" * (LARGE // 2))
    door.open()
    where = registry.at("dying", door.url).put(new, expected=old.digest)
    assert "version 2 " in where
    assert read_bundle(registry.taken("dying").path).digest == new.digest
    # It went on in the run that was begun, and brought again only what had not come whole.
    assert registry.uploads("environment.txt") == began


def test_of_a_server_that_dies_while_it_is_read_nothing_is_used(
    registry: Registry, bundle: Callable[..., Bundle], door: Door
) -> None:
    registry.at("cut").put(bundle("cut", b"c" * LARGE), expected=None)
    door.shut_after(LARGE // 2, way="out")
    with pytest.raises(BaselineError) as caught:
        registry.taken("cut", door.url)
    assert door.is_shut
    assert not isinstance(caught.value, BaselineMissing)
    assert list(registry.place().store.iterdir()) == []
    door.open()
    assert (
        read_bundle(registry.taken("cut", door.url).path).manifest.parameters["made for"] == "cut"
    )


def test_files_that_were_changed_in_the_servers_store_are_not_used(
    registry: Registry, bundle: Callable[..., Bundle]
) -> None:
    changed = bundle("changed", b"by nobody")
    registry.at("changed").put(changed, expected=None)
    for path in registry.artifacts.rglob("manifest.json"):
        if path.read_bytes() == (changed.folder / "manifest.json").read_bytes():
            path.write_bytes(path.read_bytes().replace(b"changed", b"CHANGED"))
    with pytest.raises(BaselineError, match=r"its tag mlci\.manifest names"):
        registry.taken("changed")


def test_metrics_parameters_and_tags_stand_in_the_run(
    registry: Registry, bundle: Callable[..., Bundle]
) -> None:
    registry.at("shown").put(bundle("shown"), expected=None)
    version = registry.api.version("shown", 1)
    assert version is not None
    run_id = version.run_id or ""
    answer = access_from(registry.environ).tracking.get("mlflow/runs/get", run_id=run_id)
    data = answer["run"]["data"]
    assert {entry["key"]: entry["value"] for entry in data["metrics"]} == {
        "roc_auc": 0.88,
        "roc_auc.baseline": 0.87,
        "roc_auc.diff": 0.01,
    }
    assert data["params"] == [{"key": "made for", "value": "shown"}]
    tags = {entry["key"]: entry["value"] for entry in data["tags"]}
    assert tags.items() >= version.tags.items()
    assert answer["run"]["info"]["status"] == "FINISHED"


@pytest.fixture
def used(registry: Registry, bundle: Callable[..., Bundle]) -> str:
    """What MLflow's own client printed as it used the registry."""
    folder = loadable_folder(registry.folder / "loadable")
    registry.at("loadable").put(bundle("of MLflow", folder), expected=None)
    return use_mlflow(registry.url, registry.folder)


def test_mlflow_loads_what_we_promote_and_we_take_what_mlflow_registers(
    registry: Registry, bundle: Callable[..., Bundle], used: str
) -> None:
    assert used.startswith("[7, 7]\n")
    loadable = read_bundle(registry.taken("loadable").path)
    assert (loadable.model / "MLmodel").read_text() == MLMODEL

    found = registry.taken("handmade")
    assert found.origin == "version 1 (champion) of handmade in the MLflow registry"
    assert {"MLmodel", "python_model.pkl"} < {path.name for path in found.path.iterdir()}
    copied = take(RegistrySource(name="copied", version=1), registry.place())
    digest = digest_of_model(copied.path, who="the copy")
    # A model that somebody registered by hand can be followed: it is known by its bytes.
    current = registry.at("handmade").current()
    assert current is not None
    assert current.model == digest
    following = bundle("following")
    registry.at("handmade").put(following, expected=current.manifest)
    assert read_bundle(registry.taken("handmade").path).digest == following.digest
