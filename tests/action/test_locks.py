"""Do the locks agree with one another, and can they be installed by hash alone?"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import mlci_action

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
LOCKS = ("run", "light", "dev", "uv", "servers")
# An interpreter in which only these modules, our own and the standard library can be imported.
ONLY_KNOWN = """
import sys
class OnlyKnown:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        own = top == "mlci_action" or top.startswith("_sysconfigdata")
        if not own and top not in {*KNOWN, *sys.stdlib_module_names}:
            raise ModuleNotFoundError(f"No module named {name!r}")
sys.meta_path.insert(0, OnlyKnown())
"""
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.*?))? \\$", re.MULTILINE)


def pins(lock: str) -> dict[tuple[str, str], str]:
    text = (REQUIREMENTS / f"{lock}.txt").read_text(encoding="utf-8")
    return {(name, marker): version for name, version, marker in PINNED.findall(text)}


def plain_name(requirement: str) -> str:
    return re.split(r"[\[<>=!~ ;]", requirement)[0].lower()


def asked_for(file: str) -> set[str]:
    lines = (REQUIREMENTS / f"{file}.in").read_text(encoding="utf-8").splitlines()
    return {plain_name(line) for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_of_a_lock_has_a_hash_and_no_lock_names_an_index(lock: str) -> None:
    text = (REQUIREMENTS / f"{lock}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", text)[1:]
    assert len(entries) == len(pins(lock)) > 0
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_what_the_project_depends_on_is_in_its_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {plain_name(requirement) for requirement in project["dependencies"]}
    assert named <= {name for name, _ in pins("run")}


@pytest.mark.parametrize("lock", ["light", "dev", "uv", "servers"])
def test_what_a_lock_was_asked_for_is_in_it(lock: str) -> None:
    assert asked_for(lock) <= {name for name, _ in pins(lock)}


@pytest.mark.parametrize(("part", "whole"), [("light", "run"), ("run", "dev"), ("uv", "dev")])
def test_a_package_has_one_version_in_all_locks(part: str, whole: str) -> None:
    """The tests run against what users get, and both environments of the action agree."""
    assert pins(part).items() <= pins(whole).items()


@pytest.mark.parametrize("stage", ["fetch", "comment", "verdict"])
def test_a_step_with_the_token_needs_nothing_that_the_light_lock_lacks(stage: str) -> None:
    """Those steps run without the full environment, and no pandas keeps them waiting."""
    light = {name for name, _ in pins("light")}
    known = [
        module
        for module, owners in packages_distributions().items()
        if any(owner.lower().replace("_", "-") in light for owner in owners)
    ]
    script = f"KNOWN = {known}{ONLY_KNOWN}import mlci_action.stages.{stage}"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    assert ran.stderr == ""


def test_the_package_says_its_version_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"] == {"path": "mlci_action/_version.py"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", mlci_action.__version__)
