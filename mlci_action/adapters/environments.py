"""Where is a model asked that the candidate's environment cannot load? In one made for it, kept.

Packages come as wheels alone, so that none of them runs code while it is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mlci_action.adapters.interpreters import Interpreter, find_interpreter, is_version
from mlci_action.adapters.package_index import installer_environment
from mlci_action.adapters.requirement_files import Requirements
from mlci_action.adapters.worker_environment import worker_environment
from mlci_action.errors import InterpreterError
from mlci_action.rendering.plain import one_line

KEPT_ENVIRONMENTS = 5
_SECONDS = 900
_LAYOUT = 1
_BUILDING = ".building-"
_USED = ".mlci-used"
_ABANDONED_SECONDS = 24 * 3600
# Another run may be using the least recent one.
_IN_USE_SECONDS = 3600
_MAX_REASON = 500
_SECRET = re.compile(r"://[^/@\s]+@")
_NO_WHEEL = re.compile(r"no usable wheels|no wheels|[Bb]uilding source|No matching distribution")
_OTHER_PYTHON = (
    "only wheels are installed: set baseline.python to a version that these packages have wheels "
    "for, or pin others"
)


def default_cache(environ: Mapping[str, str]) -> Path:
    """Where environments are kept between runs."""
    cache = environ.get("XDG_CACHE_HOME")
    home = environ.get("HOME")
    base = Path(cache) if cache else (Path(home) if home else Path.home()) / ".cache"
    return base / "mlci" / "environments"


def own_environment(
    requirements: Requirements,
    *,
    python: str | None,
    candidate: Interpreter,
    folder: Path,
    cache: Path,
    environ: Mapping[str, str],
    say: Callable[[str], None],
) -> Interpreter:
    """The interpreter of an environment with these packages, made unless it is kept in `cache`.

    python: an interpreter, relative to `folder`, or a version; the candidate's when not given.
    InterpreterError when there is no such Python, or the packages cannot be installed.
    """
    maker = _Maker(
        folder=folder, cache=cache.absolute(), environ=environ, say=say, uv=_find_uv(environ)
    )
    base = maker.base(python, candidate)
    kept = maker.cache / _key(requirements, base.version)
    found = maker.start(kept)
    if found is None:
        maker.make(kept, requirements, base)
        found = maker.start(kept)
    if found is None:
        raise InterpreterError(
            f"the environment made from {requirements.origin} does not start",
            hint="is its cache on a disk that runs programs?",
        )
    (kept / _USED).touch()
    _forget_old(maker.cache, keep=kept)
    return replace(found, reason=f"made from {requirements.origin}, for the baseline alone")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Maker:
    """Makes environments in `cache`. uv: how it is started, empty where there is none."""

    folder: Path
    cache: Path
    environ: Mapping[str, str]
    say: Callable[[str], None]
    uv: tuple[str, ...]

    def base(self, python: str | None, candidate: Interpreter) -> Interpreter:
        """The Python under the environment."""
        if python is None:
            return candidate
        try:
            return find_interpreter(python, self.environ, self.folder)
        except InterpreterError as error:
            fetched = self._fetched(python) if is_version(python) else None
            if fetched is None:
                raise InterpreterError(
                    f"baseline.python: {error.message}", hint=error.hint
                ) from error
            return fetched

    def start(self, environment: Path) -> Interpreter | None:
        """Its interpreter, None when there is none or it does not start."""
        if not (environment / _USED).is_file():
            return None
        try:
            return find_interpreter(str(environment), self.environ, self.folder)
        except InterpreterError:
            return None

    def make(self, environment: Path, requirements: Requirements, base: Interpreter) -> None:
        """Whole or not at all; what another run made meanwhile is as good."""
        self.say(
            f"making the baseline an environment of {requirements.origin}, Python {base.version}"
        )
        for note in requirements.notes:
            self.say(note)
        started = time.monotonic()
        self.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        building = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=self.cache))
        try:
            self._fill(building / "env", requirements, base)
            (building / "env" / _USED).touch()
            if environment.exists() and self.start(environment) is None:
                environment.rename(building / "broken")
            try:
                (building / "env").rename(environment)
            except OSError:
                if not environment.is_dir():
                    raise
        finally:
            shutil.rmtree(building, ignore_errors=True)
        self.say(f"made in {time.monotonic() - started:.0f} s")

    def _fill(self, environment: Path, requirements: Requirements, base: Interpreter) -> None:
        lists = environment.parent / "lists"
        lists.mkdir()
        (lists / "requirements.txt").write_text(requirements.text, encoding="utf-8")
        (lists / "constraints.txt").write_text(requirements.constraints, encoding="utf-8")
        target = str(environment)
        python = str(environment / ("Scripts" if os.name == "nt" else "bin") / "python")
        packages = ("-r", "requirements.txt", "-c", "constraints.txt")
        wheels = ("--only-binary", ":all:")
        # Only the second command reaches out, and only it may know a mirror's password: the first
        # starts the user's Python.
        plain, reaching = worker_environment(self.environ), installer_environment(self.environ)
        if self.uv:
            quiet = ("--no-config", "--quiet", "--cache-dir", str(self.cache / "uv"))
            offline = ("--no-python-downloads", "--no-project", "--relocatable")
            hashes = ("--require-hashes",) if "--require-hashes" in requirements.text else ()
            made = (*self.uv, "venv", *quiet, *offline, "--python", str(base.path), target)
            # A worker writes no bytecode, and would compile all packages each time it starts.
            options = (*hashes, "--compile-bytecode", "--python", python)
            installed = (*self.uv, "pip", "install", *quiet, *options)
        else:
            quiet = (
                "--quiet",
                "--disable-pip-version-check",
                "--cache-dir",
                str(self.cache / "pip"),
            )
            made = (str(base.path), "-I", "-m", "venv", target)
            installed = (python, "-I", "-m", "pip", "install", *quiet)
        self._run(made, plain, lists, requirements)
        self._run((*installed, *wheels, *packages), reaching, lists, requirements)

    def _fetched(self, version: str) -> Interpreter | None:
        """A Python that uv brings, where the network has one."""
        if not self.uv:
            return None
        self.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        into = self.cache / "python"
        options = ("--no-config", "--quiet", "--no-bin", "--install-dir", str(into))
        done = _ended(
            (*self.uv, "python", "install", *options, version),
            installer_environment(self.environ),
            self.cache,
        )
        pythons = sorted(into.glob(f"cpython-{version}*/bin/python"))
        if done is None or done.returncode or not pythons:
            return None
        return find_interpreter(str(pythons[-1]), self.environ, self.folder)

    def _run(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        folder: Path,
        requirements: Requirements,
    ) -> None:
        done = _ended(command, environ, folder)
        if done is not None and done.returncode == 0:
            return
        said = f"it did not end within {_SECONDS} seconds" if done is None else _said(done)
        raise InterpreterError(
            f"no environment can be made from {requirements.origin} ({said})",
            hint=_OTHER_PYTHON if _NO_WHEEL.search(said) else "is each package to be had here?",
        )


def _ended(
    command: Sequence[str], environ: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str] | None:
    """How it ended, None: it took too long."""
    try:
        return subprocess.run(  # noqa: S603 - no shell, and the words are ours
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, stdout=str(error))


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """What an installer gives as reason, without the password of a mirror."""
    lines = _SECRET.sub("://***@", done.stdout).splitlines()
    lines = [line for line in lines if not line.lower().startswith(("hint", "warning"))]
    return one_line(" ".join(lines), _MAX_REASON) or f"exit code {done.returncode}"


def _find_uv(environ: Mapping[str, str]) -> tuple[str, ...]:
    """How to start the uv beside our own interpreter, in our environment, or on PATH; or empty."""
    beside = Path(sys.executable).with_name("uv")
    if beside.is_file():
        return (str(beside),)
    if importlib.util.find_spec("uv") is not None:
        return (sys.executable, "-I", "-m", "uv")
    on_path = shutil.which("uv", path=environ.get("PATH", ""))
    return (on_path,) if on_path else ()


def _key(requirements: Requirements, version: str) -> str:
    """The same for the same packages on the same Python and machine."""
    libc = "-".join(platform.libc_ver())
    content = (
        _LAYOUT, requirements.text, requirements.constraints, version,
        sys.platform, platform.machine(), libc,
    )  # fmt: skip
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def _forget_old(cache: Path, *, keep: Path) -> None:
    """All but the most recently used, and what builds left that were ended."""
    now = time.time()
    for left in cache.glob(f"{_BUILDING}*"):
        if _age(left, now) > _ABANDONED_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    used = sorted(
        (path for path in cache.iterdir() if (path / _USED).is_file()),
        key=lambda path: _age(path / _USED, now),
    )
    for path in used[KEPT_ENVIRONMENTS:]:
        if path != keep and _age(path / _USED, now) > _IN_USE_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def _age(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except OSError:
        return 0.0
