"""How does the user's code run? In one process of their interpreter, dead afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.adapters.containment import contained, end_group
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.row_files import write_rows
from mlci_action.adapters.worker_answer import WorkerEnd
from mlci_action.adapters.worker_environment import worker_environment
from mlci_action.adapters.worker_isolation import IN_PLACE, isolated, kept_folders
from mlci_action.adapters.worker_limits import explained, memory_available
from mlci_action.errors import InterpreterError, ModelError

_WORKER = Path(__file__).resolve().parent.parent / "worker" / "__main__.py"
REQUEST_FILE = "request.json"
ISOLATION_FILE = "isolation.json"
_LOG_BYTES = 64 * 1024
_SECONDS_TO_DRAIN = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSetup:
    """Where and how workers run: `env` are the variable names that the settings let through.

    memory_mb: of each process, None: what is free when it starts. `network`: whether it has one.
    Without `code_allowed` nothing of the repository or of `env` is in its reach by name.
    """

    interpreter: Interpreter
    working_directory: Path
    environ: Mapping[str, str]
    env: tuple[str, ...] = ()
    timeout_seconds: float = 900.0
    memory_mb: float | None = None
    network: bool = False
    code_allowed: bool = True


@contextmanager
def asked(
    content: Mapping[str, Any],
    rows: pd.DataFrame,
    arrays: Mapping[str, NDArray[Any]] = MappingProxyType({}),
    *,
    tables: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    setup: WorkerSetup,
    show_log: Callable[[str], None],
) -> Iterator[tuple[Path, WorkerEnd]]:
    """The output folder of a worker that was asked, and how it ended; both gone afterwards."""
    with job_folder(content, rows, arrays, tables=tables, setup=setup) as folder:
        given_mb = memory_available() if setup.memory_mb is None else setup.memory_mb
        end = _run(folder, replace(setup, memory_mb=given_mb))
        show_log(end.log)
        try:
            yield folder / "output", end
        except ModelError as error:
            told = explained(
                error,
                end.log,
                asked_mb=setup.memory_mb,
                given_mb=given_mb,
                network=setup.network,
            )
            if told is error:
                raise
            raise told from error


@contextmanager
def job_folder(
    content: Mapping[str, Any],
    rows: pd.DataFrame,
    arrays: Mapping[str, NDArray[Any]] = MappingProxyType({}),
    *,
    tables: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    setup: WorkerSetup,
) -> Iterator[Path]:
    """A worker's own folder with its request in it: `data`, `arrays`, `output` and `tmp`.

    `tables` are further rows, written as `data` is into folders of their names.
    """
    with tempfile.TemporaryDirectory(prefix="mlci-worker-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        for part in ("data", "arrays", "output", "tmp"):
            (folder / part).mkdir()
        write_rows(rows, folder / "data")
        for stem, table in tables.items():
            (folder / stem).mkdir()
            write_rows(table, folder / stem)
        for stem, array in arrays.items():
            np.save(folder / "arrays" / f"{stem}.npy", array, allow_pickle=False)
        whole = {
            **content,
            "data": str(folder / "data"),
            "arrays": str(folder / "arrays"),
            "output": str(folder / "output"),
            "working_directory": str(_directory(folder, setup)),
        }
        (folder / REQUEST_FILE).write_text(json.dumps(whole), encoding="utf-8")
        yield folder


def _run(folder: Path, setup: WorkerSetup) -> WorkerEnd:
    with contained():
        process = start(folder, setup)
        tail = Tail(process.stdout)
        try:
            code: int | None = process.wait(timeout=setup.timeout_seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            end_group(process)
    return WorkerEnd(code=code, seconds_allowed=setup.timeout_seconds, log=tail.text())


def start(
    folder: Path, setup: WorkerSetup, *, pass_fds: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    """A worker on the request in `folder`; its output comes by `stdout`. Only inside `contained`.

    How far apart from the rest it is stands in `output/isolation.json`. With `pass_fds` it is the
    process itself that is started, for who measures it. InterpreterError when it does not start.
    """
    python, directory = setup.interpreter.path, _directory(folder, setup)
    if not (python.is_file() and os.access(python, os.X_OK)):
        raise InterpreterError(f"{python} does not start in {str(directory)!r}: it is no program")
    environment = worker_environment(setup.environ, setup.env, code_allowed=setup.code_allowed)
    environment.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp")))
    options = (
        ("-B", "-X", "faulthandler") if setup.code_allowed else ("-I", "-B", "-X", "faulthandler")
    )
    command = isolated(
        (str(python), *options, str(_WORKER), str(folder / REQUEST_FILE)),
        network=setup.network,
        memory_mb=memory_available() if setup.memory_mb is None else setup.memory_mb,
        read_only=kept_folders(python, setup.environ, written=(folder, directory)),
        facts=folder / "output" / ISOLATION_FILE,
        ways=IN_PLACE if pass_fds else None,
    )
    try:
        return subprocess.Popen(  # noqa: S603  running user code in its own process is the point
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=pass_fds,
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InterpreterError(
            f"{python} does not start in {str(directory)!r}: {reason}"
        ) from error


def _directory(folder: Path, setup: WorkerSetup) -> Path:
    """Where it runs: in the repository, or where nothing of that is found by its name."""
    return setup.working_directory.absolute() if setup.code_allowed else folder


class Tail:
    """The last bytes of a stream, read as they come so that the writer never blocks."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._kept = bytearray()
        self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            while chunk := stream.read(_LOG_BYTES):
                self._kept += chunk
                del self._kept[:-_LOG_BYTES]

    def text(self) -> str:
        """What was kept; called when every writer is dead, so that the end has been read."""
        self._reader.join(_SECONDS_TO_DRAIN)
        return bytes(self._kept).decode("utf-8", "replace")
