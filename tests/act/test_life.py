"""Do the shipped sub-actions bring a model that passed in place, and prove that it is the one?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.act.conftest import BRANCH, Consumer
from tests.act.host import GateJob, Host
from tests.fakes.github_server import GitHubServer

pytestmark = pytest.mark.act

_REPORT = "${{ steps.gate.outputs.report-path }}"
_BUNDLE = "${{ steps.gate.outputs.bundle-path }}"
_DIGEST = "${{ steps.gate.outputs.model-digest }}"
_SPOIL = f"echo more >> {_BUNDLE}/model.joblib"


def promote(name: str, to: str, **more: str) -> dict[str, Any]:
    inputs = {"report": _REPORT, "to": to, "model-digest": _DIGEST, **more}
    return {
        "id": name,
        "uses": "org/mlci-action/promote@v1",
        "with": inputs,
        "continue-on-error": True,
    }


def verify(name: str, model: str) -> dict[str, Any]:
    manifest = "${{ steps.gate.outputs.manifest-path }}"
    inputs = {"model": model, "manifest": manifest, "model-digest": _DIGEST}
    return {
        "id": name,
        "uses": "org/mlci-action/verify@v1",
        "with": inputs,
        "continue-on-error": True,
    }


def outputs(step: dict[str, Any], name: str) -> tuple[str, str]:
    return step["outcome"], step["outputs"][name]


def test_a_model_that_passed_is_promoted_once_and_proved(
    host: Host, work: Path, consumer: Consumer, github: GitHubServer
) -> None:
    """On a push to the default branch; the release is written with the token, in the light step."""
    event = {
        "ref": f"refs/heads/{BRANCH}",
        "before": consumer.base,
        "after": consumer.head,
        "repository": {"default_branch": BRANCH, "full_name": "org/credit"},
    }
    job = GateJob(
        inputs={"comment": "false"},
        after=(
            promote("folder", "promoted"),
            promote("again", "promoted"),
            promote("release", "release:models"),
            verify("same", f"{_BUNDLE}/model.joblib"),
            {"id": "spoil", "run": _SPOIL},
            verify("other", f"{_BUNDLE}/model.joblib"),
            promote("spoiled", "elsewhere"),
        ),
    )
    ran = host.run(work, {"gate": job}, event=event, event_name="push", server_url=github.url)
    gate = ran.gates["gate"]
    assert gate.summary() == ("success", "true", "pass"), ran.log
    steps = gate.steps
    assert outputs(steps["folder"], "promoted") == ("success", "true"), ran.log
    assert outputs(steps["again"], "promoted") == ("success", "true"), ran.log
    assert outputs(steps["release"], "promoted") == ("success", "true"), ran.log
    assert outputs(steps["same"], "verified") == ("success", "true"), ran.log
    assert steps["same"]["outputs"]["model-digest"] == gate.outputs["model-digest"]
    assert outputs(steps["other"], "verified") == ("failure", "false"), ran.log
    assert outputs(steps["spoiled"], "promoted") == ("failure", "false"), ran.log


def test_a_pull_request_promotes_to_no_place_that_others_take_from(
    host: Host, work: Path, event: dict[str, Any], github: GitHubServer
) -> None:
    job = GateJob(inputs={"comment": "false"}, after=(promote("release", "release:models"),))
    ran = host.run(work, {"gate": job}, event=event, server_url=github.url)
    gate = ran.gates["gate"]
    assert gate.summary() == ("success", "true", "pass"), ran.log
    assert outputs(gate.steps["release"], "promoted") == ("failure", "false"), ran.log
