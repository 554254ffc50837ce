"""What does a model say that only a command of the user's can ask?"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pyarrow as pa

from mlci_action.adapters.containment import contained, end_group
from mlci_action.adapters.predictions_file import read_predictions_file
from mlci_action.adapters.worker_answer import WorkerEnd
from mlci_action.adapters.worker_environment import worker_environment
from mlci_action.adapters.worker_isolation import isolated, kept_folders, read_facts
from mlci_action.adapters.worker_limits import explained, memory_available
from mlci_action.adapters.worker_process import ISOLATION_FILE, Tail, WorkerSetup
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.predict_command import PredictCommand, parse_command
from mlci_action.errors import ModelError, SettingsError
from mlci_action.evaluation.reading.variants import Answers
from mlci_action.rendering.plain import one_line

_PYTHONS = ("python", "python3")
_LAST_WORDS = 300
_CANNOT_START = 127


def ask_command(
    command: str,
    model: Path,
    frame: pd.DataFrame,
    *,
    target: str,
    id_column: str | None,
    classes: tuple[str, ...] | None,
    setup: WorkerSetup,
    who: str,
    show_log: Callable[[str], None],
) -> Answers:
    """Run the command on all columns of `frame` but the target, and read the file it writes.

    No shell reads the command; it runs in the working directory, sees what a worker sees, finds the
    user's Python first, and is dead afterwards with all it started. `show_log` gets what it printed
    (its last 64 KiB, untrusted text). facts: as of a file of predictions, and `seconds_to_predict`.
    SettingsError when it is no such command. ModelError when it cannot be started, fails, takes too
    long, or leaves no predictions.
    """
    parsed = _parsed(command, setup, who)
    environment = _environment(setup)
    program = _program(parsed.words[0], environment, setup, who)
    with tempfile.TemporaryDirectory(prefix="mlci-command-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        for part in ("input", "output", "tmp"):
            (folder / part).mkdir()
        rows = folder / "input" / f"rows.{parsed.input}"
        said = folder / "output" / f"predictions.{parsed.output}"
        _write_rows(frame.drop(columns=target, errors="ignore"), rows, who)
        words = parsed.filled(model=str(model.absolute()), input=str(rows), output=str(said))
        environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp"))
        facts = _asked((str(program), *words[1:]), environment, folder, said, setup, who, show_log)
        answers = read_predictions_file(
            said, frame, id_column=id_column, target=target, classes=classes, who=who
        )
    return replace(answers, facts={**answers.facts, **facts})


def _asked(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    said: Path,
    setup: WorkerSetup,
    who: str,
    show_log: Callable[[str], None],
) -> dict[str, Any]:
    """Run it apart from the rest, until it has left the file `said`; what is told of that."""
    given_mb = memory_available() if setup.memory_mb is None else setup.memory_mb
    apart = isolated(
        command,
        network=setup.network,
        memory_mb=given_mb,
        read_only=kept_folders(
            setup.interpreter.path, setup.environ, written=(folder, setup.working_directory)
        ),
        facts=folder / ISOLATION_FILE,
    )
    started = time.monotonic()
    end = _run(apart, environment, setup, who)
    seconds = time.monotonic() - started
    show_log(end.log)
    try:
        _must_have_answered(said, end, who)
    except ModelError as error:
        raise explained(
            error, end.log, asked_mb=setup.memory_mb, given_mb=given_mb, network=setup.network
        ) from error
    return {
        "format": ModelFormat.OTHER.value,
        "seconds_to_predict": seconds,
        "isolation": dict(read_facts(folder / ISOLATION_FILE)),
    }


def _parsed(command: str, setup: WorkerSetup, who: str) -> PredictCommand:
    if not setup.code_allowed:
        raise ModelError(
            f"{who} is asked by a command of this change, and its code may not run here",
            hint="trust.pickle of the base branch says when it may",
        )
    try:
        return parse_command(command)
    except ValueError as error:
        raise SettingsError(
            f"predict {error}", hint="such as ./score.sh {model} {input} {output}"
        ) from error


def _environment(setup: WorkerSetup) -> dict[str, str]:
    """A worker's, where `python` and what is installed beside it are the user's own."""
    environment = worker_environment(setup.environ, setup.env)
    theirs = str(setup.interpreter.path.parent)
    environment["PATH"] = os.pathsep.join(filter(None, (theirs, environment.get("PATH", ""))))
    return environment


def _program(word: str, environment: Mapping[str, str], setup: WorkerSetup, who: str) -> Path:
    """The file that is started; ModelError when it is not there, or cannot be."""
    if word in _PYTHONS:
        return setup.interpreter.path
    here = (setup.working_directory / word).absolute()
    if "/" not in word:
        found = shutil.which(word, path=environment["PATH"])
        if found is None:
            hint = "is it installed, in an earlier step?"
            if here.is_file():
                hint = f"a file of the working directory is written ./{word}"
            raise ModelError(f"{who}'s command {word!r} is not on PATH", hint=hint)
        return Path(found).absolute()
    if not here.is_file():
        raise ModelError(
            f"{who}'s command {word!r} does not exist",
            hint=f"it is looked up in {setup.working_directory}",
        )
    if not os.access(here, os.X_OK):
        raise ModelError(
            f"{who}'s command {word!r} is not executable",
            hint=f"chmod +x {word} (and commit that), or name its interpreter before it",
        )
    return here


def _write_rows(rows: pd.DataFrame, path: Path, who: str) -> None:
    try:
        if path.suffix == ".parquet":
            rows.to_parquet(path, index=False)
        else:
            rows.to_csv(path, index=False, encoding="utf-8", errors="replace")
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise ModelError(
            f"{who} cannot be asked: the rows cannot be written as {path.suffix[1:]}"
            f" ({type(error).__name__})",
            hint="write {input} for CSV",
        ) from error


def _run(
    command: Sequence[str], environment: Mapping[str, str], setup: WorkerSetup, who: str
) -> WorkerEnd:
    with contained():
        try:
            process = subprocess.Popen(  # noqa: S603  running the user's command is the point
                command,
                cwd=setup.working_directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise _not_started(error.strerror or type(error).__name__, who) from error
        tail = Tail(process.stdout)
        try:
            code: int | None = process.wait(timeout=setup.timeout_seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            end_group(process)
    return WorkerEnd(code=code, seconds_allowed=setup.timeout_seconds, log=tail.text())


def _must_have_answered(said: Path, end: WorkerEnd, who: str) -> None:
    """ModelError when it did not end well, or left no plain file."""
    if end.code is None:
        raise ModelError(
            f"{who}'s command did not end within {end.seconds_allowed:g} seconds",
            hint="raise worker.timeout_seconds, or evaluate on fewer rows",
        )
    if end.code != 0:
        _raise_failed(end, who)
    try:
        is_plain = stat.S_ISREG(said.lstat().st_mode)
    except OSError:
        raise ModelError(
            f"{who}'s command ended well and left no file of predictions",
            hint="it must write to the path that it gets for {output}",
        ) from None
    if not is_plain:
        raise ModelError(f"{who}'s command left predictions that are no plain file")


def _raise_failed(end: WorkerEnd, who: str) -> NoReturn:
    code = end.code or 0
    ended = f"with exit code {code}" if code > 0 else f"by {_signal_name(-code)}"
    last = next((line for line in reversed(end.log.splitlines()) if line.strip()), "")
    _, does_not_start, reason = last.partition(" does not start: ")
    if code == _CANNOT_START and does_not_start:
        raise _not_started(one_line(reason, _LAST_WORDS), who)
    last_words = f"; its last line: {one_line(last, _LAST_WORDS)}" if last else ""
    raise ModelError(
        f"{who}'s command ended {ended}{last_words}", hint="what it printed is in the log"
    )


def _not_started(reason: str, who: str) -> ModelError:
    return ModelError(
        f"{who}'s command does not start: {reason}",
        hint="a script begins with the line of its interpreter, such as #!/bin/sh",
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
