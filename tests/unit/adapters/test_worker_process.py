from __future__ import annotations

import fcntl
import os
import pickle
import platform
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.linear_model import LogisticRegression

from mlci_action.adapters.containment import children
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.worker_answer import WorkerAnswer
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.adapters.worker_questions import predict
from mlci_action.errors import InterpreterError, ModelError, SettingsError

HERE = Interpreter(path=Path(sys.executable), reason="", version=platform.python_version())
FRAME = pd.DataFrame({"id": [7, 8, 9], "age": [1.0, 2.0, 3.0], "y": ["no", "yes", "yes"]})
LONG_AGO = "0" + sklearn.__version__[1:]
MODEL = b"ckit\nModel\n)\x81."


class Asked:
    """One question to a worker, and what it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = folder / "model.joblib"
        self.printed: list[str] = []

    def __call__(
        self,
        kit: str | None = None,
        frame: pd.DataFrame = FRAME,
        **setup: Any,  # noqa: ANN401
    ) -> WorkerAnswer:
        if kit is not None:
            (self.folder / "kit.py").write_text(kit)
            self.model.write_bytes(MODEL)
        values: dict[str, Any] = {
            "interpreter": HERE,
            "environ": os.environ,
            "working_directory": self.folder,
        }
        return predict(
            self.model,
            frame,
            target="y",
            set_aside=["id"],
            setup=WorkerSetup(**(values | setup)),
            who="the candidate",
            show_log=self.printed.append,
        )

    def refusal(self, kit: str, **setup: Any) -> ModelError:  # noqa: ANN401
        with pytest.raises(ModelError) as caught:
            self(kit, **setup)
        return caught.value


@pytest.fixture
def ask(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


def does(*lines: str, at: str = "predict") -> str:
    """A module whose model does something when it is loaded or asked."""
    body = "\n".join(lines) + "\n"
    if at == "load":
        return f"{body}\nclass Model:\n    def predict(self, table):\n        return [0, 1, 1]\n"
    indented = "".join(f"        {line}\n" for line in body.splitlines())
    return f"class Model:\n    def predict(self, table):\n{indented}        return [0, 1, 1]\n"


def test_a_real_model_answers(ask: Asked) -> None:
    model = LogisticRegression().fit(FRAME[["age"]], FRAME["y"])
    joblib.dump(model, ask.model)

    answer = ask()

    assert answer.output.predictions.tolist() == model.predict(FRAME[["age"]]).tolist()
    assert answer.output.probabilities is not None
    np.testing.assert_allclose(
        answer.output.probabilities, model.predict_proba(FRAME[["age"]]), rtol=1e-12
    )
    assert answer.output.classes == ("no", "yes")
    assert answer.facts["model_class"] == "sklearn.linear_model._logistic.LogisticRegression"
    assert answer.facts["recorded"]["scikit-learn"] == answer.facts["installed"]["scikit-learn"]
    assert ask.printed == [""]


def older(model: LogisticRegression) -> bytes:
    """The model as a scikit-learn of long ago would have pickled it."""
    return pickle.dumps(model).replace(sklearn.__version__.encode(), LONG_AGO.encode())


def test_an_old_model_that_still_works_is_only_noted(ask: Asked) -> None:
    """Old is not a reason to refuse."""
    model = LogisticRegression().fit(FRAME[["age"]], FRAME["y"])
    ask.model.write_bytes(older(model))

    answer = ask()

    assert answer.output.predictions.tolist() == model.predict(FRAME[["age"]]).tolist()
    assert answer.facts["recorded"]["scikit-learn"] == LONG_AGO
    assert [line.split(":")[0] for line in answer.facts["warnings"]] == [
        "InconsistentVersionWarning"
    ]


def test_an_old_model_that_fails_says_which_versions_differ(ask: Asked) -> None:
    model = LogisticRegression().fit(FRAME[["age"]], FRAME["y"])
    del model.coef_
    ask.model.write_bytes(older(model))

    with pytest.raises(ModelError) as caught:
        ask()

    assert caught.value.message == (
        "the candidate fails in predict (AttributeError: 'LogisticRegression' object has no "
        f"attribute 'coef_'): it was saved by scikit-learn {LONG_AGO}, and {sklearn.__version__} "
        "is installed"
    )
    assert caught.value.hint.startswith(f"pin scikit-learn=={LONG_AGO} in that environment")


def test_the_target_never_reaches_the_worker(ask: Asked) -> None:
    """Nor do row ids reach a model that does not name them."""
    kit = does(
        "import pathlib, sys",
        "sent = pathlib.Path(sys.argv[1]).parent / 'data'",
        "print(sorted(table), [p.name for p in sent.iterdir() if b'yes' in p.read_bytes()])",
    )

    ask(kit)

    assert ask.printed == ["['age'] []\n"]


def test_the_worker_sees_no_secret_of_ours(ask: Asked) -> None:
    kit = does("import os", "print(sorted(k for k in os.environ if 'X_' in k or 'TOKEN' in k))")
    secrets = {"GITHUB_TOKEN": "a", "GITHUB_OUTPUT": "b", "X_STORE": "c", "X_OTHER": "d"}

    ask(kit, environ=dict(os.environ) | secrets, env=("X_STORE",))

    assert ask.printed == ["['X_STORE']\n"]


def test_a_token_cannot_be_let_through(ask: Asked) -> None:
    with pytest.raises(SettingsError, match="GITHUB_TOKEN"):
        ask(does(), env=("GITHUB_TOKEN",))


def test_user_code_runs_in_the_working_directory_with_a_temporary_folder_of_its_own(
    ask: Asked,
) -> None:
    ask(does("import os, tempfile", "print(os.getcwd(), tempfile.gettempdir())"))

    here, temporary = ask.printed[0].split()
    assert here == str(ask.folder.resolve())
    assert not Path(temporary).exists()


def test_a_daemon_is_dead_before_the_answer_is_read(ask: Asked) -> None:
    """It would write into the log, the outputs or the report later."""
    log = ask.folder / "log"
    kit = does(
        "import fcntl, os, time",
        "if os.fork() == 0:",
        "    os.setsid()",
        "    if os.fork() == 0:",
        f"        held = open({str(log)!r}, 'w')",
        "        fcntl.flock(held, fcntl.LOCK_EX)",
        "        held.write('it runs')",
        "        held.flush()",
        "        time.sleep(60)",
        f"        open({str(log)!r}, 'a').write(' and it went on')",
        "    os._exit(0)",
        f"while not os.path.exists({str(log)!r}) or not open({str(log)!r}).read():",
        "    time.sleep(0.01)",
    )

    ask(kit)

    with log.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert held.read() == "it runs"


def test_a_model_that_takes_too_long_is_ended_with_its_children(ask: Asked) -> None:
    kit = does(
        "import subprocess, sys, time",
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
        "time.sleep(60)",
        at="load",
    )
    before = children()

    error = ask.refusal(kit, timeout_seconds=2)

    assert error.message == "the candidate did not answer within 2 seconds"
    assert children() == before


def test_an_interrupted_run_leaves_no_process(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(process: Any, timeout: float | None = None) -> int:  # noqa: ANN401
        if timeout is not None:
            started.append(process.pid)
            raise KeyboardInterrupt
        return int(really_wait(process))

    started: list[int] = []
    really_wait = __import__("subprocess").Popen.wait
    monkeypatch.setattr("subprocess.Popen.wait", interrupted)

    with pytest.raises(KeyboardInterrupt):
        ask(does("import time", "time.sleep(60)", at="load"))

    assert not Path(f"/proc/{started[0]}").exists()


@pytest.mark.parametrize(
    ("crash", "said"),
    [
        ("os.kill(os.getpid(), 11)", "by SIGSEGV"),
        ("os.kill(os.getpid(), 9)", "by SIGKILL"),
        ("os._exit(7)", "with exit code 7"),
        ("os._exit(0)", "with exit code 0"),
    ],
)
def test_a_worker_that_dies_says_how(ask: Asked, crash: str, said: str) -> None:
    error = ask.refusal(does("import os", "print('last words', flush=True)", crash, at="load"))

    assert error.message.startswith(f"the candidate ended its process {said} before it answered")
    assert "last words" in ask.printed[0]


def test_what_the_worker_says_is_what_the_error_says(ask: Asked) -> None:
    error = ask.refusal(does("raise ValueError('no luck')"))

    assert error.message == "the candidate fails in predict (ValueError: no luck)"
    assert "Traceback" in ask.printed[0]


def test_a_flood_of_output_neither_blocks_nor_fills_memory(ask: Asked) -> None:
    ask(does("print('x' * 80 * 1024 * 10)", "print('the end')"))

    assert len(ask.printed[0]) == 64 * 1024
    assert ask.printed[0].endswith("x\nthe end\n")


def test_a_model_that_reads_input_gets_none(ask: Asked) -> None:
    assert "EOFError" in ask.refusal(does("input()")).message


def test_the_model_gets_the_types_that_the_data_has(ask: Asked) -> None:
    frame = FRAME.assign(sex=["f", "m", "m"], at=pd.Timestamp("2024-01-01"))

    ask(does("print(list(table.dtypes.astype(str)))"), frame)

    assert ask.printed == [f"{[str(kind) for kind in frame[['age', 'sex', 'at']].dtypes]}\n"]


def test_an_interpreter_that_is_gone_is_named(ask: Asked) -> None:
    gone = Interpreter(path=Path("/nowhere/python"), reason="", version="3.12.1")

    with pytest.raises(InterpreterError, match="/nowhere/python does not start in"):
        ask(does(), interpreter=gone)


def test_no_folder_is_left_behind(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = ask.folder / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))

    ask.refusal(does("raise ValueError"))

    assert list(temporary.iterdir()) == []
