"""Which Python is the user's? The one that has the libraries that their model needs."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlci_action.adapters.worker_environment import worker_environment
from mlci_action.errors import InterpreterError

OLDEST = (3, 8)
_IN_ENVIRONMENT = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
_PROBE = "import sys, json; print(json.dumps([sys.executable or '', list(sys.version_info[:3])]))"
_PROBE_SECONDS = 20
_HINT = (
    f"name a Python >= {OLDEST[0]}.{OLDEST[1]} that has the model's libraries "
    "(input `python`, or --python)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """A Python that runs; `reason` is a sentence that says why it was taken."""

    path: Path
    reason: str
    version: str


def find_interpreter(
    asked: str | None, environ: Mapping[str, str], working_directory: Path
) -> Interpreter:
    """The interpreter that runs user code.

    `asked` (a path, an environment's folder or a command) if given; else `$VIRTUAL_ENV`, `.venv` in
    the working directory, `$CONDA_PREFIX`, `$pythonLocation`, and python3 or python on PATH: the
    first that starts. InterpreterError when the asked one does not, when the environment's is older
    than 3.8 (another one would be a guess), or when there is none.
    """
    if asked:
        return _asked_for(asked, environ, working_directory)
    passed_over = "no environment is active"
    for prefix, reason in _environments(environ, working_directory):
        for path in _pythons_in(prefix):
            found = _probe(path, environ)
            if found is not None:
                return _recent_enough(found, reason)
        if reason.startswith("$"):
            passed_over = f"{reason}, but no Python runs there"
    too_old = []
    for command in ("python3", "python"):
        on_path = shutil.which(command, path=environ.get("PATH", ""))
        found = _probe(Path(on_path), environ) if on_path else None
        if found is not None and found.version >= OLDEST:
            return found.taken_because(f"{command} is on PATH; {passed_over}")
        if found is not None:
            too_old.append(found.shown)
    said = f"only {', '.join(too_old)} on PATH" if too_old else "none on PATH"
    raise InterpreterError(f"there is no Python to run the model with: {said}", hint=_HINT)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    path: Path
    version: tuple[int, ...]

    @property
    def shown(self) -> str:
        return ".".join(str(part) for part in self.version)

    def taken_because(self, reason: str) -> Interpreter:
        return Interpreter(path=self.path, reason=reason, version=self.shown)


def _asked_for(asked: str, environ: Mapping[str, str], working_directory: Path) -> Interpreter:
    path = working_directory / Path(asked).expanduser()
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
