"""The step of the sub-action says `true` for the bytes that passed, and for nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mlci_action.adapters.bundles import Bundle
from mlci_action.stages import run_stage
from tests.builders_bundle import make_bundle

_NONE = {"manifest": "none", "attestation": "none", "model-digest": "none"}


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job that has downloaded a bundle into its workspace."""

    workspace: Path
    bundle: Bundle

    def step(self, **inputs: str) -> tuple[int, dict[str, str]]:
        """The exit code and the outputs of the step."""
        output = self.workspace.parent / "output"
        output.write_text("", encoding="utf-8")
        given = {**_NONE, **{name.replace("_", "-"): text for name, text in inputs.items()}}
        environ = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(output),
            "GITHUB_WORKSPACE": str(self.workspace),
            **{f"MLCI_INPUT_{n.upper().replace('-', '_')}": text for n, text in given.items()},
        }
        code = run_stage("verify", environ)
        lines = output.read_text(encoding="utf-8").splitlines()
        return code, dict(line.split("=", 1) for line in lines)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    workspace = tmp_path / "workspace"
    return Job(workspace=workspace, bundle=make_bundle(workspace / "bundle"))


def test_the_bytes_that_passed_are_verified(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    digest = job.bundle.manifest.model.digest
    said = {"verified": "true", "model-digest": digest}
    assert job.step(model="bundle") == (0, said)
    named = {"manifest": "bundle/manifest.json", "attestation": "bundle/statement.intoto.json"}
    assert job.step(model="bundle/model.joblib", model_digest=digest, **named) == (0, said)
    assert "ok  attestation" in capsys.readouterr().out


def test_other_bytes_turn_the_step_red(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job.bundle.model.write_bytes(b"other")
    assert job.step(model="bundle") == (1, {"verified": "false", "model-digest": ""})
    code, outputs = job.step(model="bundle/model.joblib", manifest="bundle/manifest.json")
    assert (code, outputs["verified"]) == (1, "false")
    assert "::error title=mlci%3A not verified::model" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["model", "manifest", "attestation", "model-digest"])
def test_an_input_that_came_empty_is_an_error_and_not_left_out(
    job: Job, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A digest that was lost on its way must not be forgotten: a skipped job has none."""
    assert job.step(**{"model": "bundle", name: ""})[0] == 2
    assert f"the input `{name}` is empty" in capsys.readouterr().out


@pytest.mark.parametrize(
    "inputs",
    [
        {"model": "none"},
        {"model": "nowhere"},
        {"model": "bundle/model.joblib"},
        {"model": "bundle", "manifest": "nowhere"},
        {"model": "bundle", "model-digest": "true"},
    ],
    ids=str,
)
def test_what_cannot_be_looked_at_is_not_verified(job: Job, inputs: dict[str, str]) -> None:
    assert job.step(**inputs) == (2, {"verified": "false", "model-digest": ""})
