"""Does the shipped action, with everything real in it, judge the pull requests of the sample?"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.act.conftest import NUMBER, Consumer
from tests.act.host import GateJob, Host
from tests.fakes.github_server import GitHubServer

pytestmark = pytest.mark.act


def test_a_better_model_is_deployed_and_the_pull_request_says_so(
    host: Host, work: Path, event: dict[str, Any], github: GitHubServer
) -> None:
    """The base commit is not in the clone: it is fetched, with the token, for the baseline."""
    ran = host.run(work, {"gate": GateJob()}, event=event, server_url=github.url)
    gate = ran.gates["gate"]
    assert gate.summary() == ("success", "true", "pass"), ran.log
    assert ["mlci: pass" in comment["body"] for comment in github.comments] == [True]
    assert gate.outputs["comment-status"] == "created"
    assert gate.outputs["comment-url"] == github.comments[0]["html_url"]
    assert set(json.loads(gate.outputs["metrics"])) >= {"roc_auc", "log_loss", "accuracy"}
    assert gate.outputs["model-digest"] == "sha256:" + digest(work / "models" / "model.joblib")

    # The next push of the same pull request brings no model: the comment is brought up to date.
    inputs = {"candidate": "models/none.joblib"}
    ran = host.run(work, {"gate": GateJob(inputs=inputs)}, event=event, server_url=github.url)
    assert ran.gates["gate"].summary() == ("failure", "false", "error"), ran.log
    assert ran.gates["gate"].outputs["comment-status"] == "updated"
    assert ["mlci: error" in comment["body"] for comment in github.comments] == [True]


def test_each_verdict_is_reached_by_what_a_pull_request_can_bring(
    host: Host, work: Path, event: dict[str, Any], github: GitHubServer
) -> None:
    quiet = {"comment": "false"}
    worse = "python3 train.py --preset misjoined"
    moved = "mkdir sub && cp -r data models schema.yml mlci.yml sub && rm mlci.yml"
    gates = {
        "worse": GateJob(inputs=quiet, before=worse),
        "first": GateJob(inputs={**quiet, "baseline": "none.joblib"}),
        "no-candidate": GateJob(inputs={**quiet, "candidate": "none.joblib"}),
        "no-config": GateJob(inputs={**quiet, "config": "none.yml"}),
        "no-settings": GateJob(inputs=quiet, before="echo 'metrics: {auc: {mn: 1}}' > mlci.yml"),
        "bad-input": GateJob(inputs={**quiet, "fail-on": "sometimes"}),
        "bad-python": GateJob(inputs={**quiet, "python": "/nowhere/python"}),
        "no-folder": GateJob(inputs={**quiet, "working-directory": "nowhere"}),
        "subfolder": GateJob(inputs={**quiet, "working-directory": "sub"}, before=moved),
    }
    ran = host.run(work, gates, event=event, server_url=github.url)
    error = ("failure", "false", "error")
    assert {name: result.summary() for name, result in ran.gates.items()} == {
        "worse": ("failure", "false", "fail"),
        "first": ("success", "false", "inconclusive"),
        "no-candidate": error,
        "no-config": error,
        "no-settings": error,
        "bad-input": error,
        "bad-python": error,
        "no-folder": error,
        "subfolder": ("success", "true", "pass"),
    }
    assert all(result.outputs["reason"] for result in ran.gates.values())
    assert all(result.outputs["report-path"] for result in ran.gates.values())
    assert github.comments == []


@pytest.mark.parametrize(
    ("event_name", "summary"),
    [
        ("push", ("success", "true", "pass")),
        ("merge_group", ("success", "true", "pass")),
        ("schedule", ("success", "false", "inconclusive")),
        ("workflow_dispatch", ("success", "false", "inconclusive")),
    ],
)
def test_without_a_pull_request_the_gate_judges_and_the_comment_is_skipped(
    host: Host,
    consumer: Consumer,
    work: Path,
    github: GitHubServer,
    event_name: str,
    summary: tuple[str, str, str],
) -> None:
    """Where an event names no commit to be measured against, there is no `git:base`."""
    events: dict[str, dict[str, Any]] = {
        "push": {"before": consumer.base, "after": consumer.head},
        "merge_group": {
            "merge_group": {"base_sha": consumer.base, "head_sha": consumer.head},
        },
    }
    ran = host.run(
        work,
        {"gate": GateJob()},
        event_name=event_name,
        event=events.get(event_name, {}),
        server_url=github.url,
    )
    assert ran.gates["gate"].summary() == summary, ran.log
    assert ran.gates["gate"].outputs["comment-status"] == "skipped"
    assert github.comments == []


def test_a_token_that_may_not_comment_changes_nothing_but_the_comment(
    host: Host, consumer: Consumer, work: Path, event: dict[str, Any]
) -> None:
    """The token of a fork's pull request reads and does not write."""
    repositories = {"acme/consumer": consumer.bare}
    with GitHubServer(repositories=repositories, read_only=True) as github:
        github.add_pull(NUMBER, head_sha=consumer.head)
        ran = host.run(work, {"gate": GateJob()}, event=event, server_url=github.url)
        assert github.violations == []
    gate = ran.gates["gate"]
    assert gate.summary() == ("success", "true", "pass"), ran.log
    assert gate.outputs["comment-status"] == "forbidden"
    assert "pull-requests: write" in ran.log


def test_the_action_installs_itself_on_a_machine_that_knows_nothing_of_it(
    host: Host, work: Path, event: dict[str, Any], github: GitHubServer, tmp_path: Path
) -> None:
    """Every other test reuses one installation; this one has the `python3` of the machine."""
    bare = replace(host, bin=tmp_path)
    inputs = {"python": sys.executable, "comment": "false"}
    gate = GateJob(inputs=inputs, env={"PYTHONPATH": os.devnull, "PIP_USER": "1"})
    ran = bare.run(work, {"gate": gate}, event=event, server_url=github.url)
    assert ran.gates["gate"].summary() == ("success", "true", "pass"), ran.log
    assert "installed in" in ran.log


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
