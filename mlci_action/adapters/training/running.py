"""How does the user's training run? As one command in their environment, dead afterwards."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlci_action.adapters.containment import contained, end_group
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.worker_environment import worker_environment
from mlci_action.adapters.worker_isolation import isolated, kept_folders
from mlci_action.adapters.worker_process import ISOLATION_FILE, Tail
from mlci_action.errors import ModelError, SettingsError
from mlci_action.rendering.plain import one_line

SEED_VARIABLE = "MLCI_SEED"
_PYTHONS = ("python", "python3")
_LAST_WORDS = 300
_CANNOT_START = 127
_HINT = "what it printed is in the log"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trainer:
    """Runs `command` in folders of the same layout. env: names that the settings let through."""

    command: str
    interpreter: Interpreter
    environ: Mapping[str, str]
    env: tuple[str, ...]
    timeout_seconds: float
    show_log: Callable[[str], None]

    def run(
        self,
        folder: Path,
        *,
        seed: int,
        timeout_seconds: float | None = None,
        read_only: Sequence[Path] = (),
    ) -> None:
        """Run it in `folder`, with a network, and without any token.

        No shell reads it. What it started is dead afterwards; what it printed is shown, its last
        64 KiB. read_only: further folders that it has no business to change. SettingsError when it
        is no command, ModelError when it cannot be started, fails, or takes longer than
        `timeout_seconds`, or the settings.
        """
        words = _words(self.command, seed)
        environment = self._environment(seed)
        program = _program(words[0], environment["PATH"], folder, self.interpreter)
        seconds = self.timeout_seconds if timeout_seconds is None else timeout_seconds
        with tempfile.TemporaryDirectory(prefix="mlci-train-", ignore_cleanup_errors=True) as name:
            scratch = Path(name).resolve()
            (scratch / "tmp").mkdir()
            environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch / "tmp"))
            apart = isolated(
                (str(program), *words[1:]),
                network=True,
                memory_mb=None,
                read_only=(
                    *kept_folders(self.interpreter.path, self.environ, written=(scratch, folder)),
                    *read_only,
                ),
                facts=scratch / ISOLATION_FILE,
            )
            code, log = _ended(apart, environment, folder, seconds)
        self.show_log(log)
        _must_have_ended_well(code, seconds, log)

    def _environment(self, seed: int) -> dict[str, str]:
        environment = worker_environment(self.environ, self.env)
        theirs = str(self.interpreter.path.parent)
        path = os.pathsep.join(filter(None, (theirs, environment.get("PATH", ""))))
        return {**environment, "PATH": path, SEED_VARIABLE: str(seed)}


def _words(command: str, seed: int) -> tuple[str, ...]:
    try:
        words = tuple(word.replace("{seed}", str(seed)) for word in shlex.split(command))
    except ValueError as error:
        raise SettingsError(
            f"train.command is not a command: {str(error).lower()}", hint="such as python train.py"
        ) from error
    if not words:
        raise SettingsError("train.command is empty", hint="such as python train.py")
    return words


def _program(word: str, path: str, folder: Path, interpreter: Interpreter) -> Path:
    """The file that is started; ModelError when it is not there, or cannot be."""
    if word in _PYTHONS:
        return interpreter.path
    here = (folder / word).absolute()
    if "/" not in word:
        found = shutil.which(word, path=path)
        if found is not None:
            return Path(found).absolute()
        hint = "is it installed, in an earlier step?"
        if here.is_file():
            hint = f"a file of the working directory is written ./{word}"
        raise ModelError(f"the training's command {word!r} is not on PATH", hint=hint)
    if not here.is_file():
        raise ModelError(
            f"the training's command {word!r} does not exist", hint=f"it is looked up in {folder}"
        )
    if not os.access(here, os.X_OK):
        raise ModelError(
            f"the training's command {word!r} is not executable",
            hint=f"chmod +x {word} (and commit that), or name its interpreter before it",
        )
    return here


def _ended(
    command: list[str], environment: Mapping[str, str], folder: Path, seconds: float
) -> tuple[int | None, str]:
    """Its exit code, None when it took too long, and the tail of what it printed."""
    with contained():
        try:
            process = subprocess.Popen(  # noqa: S603  running the user's command is the point
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise _not_started(error.strerror or type(error).__name__) from error
        tail = Tail(process.stdout)
        try:
            code: int | None = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            end_group(process)
    return code, tail.text()


def _must_have_ended_well(code: int | None, seconds: float, log: str) -> None:
    if code == 0:
        return
    if code is None:
        raise ModelError(
            f"the training did not end within {seconds:g} seconds",
            hint="raise train.timeout_seconds",
        )
    last = next((line for line in reversed(log.splitlines()) if line.strip()), "")
    _, does_not_start, reason = last.partition(" does not start: ")
    if code == _CANNOT_START and does_not_start:
        raise _not_started(one_line(reason, _LAST_WORDS))
    ended = f"with exit code {code}" if code > 0 else f"by {_signal_name(-code)}"
    last_words = f"; its last line: {one_line(last, _LAST_WORDS)}" if last else ""
    raise ModelError(f"the training ended {ended}{last_words}", hint=_HINT)


def _not_started(reason: str) -> ModelError:
    return ModelError(
        f"the training's command does not start: {reason}",
        hint="a script begins with the line of its interpreter, such as #!/bin/sh",
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
