"""How does our code get an environment of its own, without touching the user's?

    python3 -m action.install                                           the action
    python3 -m action.install --into .venv --lock requirements/dev.txt  a checkout

The action's environments lie under $RUNNER_TEMP and are described to the later steps through
$GITHUB_OUTPUT. uv makes them; pip fetches uv, by its hash, into a folder of ours. Where uv is not
to be had, venv and pip do the work. This runs on Python 3.8: whether the machine has a Python for
our own code is one of the things it finds out.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from action.guard import tree_digest
from action.surroundings import (
    WANTED,
    clean_environment,
    find_interpreters,
    network_settings,
    passwords,
    pip_settings,
    run,
    uv_settings,
)

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"

# Compiling to bytecode is most of the time that pip takes, 14 of 18 s; Python does it on import.
PIP_INSTALL = (
    *("-m", "pip", "--disable-pip-version-check", "--no-cache-dir", "install"),
    *("--quiet", "--no-compile", "--no-deps"),
)
REMEDY = "add actions/setup-python with python-version '3.12' before mlci-action"
LOCKED = ("--require-hashes", "--only-binary", ":all:")


class InstallError(Exception):
    """What could not be had and what to do about it, on one line."""


def main() -> None:
    """Install what the command line asks for; one clear line when that cannot be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--into", type=Path, help="one environment, with this checkout in it")
    parser.add_argument("--lock", type=Path, default=REQUIREMENTS / "run.txt")
    options = parser.parse_args()
    started = time.monotonic()
    try:
        if options.into:
            install_checkout(options.into.absolute(), options.lock)
        else:
            install_action()
    except InstallError as error:
        prefix = "::error title=mlci-action::" if "GITHUB_ACTIONS" in os.environ else "error: "
        say(f"{prefix}{error}")
        raise SystemExit(1) from None
    say(f"installed in {time.monotonic() - started:.1f} s")


def install_action() -> None:
    """The full environment, the light folder for the steps with a token, and their description."""
    state = Path(tempfile.mkdtemp(prefix="mlci-", dir=os.environ.get("RUNNER_TEMP")))
    light = state / "light"
    with Installer(state / "installer") as installer:
        python = installer.make_environment(state / "env", REQUIREMENTS / "run.txt")
        installer.fill_folder(light, REQUIREMENTS / "light.txt", python)
    base, site_packages = _base_and_site_packages(python)
    for folder in (light, site_packages):
        copy_package(folder)
        _compile_folder(python, light if folder is light else folder / "mlci_action")
    network = network_settings(dict(os.environ))
    for password in passwords(network):
        say(f"::add-mask::{password}")
    write_outputs(
        {
            "python": str(python),
            "light-python": base,
            "light": str(light),
            "light-digest": tree_digest(light),
            "state": str(state),
            "network": json.dumps(network),
            "guard": (ROOT / "action" / "guard.py").read_text(encoding="utf-8"),
        }
    )


