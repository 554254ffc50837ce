"""One small project, trained once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.projects import copy_project, make_project


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
