"""Is a step with a token run from the installed bytes alone, in a clean environment?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from action.guard import clean_environment, tree_digest

GUARD = (Path(__file__).resolve().parents[2] / "action" / "guard.py").read_text(encoding="utf-8")
SCRIPT = 'import os; exec(os.environ["MLCI_GUARD"])'
STAGE = """
import json, os, sys
print(json.dumps({"argv": sys.argv[1:], "environ": dict(os.environ), "path": sys.path[0]}))
"""


@pytest.fixture
def light(tmp_path: Path) -> Path:
    """A folder with a package that says how it was started."""
    package = tmp_path / "light" / "mlci_action"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "__main__.py").write_text(STAGE, encoding="utf-8")
    return package.parent


def run_guard(light: Path, digest: str, **environ: str) -> subprocess.CompletedProcess[str]:
    network = json.dumps({"HTTPS_PROXY": "http://proxy.example:3128"})
    return subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", SCRIPT, "comment"],
        env={
            "MLCI_GUARD": GUARD,
            "MLCI_LIGHT": str(light),
            "MLCI_LIGHT_DIGEST": digest,
            "MLCI_NETWORK": network,
            **environ,
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_an_unchanged_folder_is_run_with_the_stage_and_found_first(light: Path) -> None:
    ran = run_guard(light, tree_digest(light))
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert (said["argv"], said["path"]) == (["stage", "comment"], str(light))


def test_what_user_code_left_in_the_environment_is_gone(light: Path) -> None:
    """Only the proxy of before counts, and no netrc may outrank the token."""
    left = {
        "HTTPS_PROXY": "http://evil.example",
        "SSL_CERT_FILE": "/evil",
        "SSLKEYLOGFILE": "/evil",
    }
    left |= {"OPENSSL_CONF": "/evil", "GITHUB_TOKEN": "t", "NETRC": "/evil", "PYTHONPATH": "/evil"}
    kept = {
        "MLCI_TOKEN": "secret",
        "GITHUB_OUTPUT": "/out",
        "RUNNER_TEMP": "/runner",
        "HOME": "/home",
    }
    ran = run_guard(light, tree_digest(light), **left, **kept)
    environ = json.loads(ran.stdout)["environ"]
    environ.pop("LC_CTYPE", None)
    assert environ == {
        **kept,
        "MLCI_LIGHT": str(light),
        "MLCI_LIGHT_DIGEST": tree_digest(light),
        "HTTPS_PROXY": "http://proxy.example:3128",
        "NETRC": os.devnull,
    }


def change_a_byte(light: Path) -> None:
    (light / "mlci_action" / "__main__.py").write_text(STAGE + "#", encoding="utf-8")


def add_a_file(light: Path) -> None:
    (light / "chardet.py").write_text("", encoding="utf-8")


def add_a_link_to_a_folder(light: Path) -> None:
    (light / "chardet").symlink_to(light.parent, target_is_directory=True)


def add_an_empty_folder(light: Path) -> None:
    (light / "chardet").mkdir()


def remove_a_file(light: Path) -> None:
    (light / "mlci_action" / "__init__.py").unlink()


def rename_a_file(light: Path) -> None:
    (light / "mlci_action" / "__init__.py").rename(light / "mlci_action" / "other.py")


@pytest.mark.parametrize(
    "change",
    [
        change_a_byte,
        add_a_file,
        add_a_link_to_a_folder,
        add_an_empty_folder,
        remove_a_file,
        rename_a_file,
    ],
)
def test_a_changed_folder_is_refused_before_anything_of_it_runs(
    light: Path, change: Callable[[Path], None]
) -> None:
    digest = tree_digest(light)
    change(light)
    ran = run_guard(light, digest, MLCI_STATE="x")
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.startswith("::error title=mlci-action::files of the action changed")
    assert ran.stderr.count("\n") == 1


def test_a_file_that_becomes_a_link_to_the_same_bytes_is_a_change(light: Path) -> None:
    before = tree_digest(light)
    init = light / "mlci_action" / "__init__.py"
    init.rename(light.parent / "moved.py")
    init.symlink_to(light.parent / "moved.py")
    assert tree_digest(light) != before


def test_the_captured_network_wins_over_what_the_runner_passes() -> None:
    environ = {"MLCI_X": "1", "NO_PROXY": "*", "LD_PRELOAD": "/evil.so", "MLCI_GUARD": "text"}
    assert clean_environment(environ, {"NO_PROXY": "localhost"}) == {
        "MLCI_X": "1",
        "NO_PROXY": "localhost",
        "NETRC": os.devnull,
    }