def install_checkout(folder: Path, lock: Path) -> None:
    """An environment in which this checkout can be imported, and in which `mlci` is a command."""
    with Installer(folder / "installer") as installer:
        python = installer.make_environment(folder, lock)
    _, site_packages = _base_and_site_packages(python)
    (site_packages / "mlci_checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command = python.with_name("mlci")
    command.write_text(f'#!/bin/sh\nexec "{python}" -m mlci_action "$@"\n', encoding="utf-8")
    command.chmod(0o755)


class Installer:
    """Makes environments from hashed locks; its own files in `scratch` are gone after the `with`.

    uv links what it installs to its cache when both are on one disk, which is why `scratch` lies
    beside the environment. A cache that others share could be changed through such a link.
    """

    def __init__(self, scratch: Path) -> None:
        self.environ = clean_environment(dict(os.environ))
        self.interpreters = find_interpreters(self.environ)
        self.scratch = scratch
        # A Python that uv had to download stays where the environment is, which needs it.
        self.environ["UV_PYTHON_INSTALL_DIR"] = str(scratch.with_name("python"))
        self.uv = ""

    def __enter__(self) -> Installer:  # noqa: PYI034 - typing.Self is of Python 3.11
        self.uv = self._fetched_uv() or shutil.which("uv") or ""
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _fetched_uv(self) -> str:
        """uv, fetched by the first Python that has a pip; '' when none has, or pip fails."""
        for interpreter in self.interpreters:
            settings = pip_settings(interpreter.path, self.environ)
            if settings is None:
                continue
            self.environ.update(uv_settings(settings, self.environ))
            target = ("--target", str(self.scratch), "-r", str(REQUIREMENTS / "uv.txt"))
            failure = attempt([interpreter.path, *PIP_INSTALL, *LOCKED, *target], self.environ)
            say(f"uv, with the pip of {interpreter}: {failure or 'fetched'}")
            return "" if failure else shutil.which("uv", path=str(self.scratch / "bin")) or ""
        return ""

    def make_environment(self, folder: Path, lock: Path) -> Path:
        """An environment with exactly the packages of the lock; its interpreter."""
        failure = self._uv_environment(folder, lock) if self.uv else "it could not be fetched"
        if not failure:
            return _python_of(folder)
        usable = [interpreter for interpreter in self.interpreters if interpreter.usable()]
        if not usable:
            found = ", ".join(str(interpreter) for interpreter in self.interpreters)
            raise InstallError(
                f"mlci-action needs a Python {WANTED} and found only {found}; {REMEDY} "
                f"(uv: {failure})"
            )
        say(f"without uv, by venv and pip of {usable[0]}: {failure}")
        self.uv = ""
        shutil.rmtree(folder, ignore_errors=True)
        failure = attempt([usable[0].path, "-m", "venv", str(folder)], self.environ)
        failure = failure or self._pip_install(_python_of(folder), "-r", str(lock))
        if failure:
            raise InstallError(
                f"{usable[0]} could not make an environment for mlci-action; {REMEDY} ({failure})"
            )
        return _python_of(folder)

    def _uv_environment(self, folder: Path, lock: Path) -> str:
        wanted = ("--python", WANTED, "--python-preference", "system")
        failure = self._run_uv("venv", "--allow-existing", *wanted, str(folder))
        target = ("--python", str(_python_of(folder)))
        return failure or self._run_uv("pip", "sync", *LOCKED, *target, str(lock))

    def fill_folder(self, folder: Path, lock: Path, python: Path) -> None:
        """The lock's packages as a plain folder, for an interpreter without an environment."""
        arguments = ("--target", str(folder), "-r", str(lock))
        if self.uv:
            command = ("pip", "install", "--no-deps", *LOCKED, "--python", str(python))
            failure = self._run_uv(*command, *arguments)
        else:
            failure = self._pip_install(python, *arguments)
        if failure:
            raise InstallError(f"the packages of {lock.name} could not be installed: {failure}")

    def _run_uv(self, *arguments: str) -> str:
        options = ("--quiet", "--no-config", "--cache-dir", str(self.scratch / "cache"))
        return attempt([self.uv, *arguments, *options], self.environ)

    def _pip_install(self, python: Path, *arguments: str) -> str:
        return attempt([str(python), *PIP_INSTALL, *LOCKED, *arguments], self.environ)


def say(text: str) -> None:
    """Progress belongs into the step's log, in the order in which things happen."""
    print(text, flush=True)  # noqa: T201


def attempt(command: list[str], environ: dict[str, str]) -> str:
    """Run it: '' when it went well, else the end of what it said, on one line."""
    try:
        ran = run(command, environ)
    except OSError as error:
        return str(error)
    if ran.returncode == 0:
        return ""
    said = " ".join((ran.stdout + ran.stderr).split())
    return said[-600:] or f"exit code {ran.returncode}"


def _python_of(folder: Path) -> Path:
    return folder / "bin" / "python"


def _base_and_site_packages(python: Path) -> tuple[str, Path]:
    """The interpreter under an environment, seen to run without it, and where packages go.

    It must run without LD_LIBRARY_PATH too, which the steps with a token clear.
    """
    question = "import os, sys, sysconfig; print(os.path.realpath(sys._base_executable)); "
    question += "print(sysconfig.get_path('purelib'))"
    environ = clean_environment(dict(os.environ))
    answer = run([str(python), "-I", "-c", question], environ)
    base, site_packages = answer.stdout.splitlines()
    failure = attempt([base, "-I", "-S", "-c", "import ssl, zlib"], environ)
    if failure or " " in base:
        raise InstallError(f"{base} cannot run the steps with a token: {failure or 'a blank'}")
    return base, Path(site_packages)


def copy_package(folder: Path) -> None:
    """Our package as it stands in this checkout, or in the runner's copy of the action."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "mlci_action", folder / "mlci_action", ignore=ignored)


def _compile_folder(python: Path, folder: Path) -> None:
    command = [str(python), "-I", "-m", "compileall", "-q", str(folder)]
    failure = attempt(command, clean_environment(dict(os.environ)))
    if failure:
        raise InstallError(f"the package could not be compiled: {failure}")


def write_outputs(outputs: dict[str, str]) -> None:
    """One heredoc each; its end is a line that nobody can guess, so no value can end it early."""
    text = ""
    for name, value in outputs.items():
        end = secrets.token_hex(16)
        text += f"{name}<<{end}\n{value}\n{end}\n"
    path = os.environ.get("GITHUB_OUTPUT")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
