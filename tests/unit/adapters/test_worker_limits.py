"""Where does a model end that wants too much, and what is said of it?"""

from __future__ import annotations

import json
import os
import platform
import sys
from io import StringIO
from pathlib import Path
from textwrap import dedent
from typing import Any

import pandas as pd
import pytest

from mlci_action.adapters import worker_isolation
from mlci_action.adapters.containment import children, contained
from mlci_action.adapters.github_runner import Console
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.worker_answer import WorkerAnswer
from mlci_action.adapters.worker_isolation import read_facts
from mlci_action.adapters.worker_limits import explained, memory_available
from mlci_action.adapters.worker_process import (
    ISOLATION_FILE,
    Tail,
    WorkerSetup,
    asked,
    job_folder,
    start,
)
from mlci_action.adapters.worker_questions import predict
from mlci_action.errors import InterpreterError, ModelError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")

HERE = Interpreter(path=Path(sys.executable), reason="", version=platform.python_version())
FRAME = pd.DataFrame({"age": [1.0, 2.0, 3.0], "y": ["no", "yes", "yes"]})
MODEL = b"ckit\nModel\n)\x81."
WAYS = [("processes", "network", "filter"), ("filter",)]
ids = ["all", "no-namespaces"]


class Model:
    """A model of a module in `folder`, whose `predict` does what a test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.printed = ""

    def setup(self, **options: Any) -> WorkerSetup:  # noqa: ANN401
        values: dict[str, Any] = {"interpreter": HERE, "environ": os.environ}
        values["working_directory"] = self.folder
        return WorkerSetup(**(values | options))

    def __call__(self, body: str, **options: Any) -> WorkerAnswer:  # noqa: ANN401
        lines = "".join(f"        {line}\n" for line in dedent(body).splitlines())
        kit = f"class Model:\n    def predict(self, table):\n{lines}        return [0, 1, 1]\n"
        (self.folder / "kit.py").write_text(kit)
        (self.folder / "model.pkl").write_bytes(MODEL)
        return predict(
            self.folder / "model.pkl",
            FRAME,
            target="y",
            setup=self.setup(**options),
            who="the candidate",
            show_log=self.keep,
        )

    def refusal(self, body: str, **options: Any) -> ModelError:  # noqa: ANN401
        with pytest.raises(ModelError) as caught:
            self(body, **options)
        return caught.value

    def keep(self, text: str) -> None:
        self.printed += text


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return Model(tmp_path)


@pytest.fixture(params=WAYS, ids=ids)
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """What the kernel gives, and what it gives on machines that forbid namespaces."""
    monkeypatch.setattr(worker_isolation, "WAYS", request.param)
    return tuple(request.param)


def test_a_model_that_wants_too_much_memory_says_how_much_it_had(
    model: Model, ways: tuple[str, ...]
) -> None:
    error = model.refusal("bytearray(4 << 30)", memory_mb=2048)

    assert error.message == (
        "the candidate ran out of memory (the 2,048 MB that worker.memory_mb allows) in predict"
    )
    assert error.hint == "raise worker.memory_mb, or evaluate on fewer rows"


def test_an_allocation_that_fails_outside_of_python_says_so_too(model: Model) -> None:
    """Libraries in C++ end the process with their last words, and by a signal."""
    body = """
    import os
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\\n")
    os.abort()
    """
    error = model.refusal(body, memory_mb=1024)

    assert "ended its process by SIGABRT before it answered" in error.message
    assert error.message.endswith("; it ran out of the 1,024 MB that worker.memory_mb allows")


def test_without_a_limit_of_the_settings_it_is_what_the_machine_had_free(model: Model) -> None:
    error = model.refusal("raise MemoryError")

    assert " MB that were free when it started" in error.message
    assert "machine with more memory" in error.hint


def test_a_model_that_wants_a_network_is_told_that_it_has_none(
    model: Model, ways: tuple[str, ...]
) -> None:
    body = """
    import socket
    socket.create_connection(("192.0.2.1", 443), 5)
    """
    error = model.refusal(body)

    assert error.hint.endswith("or set worker.network: true")
    assert "worker.network" not in model.refusal("raise OSError(2, 'no', 'f')").hint


def test_a_model_that_prints_for_ever_is_ended_by_the_time_limit(model: Model) -> None:
    body = """
    import os
    while True:
        os.write(1, b"::error::" + b"x" * 100_000 + b"\\n")
    """
    # Long enough for it to begin on a busy machine.
    error = model.refusal(body, timeout_seconds=15)

    assert error.message == "the candidate did not answer within 15 seconds"
    assert len(model.printed) == 64 * 1024


def test_what_a_model_prints_gives_the_runner_no_command(model: Model) -> None:
    """It is shown, between two lines that nobody can guess."""
    shown = StringIO()
    model("""
    print("::error::planted", "##[error]planted", "::set-output name=deploy::true", sep="\\n")
    """)

    Console(shown, in_actions=True, token_factory=lambda: "unguessed").foreign(model.printed)

    lines = shown.getvalue().splitlines()
    assert (lines[0], lines[-1]) == ("::stop-commands::unguessed", "::unguessed::")
    assert len(lines) == 5


@pytest.mark.parametrize(
    "body",
    [
        """
        for _ in range(200):
            if os.fork() == 0:
                time.sleep(60)
        """,
        """
        for _ in range(6):
            os.fork()
        """,
        """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
                time.sleep(60)
            os._exit(0)
        """,
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if os.fork() == 0:
            time.sleep(60)
        """,
        """
        if os.fork() == 0:
            while os.fork() == 0:
                time.sleep(0.001)
            os._exit(0)
        """,
    ],
    ids=["two-hundred", "bomb", "daemon", "deaf", "runaway"],
)
def test_whatever_a_model_starts_is_dead_before_its_answer_is_read(
    model: Model, ways: tuple[str, ...], body: str
) -> None:
    """All of them hold the log open, so its end says that they are gone."""
    before = children()
    start_them = "import os, signal, time\nus = os.getpid()\n" + dedent(body)

    answer = model(start_them + "if os.getpid() != us:\n    time.sleep(60)")

    assert answer.output.predictions.tolist() == [0, 1, 1]
    assert children() == before


