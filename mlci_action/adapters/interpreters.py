"""Which Python is the user's? The one that has the libraries that their model needs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlci_action.adapters.worker_environment import worker_environment
from mlci_action.errors import InterpreterError

Refuse = Callable[[Path], None]

OLDEST = (3, 8)
_IN_ENVIRONMENT = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
_VERSION = re.compile(r"\d{1,2}(\.\d{1,3}){0,2}")
_KEPT_VERSION = re.compile(r"(?:cpython-)?(\d+\.\d+\.\d+)(?![\w.])")
_TOOL_CACHES = ("RUNNER_TOOL_CACHE", "AGENT_TOOLSDIRECTORY")
_PROBE = "import sys, json; print(json.dumps([sys.executable or '', list(sys.version_info[:3])]))"
_PROBE_SECONDS = 20
_HINT = (
    f"name a Python >= {OLDEST[0]}.{OLDEST[1]} that has the model's libraries "
    "(input `python`, or --python)"
)


def _any(path: Path) -> None:
    """Refuses none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """A Python that runs; `reason` is a sentence that says why it was taken."""

    path: Path
    reason: str
    version: str


def find_interpreter(
    asked: str | None,
    environ: Mapping[str, str],
    working_directory: Path,
    *,
    refuse: Refuse = _any,
) -> Interpreter:
    """The interpreter that runs user code.

    `asked` (a path, an environment's folder, a command or a version) if given; else `$VIRTUAL_ENV`,
    `.venv` in the working directory, `$CONDA_PREFIX`, `$pythonLocation`, and python3 or python on
    PATH: the first that starts. InterpreterError when the asked one does not, when it is older
    than 3.8 (another one would be a guess), or when there is none. `refuse` raises one for a path
    that must not even be started.
    """
    if asked:
        return _asked_for(asked, environ, working_directory, refuse)
    passed_over = "no environment is active"
    for prefix, reason in _environments(environ, working_directory):
        for path in _pythons_in(prefix):
            refuse(path)
            found = _probe(path, environ)
            if found is not None:
                return _recent_enough(found, reason)
        if reason.startswith("$"):
            passed_over = f"{reason}, but no Python runs there"
    too_old = []
    for command in ("python3", "python"):
        on_path = shutil.which(command, path=environ.get("PATH", ""))
        if on_path:
            refuse(Path(on_path))
        found = _probe(Path(on_path), environ) if on_path else None
        if found is not None and found.version >= OLDEST:
            return found.taken_because(f"{command} is on PATH; {passed_over}")
        if found is not None:
            too_old.append(found.shown)
    said = f"only {', '.join(too_old)} on PATH" if too_old else "none on PATH"
    raise InterpreterError(f"there is no Python to run the model with: {said}", hint=_HINT)


def is_version(asked: str) -> bool:
    """Whether it is a version such as `3.11`, and no path or command."""
    return _VERSION.fullmatch(asked) is not None


def find_version(asked: str, environ: Mapping[str, str]) -> Interpreter:
    """A Python of that version: on PATH, or where pyenv, uv or a runner keep theirs.

    InterpreterError, with the versions that are there, when there is none.
    """
    wanted = tuple(int(part) for part in asked.split("."))
    there = set()
    for path in _kept_pythons(wanted, environ):
        found = _probe(path, environ)
        if found is not None and found.version[: len(wanted)] == wanted:
            return _recent_enough(found, f"Python {asked} was asked for")
        if found is not None:
            there.add(found.version)
    there |= {version for version, _ in _kept_versions(environ)}
    usable = sorted(version for version in there if version >= OLDEST)
    listed = ", ".join(".".join(map(str, version)) for version in usable) or "none"
    raise InterpreterError(
        f"there is no Python {asked} here: there are {listed}",
        hint="install it in an earlier step (actions/setup-python), or name another",
    )


