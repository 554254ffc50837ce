"""How is a running model asked how long a call takes? By one byte, and eight come back."""

from __future__ import annotations

import math
import os
import select
import struct
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn

import pandas as pd

from mlci_action.adapters.containment import contained, end_group
from mlci_action.adapters.worker_answer import WorkerEnd, read_end
from mlci_action.adapters.worker_limits import explained
from mlci_action.adapters.worker_process import Tail, WorkerSetup, job_folder, start
from mlci_action.errors import ModelError

_ANSWER_BYTES = struct.calcsize("=d")
_LOOK_EVERY_SECONDS = 0.5
_SECONDS_TO_END = 10.0
_ROUNDING_SECONDS = 1e-6
# More than a busy machine needs to wake a process whose bytes have come.
_UNSEEN_SECONDS = 0.05
_KIB = 1024


@contextmanager
def timed_worker(
    content: Mapping[str, Any],
    rows: pd.DataFrame,
    *,
    setup: WorkerSetup,
    who: str,
    show_log: Callable[[str], None],
) -> Iterator[TimedWorker]:
    """A worker of the task `costs` whose model is loaded; dead afterwards, with all it started.

    Several may live at once, one block inside the other. `show_log` gets what it printed. Whatever
    goes wrong, here or when it is asked, is a ModelError about `who`.
    """
    tail: Tail | None = None
    with _pipe() as (their_commands, commands), _pipe() as (answers, their_answers):
        theirs = {"commands": their_commands.fileno(), "answers": their_answers.fileno()}
        whole = {**content, **theirs, "task": "costs"}
        with job_folder(whole, rows, setup=setup) as folder:
            try:
                with contained():
                    began = time.perf_counter()
                    process = start(folder, setup, pass_fds=tuple(theirs.values()))
                    tail = Tail(process.stdout)
                    their_commands.close()
                    their_answers.close()
                    try:
                        yield TimedWorker(
                            process, tail, commands, answers, folder / "output", setup, who, began
                        )
                    finally:
                        end_group(process)
            finally:
                if tail is not None:
                    show_log(tail.text())


class TimedWorker:
    """A loaded model on the other ends of two pipes. `load_seconds`: how long loading took.

    What it says is checked against our own clock. That stops careless code; code that writes its
    own times into the pipe, and only a little too small ones, is not found out.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        tail: Tail,
        commands: IO[bytes],
        answers: IO[bytes],
        output: Path,
        setup: WorkerSetup,
        who: str,
        began: float,
    ) -> None:
        self._process, self._tail = process, tail
        self._commands, self._answers = commands, answers
        self._output, self._setup, self._who = output, setup, who
        self._seconds_left = setup.timeout_seconds
        self._asked = self._unseen = 0
        self.load_seconds, _ = self._answer(began)

    def ask(self, command: str) -> float:
        """The seconds that one call took, by the worker's own clock; above 0."""
        if self._readable(0.0):
            self._refuse("an answer comes before the question")
        began = time.perf_counter()
        try:
            self._commands.write(command.encode())
        except BrokenPipeError:
            self._is_gone()
        told, seen = self._answer(began)
        self._asked += 1
        self._unseen += seen - told > max(_UNSEEN_SECONDS, seen / 2)
        return told

    def finish(self) -> int | None:
        """End it; the most memory that its process had in bytes, None where nobody knows."""
        peak = _peak_bytes(self._process.pid)
        self._commands.close()
        if self._read_some(_ANSWER_BYTES):
            self._refuse("an answer comes before the question")
        if 2 * self._unseen > self._asked:
            self._refuse("far more time passes than it tells of")
        told = self._said_at_the_end().get("peak_bytes")
        if peak is None and isinstance(told, int) and told > 0:
            return told
        return peak

    def _answer(self, began: float) -> tuple[float, float]:
        """What it tells, and what passed since `began`."""
        content = b""
        while len(content) < _ANSWER_BYTES:
            some = self._read_some(_ANSWER_BYTES - len(content))
            if not some:
                self._is_gone()
            content += some
        seen = time.perf_counter() - began
        (told,) = struct.unpack("=d", content)
        # A NaN is neither.
        if not (math.isfinite(told) and 0 < told <= seen + _ROUNDING_SECONDS):
            self._refuse("it is not a time that can have passed")
        return told, seen

    def _read_some(self, most: int) -> bytes:
        """The bytes that come next; none when no more can come."""
        while True:
            began = time.monotonic()
            ready = self._readable(min(_LOOK_EVERY_SECONDS, self._seconds_left))
            self._seconds_left -= time.monotonic() - began
            if ready:
                return os.read(self._answers.fileno(), most)
            # What it started may hold the pipe open.
            if self._process.poll() is not None and not self._readable(0.0):
                return b""
            if self._seconds_left <= 0:
                self._said(code=None)

    def _readable(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        return bool(poll.poll(max(seconds, 0.0) * 1000))

    def _is_gone(self) -> NoReturn:
        self._said_at_the_end()
        self._refuse("there is none, and its process has ended")

    def _said_at_the_end(self) -> Mapping[str, Any]:
        try:
            code = self._process.wait(timeout=_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._refuse("its process goes on when it is not asked any more")
        return self._said(code=code)

    def _said(self, *, code: int | None) -> Mapping[str, Any]:
        """What it wrote at its end, unless it is that something went wrong."""
        # Only who is dead has printed its last line.
        end_group(self._process)
        setup, log = self._setup, self._tail.text()
        end = WorkerEnd(code=code, seconds_allowed=setup.timeout_seconds, log=log)
        try:
            return read_end(self._output, end, who=self._who)
        except ModelError as error:
            allowed = setup.memory_mb
            raise explained(
                error, log, asked_mb=allowed, given_mb=allowed, network=setup.network
            ) from error

    def _refuse(self, why: str) -> NoReturn:
        raise ModelError(
            f"{self._who} cannot be timed: {why}",
            hint="code of the model uses the pipes of the process that measures it",
        )


@contextmanager
def _pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Both ends of a pipe, for reading and for writing; closed afterwards."""
    ends = os.pipe()
    with os.fdopen(ends[0], "rb", 0) as source, os.fdopen(ends[1], "wb", 0) as sink:
        yield source, sink


def _peak_bytes(pid: int) -> int | None:
    """The kernel's own count of a living process, which nothing in that process writes."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = [line.split()[1] for line in lines.splitlines() if line.startswith("VmHWM:")]
    return int(found[0]) * _KIB if found else None
