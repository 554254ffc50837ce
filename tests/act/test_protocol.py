"""Do the outputs and the step's colour hold, whatever a step does?

The evaluation is a stand-in here that leaves what a test tells it to; every other step is real.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.act.host import GateJob, Host

pytestmark = pytest.mark.act

EXIT_CODES = {"pass": 0, "inconclusive": 1, "fail": 1, "error": 2}
RED = {
    "fail": {"fail", "error"},
    "inconclusive": {"fail", "error", "inconclusive"},
    "error": {"error"},
    "never": set[str](),
}
GREEN_AND_DEPLOYED = ("success", "true", "pass")
RED_AND_ERROR = ("failure", "false", "error")


def job(
    evaluation: str,
    *,
    fail_on: str = "fail",
    comment: str = "false",
    continue_on_error: bool = False,
    **env: str,
) -> GateJob:
    """A gate whose evaluation leaves these outputs, separated by blanks."""
    return GateJob(
        inputs={"comment": comment, "fail-on": fail_on},
        env={"MLCI_TEST_INSTALLED": "stand-in", "MLCI_TEST_EVALUATION": evaluation, **env},
        continue_on_error=continue_on_error,
    )


def reached(verdict: str, *, deploy: str | None = None, exit_code: int | None = None) -> str:
    deploy = deploy or ("true" if verdict == "pass" else "false")
    code = EXIT_CODES.get(verdict, 0) if exit_code is None else exit_code
    return f"verdict={verdict} deploy={deploy} exit-code={code}"


def summaries(
    host: Host, work: Path, event: Mapping[str, Any], gates: Mapping[str, GateJob]
) -> dict[str, tuple[str, str, str]]:
    ran = host.run(work, gates, event=event)
    return {name: result.summary() for name, result in ran.gates.items()}


def test_fail_on_decides_the_colour_and_the_verdict_alone_decides_deploy(
    host: Host, work: Path, event: dict[str, Any]
) -> None:
    """Every verdict under every `fail-on`, as the table in the documentation has it."""
    pairs = [(verdict, fail_on) for verdict in EXIT_CODES for fail_on in RED]
    gates = {f"{verdict}-{on}": job(reached(verdict), fail_on=on) for verdict, on in pairs}
    assert summaries(host, work, event, gates) == {
        f"{verdict}-{on}": (
            "failure" if verdict in RED[on] else "success",
            "true" if verdict == "pass" else "false",
            verdict,
        )
        for verdict, on in pairs
    }


def test_a_step_that_ends_in_the_middle_never_leaves_deploy_true(
    host: Host, work: Path, event: dict[str, Any]
) -> None:
    """Red under every `fail-on`, because no verdict was reached; only the comment may fail."""
    stops = ("install", "fetch", "evaluate", "verdict")
    gates = {
        f"{stop}-{on}": job(reached("pass"), fail_on=on, MLCI_TEST_STOP=stop)
        for stop in stops
        for on in ("fail", "never")
    }
    comment = job(reached("pass"), comment="true", MLCI_TEST_STOP="comment")
    assert summaries(host, work, event, {**gates, "comment": comment}) == {
        **dict.fromkeys(gates, RED_AND_ERROR),
        "comment": GREEN_AND_DEPLOYED,
    }


def test_outputs_that_contradict_each_other_do_not_deploy(
    host: Host, work: Path, event: dict[str, Any]
) -> None:
    """User code that reached the runner's files could leave such outputs."""
    gates = {
        "failed-after-its-outputs": job(reached("pass"), MLCI_TEST_EXIT="1"),
        "nothing-left": job(""),
        "no-verdict": job("deploy=true exit-code=0"),
        "no-exit-code": job("verdict=pass deploy=true"),
        "a-verdict-of-its-own": job(reached("superb", deploy="true")),
        "exit-code-of-another": job(reached("pass", exit_code=1)),
        "a-bug-of-ours": job(reached("error", exit_code=3), fail_on="never"),
        "fail-but-deploy": job(reached("fail", deploy="true")),
        "pass-but-yes": job(reached("pass", deploy="yes")),
        "pass-but-hold": job(reached("pass", deploy="false")),
        "owner-takes-the-risk": job(reached("inconclusive", deploy="true")),
    }
    assert summaries(host, work, event, gates) == {
        "failed-after-its-outputs": RED_AND_ERROR,
        "nothing-left": RED_AND_ERROR,
        "no-verdict": RED_AND_ERROR,
        "no-exit-code": RED_AND_ERROR,
        "a-verdict-of-its-own": RED_AND_ERROR,
        "exit-code-of-another": ("failure", "false", "pass"),
        "a-bug-of-ours": RED_AND_ERROR,
        "fail-but-deploy": ("failure", "false", "fail"),
        "pass-but-yes": ("success", "false", "pass"),
        "pass-but-hold": ("success", "false", "pass"),
        "owner-takes-the-risk": ("success", "true", "inconclusive"),
    }


def test_a_workflow_that_ignores_the_red_step_still_reads_false(
    host: Host, work: Path, event: dict[str, Any]
) -> None:
    gates = {
        "fail": job(reached("fail"), continue_on_error=True),
        "killed": job("", continue_on_error=True, MLCI_TEST_STOP="evaluate"),
        "not-installed": job("", continue_on_error=True, MLCI_TEST_STOP="install"),
    }
    ran = host.run(work, gates, event=event)
    assert {name: result.summary() for name, result in ran.gates.items()} == {
        "fail": ("failure", "false", "fail"),
        "killed": RED_AND_ERROR,
        "not-installed": RED_AND_ERROR,
    }
    assert {result.needed["result"] for result in ran.gates.values()} == {"success"}
    assert ran.exit_code == 0


def test_every_output_has_its_default_when_nothing_was_installed(
    host: Host, work: Path, event: dict[str, Any]
) -> None:
    ran = host.run(work, {"gate": job("", MLCI_TEST_STOP="install")}, event=event)
    assert ran.gates["gate"].outputs == {
        "deploy": "false",
        "verdict": "error",
        "reason": "no verdict was reached; the log says why",
        "report-path": "",
        "bundle-path": "",
        "manifest-path": "",
        "model-digest": "",
        "metrics": "{}",
        "comment-url": "",
        "comment-status": "skipped",
    }


def test_a_run_that_is_cancelled_in_the_middle_leaves_false(
    host: Host, work: Path, event: dict[str, Any]
) -> None:
    """No step of ours runs any more; the defaults of the outputs are all there is."""
    gate = job(reached("pass"), MLCI_TEST_HANG="evaluate")
    ran = host.run(work, {"gate": gate}, event=event, cancel_at="Run the gate")
    left = ran.gates["gate"]
    assert (left.outcome, left.outputs["deploy"], left.outputs["verdict"]) == RED_AND_ERROR
    assert "verdict: pass" not in ran.log