def test_how_far_apart_it_was_is_told(model: Model, ways: tuple[str, ...]) -> None:
    (model.folder / "check.py").write_text("def check(frame):\n    return frame\n")
    content = {"task": "schema", "schema": "check:check"}
    setup = model.setup(memory_mb=1500)

    with asked(content, FRAME, setup=setup, show_log=model.keep) as (output, _):
        facts = read_facts(output / ISOLATION_FILE)

    assert facts["memory_mb"] == 1500
    assert facts["network"].startswith("cut")
    assert (facts["processes"] == "apart") == ("processes" in ways)


def started(setup: WorkerSetup, code: str, tmp_path: Path) -> str:
    """What an interpreter printed that ran this code in a worker's place."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$@"\nexec {sys.executable} "$1" -c \'{code}\'\n')
    python.chmod(0o755)
    own = Interpreter(path=python, reason="", version="3.11.0")
    setup = WorkerSetup(
        interpreter=own,
        working_directory=setup.working_directory,
        environ=setup.environ,
        env=setup.env,
        code_allowed=setup.code_allowed,
    )
    with job_folder({"task": "none"}, FRAME, setup=setup) as folder, contained():
        process = start(folder, setup)
        tail = Tail(process.stdout)
        process.wait()
        asked_to = json.loads((folder / "request.json").read_text())["working_directory"]
        same = f"{asked_to == str(folder)} "
        return same + tail.text().replace(str(folder), "FOLDER")


@pytest.mark.parametrize(
    ("code_allowed", "folder", "seen"),
    [(True, "repository", ["PYTHONPATH", "X_STORE"]), (False, "FOLDER", [])],
)
def test_without_code_of_the_change_nothing_leads_into_the_repository(
    model: Model, tmp_path: Path, *, code_allowed: bool, folder: str, seen: list[str]
) -> None:
    """Isolated, in a folder of its own, and without what the settings let through."""
    (tmp_path / "repository").mkdir()
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": "/repository", "X_STORE": "s"}
    setup = model.setup(
        working_directory=tmp_path / "repository",
        environ=environ,
        env=("X_STORE",),
        code_allowed=code_allowed,
    )
    code = (
        "import os, sys; print(os.getcwd().rsplit(os.sep)[-1] if sys.flags.isolated == 0 else"
        ' os.getcwd(), sorted({"PYTHONPATH", "X_STORE"} & set(os.environ)))'
    )

    said = started(setup, code, tmp_path)

    assert said.splitlines()[-1] == f"{folder} {seen}"
    assert said.startswith("False -B" if code_allowed else "True -I -B")


def test_an_interpreter_that_is_no_program_is_named(model: Model) -> None:
    (model.folder / "python").write_text("not executable")
    own = Interpreter(path=model.folder / "python", reason="", version="3.11.0")

    with pytest.raises(InterpreterError, match="python does not start in"):
        model("pass", interpreter=own)


@pytest.mark.parametrize(
    ("group", "free"), [("max\n", 1900.0), (f"{1 << 29}\n", 486.4), (None, 1900.0)]
)
def test_what_is_free_is_the_machines_or_the_containers(
    tmp_path: Path, group: str | None, free: float
) -> None:
    memory, most = tmp_path / "meminfo", tmp_path / "memory.max"
    memory.write_text("MemTotal: 9 kB\nMemAvailable: 1024000 kB\nSwapFree: 1024000 kB\nHuge: 0\n")
    if group is not None:
        most.write_text(group)

    assert memory_available(memory, most) == free


@pytest.mark.parametrize("text", [None, "", "MemAvailable: much kB\n", "MemTotal: 9 kB\n"])
def test_where_nobody_says_what_is_free_there_is_no_limit(tmp_path: Path, text: str | None) -> None:
    memory = tmp_path / "meminfo"
    if text is not None:
        memory.write_text(text)

    assert memory_available(memory, tmp_path / "memory.max") is None


@pytest.mark.parametrize(
    ("words", "given_mb", "network"),
    [
        ("MemoryError", None, False),
        ("socket.gaierror: [Errno -3] Temporary failure in name resolution", 100.0, True),
        ("PermissionError: [Errno 13] Permission denied: 'model.bin'", 100.0, False),
        ("ValueError: no luck", 100.0, False),
    ],
)
def test_an_error_that_names_no_limit_stays_as_it_is(
    words: str, given_mb: float | None, *, network: bool
) -> None:
    error = ModelError("the candidate fails", hint="as it was")

    told = explained(error, words, asked_mb=None, given_mb=given_mb, network=network)

    assert told is error