def _kept_pythons(wanted: tuple[int, ...], environ: Mapping[str, str]) -> Iterator[Path]:
    """Those that may be of that version, the likeliest first."""
    names = [f"python{'.'.join(map(str, wanted[:2]))}", "python3", "python"]
    for name in names:
        on_path = shutil.which(name, path=environ.get("PATH", ""))
        if on_path:
            yield Path(on_path)
    for version, prefix in sorted(_kept_versions(environ), reverse=True):
        if version[: len(wanted)] == wanted:
            yield from _pythons_in(prefix)


def _kept_versions(environ: Mapping[str, str]) -> Iterator[tuple[tuple[int, ...], Path]]:
    """Versions side by side, by the names of their folders: a name is cheaper than a start."""
    home = Path(environ.get("HOME") or "/nonexistent")
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    for folder, inside in (
        (Path(environ.get("PYENV_ROOT") or home / ".pyenv") / "versions", "."),
        (data / "uv" / "python", "."),
        *((Path(environ[name]) / "Python", "x64") for name in _TOOL_CACHES if environ.get(name)),
    ):
        for prefix in folder.glob("*") if folder.is_dir() else ():
            named = _KEPT_VERSION.match(prefix.name)
            if named and (prefix / inside).is_dir():
                yield tuple(int(part) for part in named[1].split(".")), prefix / inside


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    path: Path
    version: tuple[int, ...]

    @property
    def shown(self) -> str:
        return ".".join(str(part) for part in self.version)

    def taken_because(self, reason: str) -> Interpreter:
        return Interpreter(path=self.path, reason=reason, version=self.shown)


def _asked_for(
    asked: str, environ: Mapping[str, str], working_directory: Path, refuse: Refuse
) -> Interpreter:
    path = working_directory / Path(asked).expanduser()
    if is_version(asked) and not path.exists():
        return find_version(asked, environ)
    # A bare word is a command first: a repository may well have a folder named `python`.
    command = (
        None if Path(asked).name != asked else shutil.which(asked, path=environ.get("PATH", ""))
    )
    if command:
        candidates = [Path(command)]
    elif path.is_dir():
        candidates = list(_pythons_in(path))
    else:
        candidates = [path] if path.is_file() else []
    if not candidates:
        raise InterpreterError(f"there is no Python at {asked!r}, nor on PATH", hint=_HINT)
    refuse(candidates[0])
    found = _probe(candidates[0], environ)
    if found is None:
        raise InterpreterError(f"{asked!r} does not run as a Python", hint=_HINT)
    return _recent_enough(found, f"{asked} was asked for")


def _environments(
    environ: Mapping[str, str], working_directory: Path
) -> Iterator[tuple[Path, str]]:
    if environ.get("VIRTUAL_ENV"):
        yield Path(environ["VIRTUAL_ENV"]), "$VIRTUAL_ENV is set"
    yield working_directory / ".venv", "the working directory has a .venv"
    for name in ("CONDA_PREFIX", "pythonLocation"):
        if environ.get(name):
            yield Path(environ[name]), f"${name} is set"


def _pythons_in(prefix: Path) -> Iterator[Path]:
    for layout in _IN_ENVIRONMENT:
        path = (prefix / layout).absolute()
        if path.is_file():
            yield path


def _recent_enough(found: _Found, reason: str) -> Interpreter:
    if found.version < OLDEST:
        raise InterpreterError(
            f"{reason}, but its Python is {found.shown}, older than {OLDEST[0]}.{OLDEST[1]}",
            hint=_HINT,
        )
    return found.taken_because(reason)


def _probe(path: Path, environ: Mapping[str, str]) -> _Found | None:
    """Where it is and how old, or None if it does not run: stubs and shims look like a Python."""
    try:
        with tempfile.TemporaryFile() as answer:
            subprocess.run(  # noqa: S603  starting the user's Python is the point
                [path, "-I", "-S", "-c", _PROBE],
                env=worker_environment(environ),
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=_PROBE_SECONDS,
                check=True,
            )
            answer.seek(0)
            executable, version = json.loads(answer.read(4096))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return None
    # A shim answers with the Python behind it, which also runs without the shim's variables.
    real = Path(executable)
    return _Found(
        path=real if real.is_absolute() and real.is_file() else path.absolute(),
        version=tuple(int(part) for part in version),
    )
