"""Does the installer end in environments, or else in one line that says what to do?

That it installs for real is shown by `make` and by the tests under act; here pip and uv are small
scripts, so that every way in which they can be missing or fail is seen.
"""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from action import install
from action.install import Installer, InstallError
from action.surroundings import Interpreter

PIP_WITHOUT_UV = """
case "$*" in
  *"config list"*) exit 0 ;;
  *) echo 'ERROR: No matching distribution found for uv'; exit 1 ;;
esac
"""

# Makes an environment whose Python succeeds at everything; has no pip itself.
PYTHON_WITHOUT_PIP = """
case "$*" in
  "-m venv "*) mkdir -p "$3/bin"; ln -s /usr/bin/true "$3/bin/python" ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture
def installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installer:
    """An installer on a machine that has neither uv nor, until a test adds one, a Python."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    made = Installer(tmp_path / "scratch")
    made.interpreters = []
    return made


def test_a_machine_without_a_python_of_ours_gets_one_line_and_a_remedy(
    installer: Installer, tmp_path: Path
) -> None:
    old = script(tmp_path / "old", "exit 1")
    installer.interpreters = [Interpreter(str(old), (3, 9))]
    with pytest.raises(InstallError) as raised, installer:
        installer.make_environment(tmp_path / "env", install.REQUIREMENTS / "run.txt")
    assert str(raised.value) == (
        f"mlci-action needs a Python >=3.11,<3.15 and found only {old} (3.9); {install.REMEDY} "
        "(uv: it could not be fetched)"
    )


def test_a_python_without_pip_is_passed_over_for_the_next(
    installer: Installer, tmp_path: Path
) -> None:
    bare = script(tmp_path / "bare", "exit 1")
    fetching = script(tmp_path / "fetching", fetch_uv(tmp_path / "scratch"))
    installer.interpreters = [
        Interpreter(str(bare), (3, 12)),
        Interpreter(str(fetching), (3, 8)),
    ]
    with installer:
        assert installer.uv == str(tmp_path / "scratch" / "bin" / "uv")
    assert not (tmp_path / "scratch").exists()


def test_uv_on_path_serves_where_no_pip_can_fetch_it(installer: Installer, tmp_path: Path) -> None:
    uv = script(tmp_path / "bin" / "uv", "exit 0")
    with installer:
        assert installer.uv == str(uv)


def test_without_uv_venv_and_pip_make_the_environment(
    installer: Installer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lock here is empty of packages, so that only the way is tested."""
    lock = tmp_path / "empty.txt"
    lock.write_text("", encoding="utf-8")
    no_uv = script(tmp_path / "no-uv", PIP_WITHOUT_UV)
    installer.interpreters = [
        Interpreter(str(no_uv), (3, 9)),
        Interpreter(sys.executable, sys.version_info[:2]),
    ]
    with installer:
        python = installer.make_environment(tmp_path / "env", lock)
        installer.fill_folder(tmp_path / "folder", lock, python)
    assert subprocess.run([python, "-c", "import pip"], check=False).returncode == 0
    said = capsys.readouterr().out
    assert "No matching distribution found for uv" in said
    assert f"without uv, by venv and pip of {sys.executable}" in said


def test_a_uv_that_fails_is_not_asked_again(installer: Installer, tmp_path: Path) -> None:
    """What keeps it from working, a proxy say, need not keep pip; pip then does all the rest."""
    asked = tmp_path / "asked"
    script(tmp_path / "bin" / "uv", f"echo >> {asked}; exit 2")
    lock = tmp_path / "empty.txt"
    lock.write_text("", encoding="utf-8")
    python = script(tmp_path / "python", PYTHON_WITHOUT_PIP)
    installer.interpreters = [Interpreter(str(python), (3, 12))]
    with installer:
        made = installer.make_environment(tmp_path / "env", lock)
        installer.fill_folder(tmp_path / "folder", lock, made)
    assert asked.read_text(encoding="utf-8") == "\n"


def test_a_python_that_can_make_no_environment_is_named_with_the_remedy(
    installer: Installer, tmp_path: Path
) -> None:
    """Debian ships venv and pip apart from Python."""
    debian = script(tmp_path / "debian", "echo 'ensurepip is not available'; exit 1")
    installer.interpreters = [Interpreter(str(debian), (3, 12))]
    with pytest.raises(InstallError) as raised, installer:
        installer.make_environment(tmp_path / "env", install.REQUIREMENTS / "run.txt")
    assert str(raised.value) == (
        f"{debian} (3.12) could not make an environment for mlci-action; {install.REMEDY} "
        "(ensurepip is not available)"
    )


def test_a_uv_that_fails_is_quoted_when_nothing_else_is_left(
    installer: Installer, tmp_path: Path
) -> None:
    script(tmp_path / "bin" / "uv", "echo 'error: no interpreter'; echo 'hint: none' >&2; exit 2")
    with pytest.raises(InstallError, match=r"\(uv: error: no interpreter hint: none\)$"), installer:
        installer.make_environment(tmp_path / "env", install.REQUIREMENTS / "run.txt")


def test_uv_is_asked_for_the_lock_and_nothing_but_the_lock(
    installer: Installer, tmp_path: Path
) -> None:
    """Hashes, wheels only, no configuration of the user's, no cache that others share."""
    script(tmp_path / "bin" / "uv", f'echo "$@" >> {tmp_path}/asked')
    with installer:
        installer.make_environment(tmp_path / "env", tmp_path / "run.txt")
    made, synced = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    private = f"--quiet --no-config --cache-dir {tmp_path}/scratch/cache"
    assert made == (
        "venv --allow-existing --python >=3.11,<3.15 --python-preference system "
        f"{tmp_path}/env {private}"
    )
    assert synced == (
        "pip sync --require-hashes --only-binary :all: --python "
        f"{tmp_path}/env/bin/python {tmp_path}/run.txt {private}"
    )


def test_a_failed_installation_is_one_annotation_and_exit_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(install, "find_interpreters", lambda _: [Interpreter("/old", (3, 8))])
    monkeypatch.setattr(install, "pip_settings", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["install", "--into", str(tmp_path / "env")])
    with pytest.raises(SystemExit) as raised:
        install.main()
    assert raised.value.code == 1
    said = capsys.readouterr().out
    assert said.startswith("::error title=mlci-action::mlci-action needs a Python >=3.11,<3.15")
    assert said.count("\n") == 1


def test_a_value_cannot_end_its_own_heredoc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    install.write_outputs({"guard": "a\nb", "state": "/s"})
    text = output.read_text(encoding="utf-8")
    match = re.fullmatch(r"guard<<([0-9a-f]{32})\na\nb\n\1\nstate<<([0-9a-f]{32})\n/s\n\2\n", text)
    assert match
    assert match[1] != match[2]


def test_the_copied_package_is_whole_and_has_no_bytecode_of_the_checkout(tmp_path: Path) -> None:
    install.copy_package(tmp_path)
    copied = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.py")}
    source = {path.relative_to(install.ROOT) for path in install.ROOT.glob("mlci_action/**/*.py")}
    assert copied == source
    assert not list(tmp_path.rglob("*.pyc"))


def fetch_uv(folder: Path) -> str:
    return f"""
case "$*" in
  *"config list"*) exit 0 ;;
  *) mkdir -p {folder}/bin; echo > {folder}/bin/uv; chmod +x {folder}/bin/uv ;;
esac
"""


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
