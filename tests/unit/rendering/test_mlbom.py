"""The bill of materials is one that CycloneDX takes, the same for the same bundle."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from mlci_action.domain.manifest import DataEntry, Manifest, MetricEntry, Promoted
from mlci_action.rendering.mlbom import mlbom_to_json
from tests.builders import HOSTILE
from tests.builders_bundle import make_manifest, sha256

_DIGEST = sha256("the manifest")


def full() -> Manifest:
    return make_manifest(
        environment={"Foo_Bar": "1!2", "torch": "2.1+cpu", "numpy": "1.26.4", "foo-bar": "1!2"},
        parameters={"C": 1.0, "hidden": [1, 2], "memory": None, "name": HOSTILE},
        history=(Promoted(manifest=sha256("m"), model=sha256("parent")),),
        data=(
            DataEntry(role="evaluation", path="test.csv", digest=sha256("rows"), rows=500),
            DataEntry(role="train", path=HOSTILE, digest=sha256("more"), rows=1_000),
        ),
    )


def document(of: Manifest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(mlbom_to_json(of, _DIGEST))
    return found


@pytest.mark.parametrize(
    "manifest",
    [full(), make_manifest(metrics=(), data=(), environment={}, commit=None, policy=None)],
    ids=["full", "empty"],
)
def test_it_is_valid_by_the_schema_of_cyclonedx(manifest: Manifest) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    text = mlbom_to_json(manifest, _DIGEST)
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace("SHA-256", "SHA-257")) is not None


def test_the_serial_number_is_that_of_the_bundle() -> None:
    one, other = mlbom_to_json(full(), _DIGEST), mlbom_to_json(full(), sha256("another"))
    assert one == mlbom_to_json(full(), _DIGEST)
    assert json.loads(one)["serialNumber"] == "urn:uuid:191836ec-c771-5ada-a0ad-f26f7200ca4e"
    assert json.loads(other)["serialNumber"] != json.loads(one)["serialNumber"]


def test_the_model_has_its_digest_its_metrics_and_its_parent() -> None:
    model = document(full())["metadata"]["component"]
    assert model["type"] == "machine-learning-model"
    assert model["hashes"] == [
        {"alg": "SHA-256", "content": full().model.digest.removeprefix("sha256:")}
    ]
    assert model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "roc_auc", "value": "0.88"},
        {
            "type": "roc_auc, difference from the baseline",
            "value": "0.01",
            "confidenceInterval": {"lowerBound": "-0.002", "upperBound": "0.022"},
        },
    ]
    assert model["pedigree"]["commits"] == [{"uid": "c" * 40}]
    assert model["pedigree"]["ancestors"][0]["version"] == sha256("parent")
    named = {one["name"]: one["value"] for one in model["properties"]}
    assert named["mlci:parameter:hidden"] == "[1, 2]"
    assert named["mlci:parameter:memory"] == "null"
    assert named["mlci:verdict"] == "pass"


def test_a_metric_without_a_value_is_left_out() -> None:
    bare = make_manifest(metrics=(MetricEntry(metric="r2", n=3, candidate=None),))
    card = document(bare)["metadata"]["component"]["modelCard"]
    assert card["quantitativeAnalysis"]["performanceMetrics"] == []


def test_libraries_are_packages_and_each_is_named_once() -> None:
    components = document(full())["components"]
    assert [one["purl"] for one in components if one["type"] == "library"] == [
        "pkg:pypi/foo-bar@1%212",
        "pkg:pypi/numpy@1.26.4",
        "pkg:pypi/torch@2.1%2Bcpu",
    ]
    refs = [one["bom-ref"] for one in components]
    assert len(set(refs)) == len(refs)
    assert document(full())["dependencies"] == [{"ref": "model", "dependsOn": refs}]
