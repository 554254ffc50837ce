from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlci_action.adapters.destinations import destination_of
from mlci_action.adapters.destinations.folder import FolderDestination
from mlci_action.adapters.destinations.object_store import ObjectStoreDestination
from mlci_action.adapters.destinations.registry import RegistryDestination
from mlci_action.adapters.destinations.release import ReleaseDestination
from mlci_action.errors import MlciError

TOKEN = "stand-in-token"
ENVIRON = {
    "GITHUB_REPOSITORY": "octo/models",
    "MLFLOW_TRACKING_URI": "https://mlflow.example.org",
}


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("models/production", FolderDestination, "models/production"),
        ("  models\n", FolderDestination, "models"),
        ("/srv/models", FolderDestination, "/srv/models"),
        ("file:///srv/models", FolderDestination, "file:///srv/models"),
        ("releases", FolderDestination, "releases"),
        ("release:models", ReleaseDestination, "release:models"),
        ("release:models/v1.2", ReleaseDestination, "release:models/v1.2"),
        ("mlflow:risk@champion", RegistryDestination, "mlflow:risk@champion"),
        ("memory://models", ObjectStoreDestination, "memory://models"),
    ],
)
def test_a_name_says_what_kind_of_place_it_is(text: str, kind: type, name: str) -> None:
    found = destination_of(text, folder=Path("/work"), environ=ENVIRON, token=TOKEN)
    assert type(found) is kind
    assert found.name == name


def test_a_path_is_relative_to_the_folder(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "promoted.json").write_text("{")
    with pytest.raises(MlciError, match=r"promoted\.json in models"):
        destination_of("models", folder=tmp_path, environ={}).current()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "names nothing"),
        ("   ", "names nothing"),
        ("artifact", "bundle-path"),
        ("artifact:mine", "actions/upload-artifact"),
        ("release", "names no tag"),
        ("release:", "names no tag"),
        ("release:v1:model.joblib", "names no tag"),
        ("release:-v1", "names no tag"),
        ("release:v 1", "names no tag"),
        ("mlflow:risk", "mlflow:NAME@ALIAS"),
        ("git:main:models", "nothing can be promoted to git:"),
        ("dvc:models", "nothing can be promoted to dvc:"),
        ("https://host/models", "nothing can be promoted to https:"),
    ],
)
def test_a_name_of_no_place_is_told_what_to_write(text: str, sentence: str) -> None:
    with pytest.raises(MlciError) as caught:
        destination_of(text, folder=Path(), environ=ENVIRON, token=TOKEN)
    assert sentence in caught.value.message
    assert caught.value.hint


def test_a_release_needs_a_repository_and_a_token() -> None:
    with pytest.raises(MlciError, match="GITHUB_REPOSITORY"):
        destination_of("release:models", folder=Path(), environ={}, token=TOKEN)
    with pytest.raises(MlciError, match="contents: write"):
        destination_of("release:models", folder=Path(), environ=ENVIRON)


def test_folders_releases_and_registries_need_no_library_of_the_full_environment() -> None:
    """The steps with a token have pydantic, PyYAML, requests and tabulate."""
    code = """
import sys
for name in ("numpy", "pandas", "scipy", "sklearn", "fsspec", "pyarrow", "pandera"):
    sys.modules[name] = None
from pathlib import Path
from mlci_action.adapters.destinations import destination_of
import mlci_action.stages.promote
environ = {"GITHUB_REPOSITORY": "o/m", "MLFLOW_TRACKING_URI": "http://127.0.0.1:1"}
for text in ("models", "file:///models", "release:models", "mlflow:risk@champion"):
    destination_of(text, folder=Path(), environ=environ, token="t")
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
