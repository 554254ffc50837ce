"""What MLflow shows of a promoted model fits into what MLflow takes."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from mlci_action.adapters.destinations.registry import registry_destination
from mlci_action.adapters.destinations.registry_run import (
    metrics_of,
    params_of,
    run_tags,
    version_tags,
)
from mlci_action.domain.manifest import MetricEntry
from mlci_action.domain.registry_names import bundle_folder
from mlci_action.errors import SettingsError
from tests.builders_bundle import make_bundle, make_manifest

SERVER = {"MLFLOW_TRACKING_URI": "https://host.example"}


def test_a_metric_has_its_baseline_and_the_difference_beside_it() -> None:
    assert metrics_of(make_manifest()) == {
        "roc_auc": 0.88,
        "roc_auc.baseline": 0.87,
        "roc_auc.diff": 0.01,
    }


def test_what_is_no_number_is_no_metric_and_names_are_made_fit() -> None:
    entries = (
        MetricEntry(metric="../my:metric|", n=1, candidate=1.0),
        MetricEntry(metric="none", n=1, candidate=None),
        MetricEntry(metric="nan", n=1, candidate=math.nan),
    )
    assert metrics_of(make_manifest(metrics=entries)) == {"_my_metric_": 1.0}


def test_no_more_is_shown_than_a_server_takes() -> None:
    entries = tuple(MetricEntry(metric=f"m{n}", n=1, candidate=1.0) for n in range(150))
    many = {f"p{n:03}": n for n in range(150)}
    manifest = make_manifest(metrics=entries, parameters={**many, "p000": "x\n" * 9999})
    assert len(metrics_of(manifest)) == len(params_of(manifest)) == 100
    assert {len(value) for value in params_of(manifest).values()} == {1, 2, 250}


def test_parameters_are_short_texts() -> None:
    manifest = make_manifest(parameters={"C": 1.0, "weights": {"a": [1, None]}, "solver": "lbfgs"})
    assert params_of(manifest) == {"C": "1.0", "solver": "lbfgs", "weights": '{"a": [1, null]}'}


def test_a_version_is_known_by_manifest_model_and_commit(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "bundle")
    tags = {
        "mlci.manifest": bundle.digest,
        "mlci.model": bundle.manifest.model.digest,
        "mlci.commit": "c" * 40,
    }
    assert version_tags(bundle) == tags
    shown = {"mlci.verdict": "pass", "mlflow.source.git.commit": "c" * 40}
    assert run_tags(bundle) == tags | shown
    without = make_bundle(tmp_path / "without", commit=None)
    assert "mlci.commit" not in version_tags(without)


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("1/r/artifacts/mlci-bundle", "1/r/artifacts/mlci-bundle"),
        ("1/r/artifacts/mlci-bundle/model", "1/r/artifacts/mlci-bundle"),
        ("1/r/artifacts/mlci-bundle/mlci-bundle", "1/r/artifacts/mlci-bundle"),
        ("mlci-bundle", "mlci-bundle"),
        ("1/r/artifacts/model", None),
        ("1/r/artifacts/my-mlci-bundle", None),
        ("1/r/artifacts/mlci-bundle/a/b", None),
    ],
)
def test_a_bundle_is_found_by_its_own_path_or_its_models(path: str, folder: str | None) -> None:
    assert bundle_folder(path) == folder


@pytest.mark.parametrize("text", ["mlflow:risk@champion", "mlflow:models:/risk@champion"])
def test_a_destination_is_an_alias_of_a_model(text: str) -> None:
    assert registry_destination(text, SERVER).name == "mlflow:risk@champion"


@pytest.mark.parametrize(
    "text", ["mlflow:risk", "mlflow:risk/3", "mlflow:@a", "mlflow:a'b@c", "mlflow:risk@v1", "m"]
)
def test_what_is_no_alias_is_no_destination(text: str) -> None:
    with pytest.raises(SettingsError, match="is not mlflow:NAME@ALIAS"):
        registry_destination(text, SERVER)


def test_a_registry_needs_no_library_of_the_full_environment() -> None:
    """The steps with a token have pydantic, PyYAML, requests and tabulate."""
    code = """
import sys
for name in ("numpy", "pandas", "scipy", "sklearn", "fsspec", "pyarrow", "mlflow", "pandera"):
    sys.modules[name] = None
import mlci_action.adapters.baseline_sources.registry
import mlci_action.adapters.baseline_sources.store
import mlci_action.adapters.destinations.registry
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
