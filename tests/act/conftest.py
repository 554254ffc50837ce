"""A machine with act, an installed copy of the action, and repositories that use it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.act.host import ROOT, Host, copy_action, find_act
from tests.fakes.github_answers import REPOSITORY
from tests.fakes.github_server import GitHubServer

NUMBER = 5
BRANCH = "checking-account"

# Installs like the action, only that the environment is the one that the session already has.
PYTHON3 = """#!/bin/sh
case " $* " in
  *" action.install "*)
    if [ "$MLCI_TEST_STOP" = install ]; then exit 1; fi
    state=$(mktemp -d "$RUNNER_TEMP/mlci-XXXXXX")
    sed "s|^STATE$|$state|" OUTPUTS/"${MLCI_TEST_INSTALLED:-real}" >> "$GITHUB_OUTPUT" ;;
  *) exec PYTHON "$@" ;;
esac
"""

# An interpreter of the action that ends where a test says, and that needs no gate to reach a
# verdict: what the evaluation leaves in its outputs is $MLCI_TEST_EVALUATION.
STAND_IN = """#!/bin/sh
for last; do :; done
case "$last" in fetch | comment | verdict) ;; *) last=evaluate ;; esac
if [ "$MLCI_TEST_STOP" = "$last" ]; then kill -KILL $$; fi
if [ "$MLCI_TEST_HANG" = "$last" ]; then exec tail -f /dev/null; fi
case "$last" in
  evaluate) for line in $MLCI_TEST_EVALUATION; do echo "$line" >> "$GITHUB_OUTPUT"; done ;;
  *) exec PYTHON "$@" ;;
esac
exit "${MLCI_TEST_EXIT:-0}"
"""

OUTPUT = re.compile(r"^([\w-]+)<<([0-9a-f]{32})\n(.*?)\n\2$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """An installed action. `bin` holds a `python3` that installs by handing out `outputs/NAME`."""

    bin: Path
    outputs: Path
    python: Path
    light: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Consumer:
    """The sample repository as GitHub has it, and a pull request with a better model."""

    bare: Path
    base: str
    head: str


@pytest.fixture(scope="session")
def act() -> Path:
    """act, without which these tests cannot run."""
    found = find_act()
    if found is None:
        pytest.skip("act is not installed: `make act` gets it where Go is")
    return found


@pytest.fixture(scope="session")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The action as a release has it."""
    return copy_action(tmp_path_factory.mktemp("action"))


@pytest.fixture(scope="session")
def installation(action: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The action's own installation, done once, and the `python3` that hands it out to jobs."""
    folder = tmp_path_factory.mktemp("installed")
    outputs, found = folder / "outputs", folder / "bin"
    outputs.mkdir()
    found.mkdir()
    subprocess.run(
        [sys.executable, "-E", "-s", "-B", "-m", "action.install"],
        cwd=action,
        env={**os.environ, "RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(outputs / "once")},
        check=True,
    )
    text = (outputs / "once").read_text(encoding="utf-8")
    values = {name: value for name, _, value in OUTPUT.findall(text)}
    _write_script(
        found / "python3",
        PYTHON3.replace("OUTPUTS", str(outputs)).replace("PYTHON", sys.executable),
    )
    stand_in = STAND_IN.replace("PYTHON", values["light-python"])
    _write_script(folder / "stand-in", stand_in)
    real = text.replace(f"\n{values['state']}\n", "\nSTATE\n")
    (outputs / "real").write_text(real, encoding="utf-8")
    for name in ("python", "light-python"):
        real = real.replace(f"\n{values[name]}\n", f"\n{folder / 'stand-in'}\n")
    (outputs / "stand-in").write_text(real, encoding="utf-8")
    python, light = Path(values["python"]), Path(values["light"])
    return Installation(bin=found, outputs=outputs, python=python, light=light)


@pytest.fixture
def host(act: Path, action: Path, installation: Installation, tmp_path: Path) -> Host:
    """A machine on which the action is already installed."""
    return Host(act=act, action=action, bin=installation.bin, folder=tmp_path)


@pytest.fixture(scope="session")
def consumer(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """The sample repository, and its pull requests that `train.py` holds as presets."""
    folder = tmp_path_factory.mktemp("consumer")
    work = folder / "work"
    shutil.copytree(ROOT / "sample-repo", work, ignore=shutil.ignore_patterns("__pycache__"))
    git(work, "init", "--quiet", "--initial-branch=main")
    base = _commit(work, "the model in production")
    git(work, "switch", "--quiet", "--create", BRANCH)
    subprocess.run([sys.executable, "train.py", "--preset", BRANCH], cwd=work, check=True)
    head = _commit(work, "a model that reads one column more")
    bare = folder / "consumer.git"
    git(folder, "clone", "--quiet", "--bare", str(work), str(bare))
    git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")
    return Consumer(bare=bare, base=base, head=head)


@pytest.fixture
def work(consumer: Consumer, tmp_path: Path) -> Path:
    """The pull request as actions/checkout gets it: this one commit and no history."""
    return check_out(consumer, tmp_path)


@pytest.fixture
def event(consumer: Consumer) -> dict[str, Any]:
    """The event of the pull request."""
    return event_of(consumer)


@pytest.fixture
def github(consumer: Consumer) -> Iterator[GitHubServer]:
    """GitHub, with the consumer's repository and that pull request."""
    with stand_in(consumer) as server:
        yield server
    assert server.violations == []


def check_out(consumer: Consumer, folder: Path) -> Path:
    """The one commit of the pull request, in a new folder `work`."""
    url = consumer.bare.as_uri()
    git(folder, "clone", "--quiet", "--depth=1", "--branch", BRANCH, url, "work")
    return folder / "work"


def event_of(consumer: Consumer) -> dict[str, Any]:
    """The event of the pull request, as far as anything reads it; act wants `number` twice."""
    head = {"ref": BRANCH, "sha": consumer.head, "repo": {"full_name": REPOSITORY}}
    base = {"ref": "main", "sha": consumer.base, "repo": {"full_name": REPOSITORY}}
    return {"number": NUMBER, "pull_request": {"number": NUMBER, "head": head, "base": base}}


@contextmanager
def stand_in(consumer: Consumer) -> Iterator[GitHubServer]:
    """GitHub on 127.0.0.1, for as long as the block lasts."""
    with GitHubServer(repositories={REPOSITORY: consumer.bare}, needs_git_token=True) as server:
        server.add_pull(NUMBER, head_sha=consumer.head, base_sha=consumer.base)
        yield server


def git(folder: Path, *arguments: str) -> str:
    """Run git there, as nobody in particular; what it printed."""
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    ran = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


def _commit(folder: Path, message: str) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def _write_script(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
