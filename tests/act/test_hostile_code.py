"""What can code in a model do to the gate, in the job in which it runs?

It runs as the same user, so that it can write wherever the gate can. What it finds is used the
way careless or opportunistic code would; against more than that only a separate job helps.
"""

from __future__ import annotations

import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.act.attacks import NO_NAMESPACES, gives_namespaces
from tests.act.conftest import Installation
from tests.act.host import GateJob, Host
from tests.fakes.github_server import TOKEN, GitHubServer

pytestmark = pytest.mark.act

SPY = """
seen = {"worker": dict(os.environ)}
pid = os.getppid()
while pid > 1:
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    command = pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\\0")
    if "act" in pathlib.Path(command[0]).name:
        break
    try:
        seen[f"parent {pid}"] = pathlib.Path(f"/proc/{pid}/environ").read_text()
    except OSError as error:
        seen[f"parent {pid}"] = error.strerror
    pid = int(status.split("PPid:")[1].split()[0])
(home / "seen.json").write_text(json.dumps(seen))
"""

REWRITE = """
for name in glob.glob(LIGHT + "/mlci_action/stages/*.py"):
    with open(name, "a") as file:
        file.write("\\nprint('::rewritten')\\n")
"""


def test_the_step_that_runs_the_model_has_no_token(
    host: Host, work: Path, event: dict[str, Any], github: GitHubServer
) -> None:
    """Neither the model's process nor any above it up to the runner, even if the job has one.

    Without namespaces, in which it would not see those above it.
    """
    host = replace(host, around=NO_NAMESPACES if gives_namespaces() else ())
    hide(SPY, work, host)
    gate = GateJob(env={"GITHUB_TOKEN": TOKEN, "GH_TOKEN": TOKEN})
    ran = host.run(work, {"gate": gate}, event=event, server_url=github.url)
    assert ran.gates["gate"].summary() == ("success", "true", "pass"), ran.log
    seen = json.loads((host.home / "seen.json").read_text(encoding="utf-8"))
    assert len(seen) > 1
    assert TOKEN not in json.dumps(seen)
    assert not [name for name in seen["worker"] if name.startswith(("GITHUB_", "MLCI_", "INPUT_"))]


def test_a_package_that_the_model_rewrote_is_not_run_with_the_token(
    host: Host, work: Path, event: dict[str, Any], github: GitHubServer, own_light: Path
) -> None:
    """Neither comment nor verdict: what is left is the default of the action's outputs."""
    hide(REWRITE.replace("LIGHT", repr(str(own_light))), work, host)
    gate = GateJob(env={"MLCI_TEST_INSTALLED": "own-light"})
    ran = host.run(work, {"gate": gate}, event=event, server_url=github.url)
    assert ran.gates["gate"].summary() == ("failure", "false", "error"), ran.log
    assert ran.gates["gate"].outputs["comment-status"] == "failed"
    assert ran.log.count("files of the action changed while the job ran") >= 2
    assert "::rewritten" not in ran.log
    assert github.comments == []


@pytest.fixture
def own_light(installation: Installation, tmp_path: Path) -> Path:
    """A copy of the light folder that a test may spoil."""
    folder = tmp_path / "light"
    shutil.copytree(installation.light, folder)
    outputs = (installation.outputs / "real").read_text(encoding="utf-8")
    changed = outputs.replace(f"\n{installation.light}\n", f"\n{folder}\n")
    (installation.outputs / "own-light").write_text(changed, encoding="utf-8")
    return folder


class Hidden:
    """A model whose file runs code when it is loaded, and which then is that model."""

    def __init__(self, code: str, model: bytes) -> None:
        self.expression = (
            f"(exec({code!r}), __import__('joblib').load(__import__('io').BytesIO({model!r})))[1]"
        )

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (eval, (self.expression,))


def hide(code: str, work: Path, host: Host) -> None:
    model = work / "models" / "model.joblib"
    preamble = f"import glob, json, os, pathlib\nhome = pathlib.Path({str(host.home)!r})\n"
    model.write_bytes(pickle.dumps(Hidden(preamble + code, model.read_bytes())))
