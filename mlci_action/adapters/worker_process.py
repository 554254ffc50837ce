"""How does the user's code run? In one process of their interpreter, dead afterwards."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
from mlci_action.errors import InterpreterError

_WORKER = Path(__file__).resolve().parent.parent / "worker" / "__main__.py"
REQUEST_FILE = "request.json"
_LOG_BYTES = 64 * 1024
_SECONDS_TO_DRAIN = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSetup:
    """Where and how workers run: `env` are the variable names that the settings let through."""

    interpreter: Interpreter
    working_directory: Path
    environ: Mapping[str, str]
    env: tuple[str, ...] = ()
    timeout_seconds: float = 900.0


@contextmanager
def asked(
    content: Mapping[str, Any],
    rows: pd.DataFrame,
    arrays: Mapping[str, NDArray[Any]] = MappingProxyType({}),
    *,
    setup: WorkerSetup,
    show_log: Callable[[str], None],
) -> Iterator[tuple[Path, WorkerEnd]]:
    """The output folder of a worker that was asked, and how it ended; both gone afterwards."""
    with job_folder(content, rows, arrays, setup=setup) as folder:
        end = _run(folder, setup)
        show_log(end.log)
        yield folder / "output", end


@contextmanager
def job_folder(
    content: Mapping[str, Any],
    rows: pd.DataFrame,
    arrays: Mapping[str, NDArray[Any]] = MappingProxyType({}),
    *,
    setup: WorkerSetup,
) -> Iterator[Path]:
    """A worker's own folder with its request in it: `data`, `arrays`, `output` and `tmp`."""
    with tempfile.TemporaryDirectory(prefix="mlci-worker-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        for part in ("data", "arrays", "output", "tmp"):
            (folder / part).mkdir()
        write_rows(rows, folder / "data")
        for stem, array in arrays.items():
            np.save(folder / "arrays" / f"{stem}.npy", array, allow_pickle=False)
        whole = {
            **content,
            "data": str(folder / "data"),
            "arrays": str(folder / "arrays"),
            "output": str(folder / "output"),
            "working_directory": str(setup.working_directory.absolute()),
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

    InterpreterError when it does not start.
    """
    environment = worker_environment(setup.environ, setup.env)
    environment.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp")))
    python, request = str(setup.interpreter.path), str(folder / REQUEST_FILE)
    try:
        return subprocess.Popen(  # noqa: S603  running user code in its own process is the point
            [python, "-B", "-X", "faulthandler", str(_WORKER), request],
            cwd=setup.working_directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=pass_fds,
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        where = str(setup.working_directory)
        raise InterpreterError(f"{python} does not start in {where!r}: {reason}") from error


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
