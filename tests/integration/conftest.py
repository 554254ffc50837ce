"""One small project, trained once, and servers, started once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.projects import copy_project, make_project
from tests.fakes.servers import MlflowServer, S3Server, running_mlflow, running_s3


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as made; not to be changed."""
    return make_project(tmp_path_factory.mktemp("trained") / "project")


@pytest.fixture
def project(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy in a folder whose name has a space, and the working directory."""
    folder = copy_project(trained, tmp_path / "my project")
    monkeypatch.chdir(folder)
    for name in ("GITHUB_ACTIONS", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """MLflow's server, shared by `xdist_group("mlflow")`; each test uses names of its own."""
    with running_mlflow(tmp_path_factory.mktemp("mlflow")) as server:
        yield server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An object store, shared by `xdist_group("s3")`; each test makes a bucket of its own."""
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server
