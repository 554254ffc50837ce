"""The statement says of the model and its manifest which checks held, under which limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.rendering.attestation import predicate_of, statement_to_json
from tests.builders_bundle import make_manifest, sha256

_DIGEST = "sha256:" + "a" * 64
_CHECKS = {
    Outcome.PASSED: ("data.missing",),
    Outcome.WARNED: ("data.drift",),
    Outcome.WAIVED: ("metric.f1.max_regression",),
    Outcome.INCONCLUSIVE: ("metric.roc_auc.max_regression",),
    Outcome.FAILED: ("metric.log_loss.max",),
    Outcome.ERRORED: ("budget.latency",),
    Outcome.NOT_RUN: ("data.leakage",),
}


def test_the_statement_is_spelt_as_in_toto_has_it() -> None:
    manifest = make_manifest()
    assert json.loads(statement_to_json(manifest, _DIGEST)) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {
                "name": "model.joblib",
                "digest": {"sha256": manifest.model.digest.removeprefix("sha256:")},
            },
            {"name": "manifest.json", "digest": {"sha256": "a" * 64}},
        ],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": "PASSED",
            "configuration": [
                {"name": "policy", "digest": {"sha256": sha256("policy").removeprefix("sha256:")}},
                {"name": "manifest.json", "digest": {"sha256": "a" * 64}},
            ],
            "passedTests": ["data.missing", "metric.roc_auc.max_regression"],
            "warnedTests": [],
            "failedTests": [],
        },
    }


def test_beside_a_model_that_failed_only_what_passed_has_passed() -> None:
    said = predicate_of(make_manifest(verdict=Verdict.FAIL, deploy=False, checks=_CHECKS), _DIGEST)
    assert (said["result"], said["passedTests"]) == ("FAILED", ["data.missing"])
    assert said["warnedTests"] == ["data.drift", "metric.f1.max_regression"]
    assert sorted(said["failedTests"]) == [
        "budget.latency",
        "data.leakage",
        "metric.log_loss.max",
        "metric.roc_auc.max_regression",
    ]


@pytest.mark.parametrize(
    ("about", "result"),
    [
        ({}, "PASSED"),
        ({"verdict": Verdict.INCONCLUSIVE}, "WARNED"),
        ({"verdict": Verdict.INCONCLUSIVE, "deploy": False}, "FAILED"),
        ({"deploy": False}, "FAILED"),
        ({"verdict": Verdict.ERROR}, "FAILED"),
        ({"verdict": Verdict.FAIL}, "FAILED"),
    ],
    ids=repr,
)
def test_only_what_may_be_deployed_has_passed(about: dict[str, Any], result: str) -> None:
    assert predicate_of(make_manifest(**about), _DIGEST)["result"] == result


def test_what_did_not_block_is_a_warning() -> None:
    checks = {Outcome.PASSED: ("data.missing",), Outcome.NOT_RUN: ("data.drift",)}
    said = predicate_of(make_manifest(checks=checks, policy=None), _DIGEST)
    assert (said["warnedTests"], said["failedTests"]) == (["data.drift"], [])
    assert [one["name"] for one in said["configuration"]] == ["manifest.json"]
