"""How is the shipped action.yml run without GitHub? By act, on this machine, in host mode.

What these tests can therefore not show: act knows no permissions and no limits on annotations or
summaries, sets INPUT_* variables in the steps of an action, evaluates expressions with an engine of
its own, and has one set of files behind GITHUB_OUTPUT and its kin for all steps of a job.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.fakes.github_answers import REPOSITORY
from tests.fakes.github_server import TOKEN

ROOT = Path(__file__).resolve().parents[2]
ACTION = "org/mlci-action@v1"
_SAID = re.compile(r"\| MLCI-TEST (\{.*\})")

# Step and job results, said on one line so that they can be read from the log.
_SAY = (
    'python3 -c \'import json, os; print("MLCI-TEST", json.dumps(json.loads(os.environ["SAY"])))\''
)


@dataclass(frozen=True, kw_only=True, slots=True)
class GateJob:
    """A job with the gate in it: the action and its inputs, and what the job sets around it.

    after: further steps, whose results are told too; each has an `id`.
    """

    inputs: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    continue_on_error: bool = False
    uses: str = ACTION
    after: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class GateResult:
    """What the following steps saw, and in `needed` what a later job did, if one ran at all.

    steps: what became of the steps after the gate, by their ids.
    """

    outcome: str
    outputs: Mapping[str, str]
    needed: Mapping[str, Any]
    steps: Mapping[str, Any] = field(default_factory=dict)

    def summary(self) -> tuple[str, str, str]:
        """The step's colour, `deploy` and `verdict`, the same for steps and for later jobs."""
        seen = {name: self.outputs[name] for name in ("deploy", "verdict")}
        assert self.needed["outputs"] == seen
        return (self.outcome, seen["deploy"], seen["verdict"])


@dataclass(frozen=True, kw_only=True, slots=True)
class ActRun:
    """One run of a workflow: its log, and each gate's results by the name of its job."""

    exit_code: int
    log: str
    gates: Mapping[str, GateResult]


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """A machine with act. `bin` stands first on PATH, and holds the `python3` that jobs find.

    `others` are further actions, by what `uses` says. `around` is a command that act is run by.
    """

    act: Path
    action: Path
    bin: Path
    folder: Path
    others: Mapping[str, Path] = field(default_factory=dict)
    around: tuple[str, ...] = ()

    @property
    def home(self) -> Path:
        """Where act keeps a job's files, and what the job takes for its home."""
        return self.folder / "home"

    def run(
        self,
        repository: Path,
        gates: Mapping[str, GateJob],
        *,
        event: Mapping[str, Any],
        event_name: str = "pull_request",
        server_url: str = "http://127.0.0.1:9",
        cancel_at: str = "",
    ) -> ActRun:
        """Run one workflow with these jobs, and a last one that sees what they left.

        It is cancelled, as a person would cancel it, when the log first says `cancel_at`.
        """
        workflow = self.folder / "workflow.yml"
        workflow.write_text(yaml.safe_dump(_workflow(event_name, gates)), encoding="utf-8")
        event_file = self.folder / "event.json"
        event_file.write_text(json.dumps(event), encoding="utf-8")
        command: list[str | Path] = [
            *self.around,
            *(self.act, event_name, "--workflows", workflow, "--eventpath", event_file),
            *("--platform", "ubuntu-latest=-self-hosted"),
            *(
                f"--local-repository={uses}={folder}"
                for uses, folder in {ACTION: self.action, **self.others}.items()
            ),
            *("--env", f"GITHUB_API_URL={server_url}"),
            *("--env", f"GITHUB_SERVER_URL={server_url}"),
            *("--env", f"GITHUB_REPOSITORY={REPOSITORY}"),
            *("--secret", f"GITHUB_TOKEN={TOKEN}"),
            "--no-cache-server",
        ]
        log = ""
        with subprocess.Popen(
            command,
            cwd=repository,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as running:
            assert running.stdout
            for line in running.stdout:
                log += line
                if cancel_at and cancel_at in line:
                    running.send_signal(signal.SIGINT)
                    cancel_at = ""
        said = [json.loads(text) for text in _SAID.findall(log)]
        return ActRun(exit_code=running.returncode, log=log, gates=_results(said))

    def _environment(self) -> dict[str, str]:
        self.home.mkdir(exist_ok=True)
        kept = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "PIP_CERT", "LANG")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
        }


def find_act() -> Path | None:
    """The act that `make act` gets, or the one on PATH."""
    found = shutil.which("act", path=os.pathsep.join([str(ROOT / ".tools"), os.environ["PATH"]]))
    return Path(found) if found else None


def copy_action(folder: Path) -> Path:
    """What a release of the action consists of, which is what runs on a runner."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("action", "mlci_action", "requirements", "promote", "verify"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "action.yml", folder)
    return folder


def _workflow(event_name: str, gates: Mapping[str, GateJob]) -> dict[str, Any]:
    jobs = {name: _job(name, gate) for name, gate in gates.items()}
    report = {
        "needs": list(gates),
        "if": "always()",
        "runs-on": "ubuntu-latest",
        "steps": [{"run": _SAY, "env": {"SAY": "${{ toJSON(needs) }}"}}],
    }
    return {"on": event_name, "jobs": {**jobs, "report": report}}


def _job(name: str, gate: GateJob) -> dict[str, Any]:
    return {
        "runs-on": "ubuntu-latest",
        "env": dict(gate.env),
        "outputs": {
            "deploy": "${{ steps.gate.outputs.deploy }}",
            "verdict": "${{ steps.gate.outputs.verdict }}",
        },
        "steps": [
            {"uses": "actions/checkout@v4"},
            {"run": gate.before or "true"},
            {
                "id": "gate",
                "uses": gate.uses,
                "with": dict(gate.inputs),
                "continue-on-error": gate.continue_on_error,
            },
            *gate.after,
            {
                "if": "always()",
                "run": _SAY,
                "env": {"SAY": f'{{"job": "{name}", "steps": ${{{{ toJSON(steps) }}}}}}'},
            },
        ],
    }


def _results(said: list[dict[str, Any]]) -> dict[str, GateResult]:
    gates = {entry["job"]: entry["steps"] for entry in said if "job" in entry}
    needs: dict[str, Any] = next((entry for entry in said if "job" not in entry), {})
    return {
        name: GateResult(
            outcome=steps["gate"]["outcome"],
            outputs=steps["gate"]["outputs"],
            needed=needs.get(name, {}),
            steps=steps,
        )
        for name, steps in gates.items()
    }
