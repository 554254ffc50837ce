"""What does the user's code say? Asked in one process of their interpreter, dead afterwards."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from mlci_action.adapters.worker_answer import (
    WorkerAnswer,
    WorkerEnd,
    read_answer,
    read_metric_answers,
    read_schema_answer,
)
from mlci_action.adapters.worker_environment import worker_environment
from mlci_action.checks.context import SchemaFailure
from mlci_action.errors import InterpreterError
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswers, CustomQuestion

_WORKER = Path(__file__).resolve().parent.parent / "worker" / "__main__.py"
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


def predict(
    model: Path,
    frame: pd.DataFrame,
    *,
    target: str,
    set_aside: Sequence[str] = (),
    setup: WorkerSetup,
    who: str,
    show_log: Callable[[str], None],
) -> WorkerAnswer:
    """Ask the model in a process of its own; whatever that process started is dead afterwards.

    The target column never reaches the worker. Columns in `set_aside` (row ids, times) reach only a
    model that names them. `show_log` gets what the model printed (its last 64 KiB, untrusted text),
    before any error is raised. `who` is "the candidate" or "the baseline".
    ModelError when it does not load, does not predict, dies, takes too long or answers nonsense.
    """
    content = {
        "task": "predict",
        "model": str(model.absolute()),
        "withheld": [target],
        "set_aside": list(set_aside),
    }
    rows = frame.drop(columns=target, errors="ignore")
    with _asked(content, rows, setup=setup, show_log=show_log) as (output, end):
        return read_answer(output, end, n_rows=len(frame), who=who)


def apply_python_schema(
    schema: str, frame: pd.DataFrame, *, setup: WorkerSetup, show_log: Callable[[str], None]
) -> tuple[SchemaFailure, ...]:
    """What of the schema `module:Object` does not hold, asked where the model is asked.

    ModelError when it cannot be imported, is no schema, or does not answer.
    """
    content = {"task": "schema", "schema": schema}
    with _asked(content, frame, setup=setup, show_log=show_log) as (output, end):
        return read_schema_answer(output, end, who=f"data.schema: {schema!r}")


def ask_metrics(
    question: CustomQuestion, *, setup: WorkerSetup, show_log: Callable[[str], None]
) -> CustomAnswers:
    """What the user's functions say of both models' predictions, by metric name.

    They get the truth, the predictions and the rows, in one process of their own that knows no
    model. ModelError when that process does not answer; a function that does not work says so in
    its own answer.
    """
    content = {
        "task": "metrics",
        "metrics": [
            {"place": metric.custom, "reads": metric.needs.value} for metric in question.metrics
        ],
        "levels": question.levels,
        "seed": question.seed,
        "seconds": setup.timeout_seconds,
    }
    arrays = _arrays_of(question)
    with _asked(content, question.frame, arrays, setup=setup, show_log=show_log) as (output, end):
        answers = read_metric_answers(
            output,
            end,
            n_metrics=len(question.metrics),
            n_slices=len(question.slices),
            who=", ".join(repr(metric.custom) for metric in question.metrics),
        )
    names = [metric.name for metric in question.metrics]
    return dict(zip(names, answers, strict=True))


def _arrays_of(question: CustomQuestion) -> dict[str, NDArray[Any]]:
    """What `worker/metric_job.py` reads, by file name; what is not there is None there."""
    rows = question.rows
    models = {"candidate": rows.candidate, "baseline": rows.baseline}
    arrays = {
        "truth": rows.truth,
        "classes": question.classes,
        "weight": rows.weight,
        "units": None if rows.dependence is None else rows.dependence.codes,
        "slice_rows": np.concatenate([np.empty(0, np.int64), *question.slices]),
        "slice_ends": np.cumsum([len(part) for part in question.slices], dtype=np.int64),
    }
    for who, said in models.items():
        for reads in ("labels", "scores", "values"):
            arrays[f"{who}_{reads}"] = None if said is None else getattr(said, reads)
    return {name: array for name, array in arrays.items() if array is not None}


@contextmanager
def _asked(
    content: Mapping[str, Any],
    rows: pd.DataFrame,
    arrays: Mapping[str, NDArray[Any]] = MappingProxyType({}),
    *,
    setup: WorkerSetup,
    show_log: Callable[[str], None],
) -> Iterator[tuple[Path, WorkerEnd]]:
    """The output folder of a worker that was asked, and how it ended; both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mlci-worker-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        for part in ("data", "arrays", "output", "tmp"):
            (folder / part).mkdir()
        write_rows(rows, folder / "data")
        for stem, array in arrays.items():
            np.save(folder / "arrays" / f"{stem}.npy", array, allow_pickle=False)
        request = folder / "request.json"
        whole = {
            **content,
            "data": str(folder / "data"),
            "arrays": str(folder / "arrays"),
            "output": str(folder / "output"),
            "working_directory": str(setup.working_directory.absolute()),
        }
        request.write_text(json.dumps(whole), encoding="utf-8")
        end = _run(request, folder, setup)
        show_log(end.log)
        yield folder / "output", end


def _run(request: Path, folder: Path, setup: WorkerSetup) -> WorkerEnd:
    environment = worker_environment(setup.environ, setup.env)
    environment.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp")))
    python = str(setup.interpreter.path)
    with contained():
        process = _start(
            [python, "-B", "-X", "faulthandler", str(_WORKER), str(request)],
            environment,
            setup.working_directory,
        )
        tail = _Tail(process.stdout)
        try:
            code: int | None = process.wait(timeout=setup.timeout_seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            end_group(process)
    return WorkerEnd(code=code, seconds_allowed=setup.timeout_seconds, log=tail.text())


def _start(
    command: list[str], environment: Mapping[str, str], cwd: Path
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603  running user code in its own process is the point
            command,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InterpreterError(f"{command[0]} does not start in {str(cwd)!r}: {reason}") from error


class _Tail:
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
