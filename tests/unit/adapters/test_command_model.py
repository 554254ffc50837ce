"""Commands that predict: what they get, what they may leave, and how they fail."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action.adapters.command_model import ask_command
from mlci_action.adapters.containment import children
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.errors import ModelError, SettingsError
from mlci_action.evaluation.reading.variants import Answers

HERE = Interpreter(path=Path(sys.executable), reason="", version=platform.python_version())
FRAME = pd.DataFrame({"id": [7, 8], "x": [0.1, np.nan], "name": ["a,b", None], "y": [0, 1]})
PLAIN = "./score.sh {model} {input} {output}"
ANSWERS = 'printf "prediction\\n1\\n0\\n" > "$3"'


class Asked:
    """One question to a command in a folder, and what it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = folder / "model.bin"
        self.model.write_bytes(b"weights")
        self.printed: list[str] = []

    def script(self, body: str, name: str = "score.sh", begins: str = "#!/bin/sh") -> None:
        path = self.folder / name
        path.write_text(f"{begins}\n{body}\n")
        path.chmod(0o755)

    def __call__(
        self,
        body: str | None = None,
        command: str = PLAIN,
        frame: pd.DataFrame = FRAME,
        **setup: Any,  # noqa: ANN401
    ) -> Answers:
        if body is not None:
            self.script(body)
        values: dict[str, Any] = {
            "interpreter": HERE, "environ": os.environ, "working_directory": self.folder,
        }  # fmt: skip
        return ask_command(
            command,
            self.model,
            frame,
            target="y",
            id_column="id",
            classes=None,
            setup=WorkerSetup(**(values | setup)),
            who="the candidate",
            show_log=self.printed.append,
        )

    def refusal(self, body: str | None = None, command: str = PLAIN, **setup: Any) -> str:  # noqa: ANN401
        with pytest.raises(ModelError) as caught:
            self(body, command, **setup)
        return str(caught.value)


@pytest.fixture
def ask(tmp_path: Path) -> Asked:
    folder = tmp_path / "a repository"
    folder.mkdir()
    return Asked(folder)


def test_a_command_gets_the_model_and_the_rows_without_the_truth(ask: Asked) -> None:
    answers = ask(f'cat "$1"; echo; cat "$2"; {ANSWERS}')
    assert answers.output.predictions.tolist() == [1, 0]
    assert ask.printed == ['weights\nid,x,name\n7,0.1,"a,b"\n8,,\n']
    assert answers.facts["seconds_to_predict"] >= 0


def test_numbers_travel_to_the_last_digit(ask: Asked) -> None:
    frame = FRAME.assign(x=[0.1 + 0.2, 1e-300])
    ask(f'cat "$2"; {ANSWERS}', frame=frame)
    assert "7,0.30000000000000004," in ask.printed[0]
    assert "8,1e-300," in ask.printed[0]


def test_answers_are_joined_by_id(ask: Asked) -> None:
    answers = ask('printf "id,prediction\\n8,0\\n7,1\\n" > "$3"')
    assert (answers.output.predictions.tolist(), answers.facts["joined_by"]) == ([1, 0], "id")


def test_rows_and_answers_travel_in_the_formats_that_are_named(ask: Asked) -> None:
    (ask.folder / "score.py").write_text(
        "import sys, numpy, pandas\n"
        "rows = pandas.read_parquet(sys.argv[1])\n"
        "numpy.save(sys.argv[2], rows['id'].to_numpy() - 7)\n"
    )
    answers = ask(command="python score.py {input.parquet} {output.npy}")
    assert answers.output.predictions.tolist() == [0, 1]


def test_python_is_the_users_own_and_comes_first_on_path(ask: Asked) -> None:
    (ask.folder / "bin").mkdir()
    ask.script('echo theirs; printf "prediction\\n1\\n0\\n" > "$3"', "bin/python")
    theirs = Interpreter(path=ask.folder / "bin" / "python", reason="", version="3.9.1")
    ask(command="python {model} {input} {output}", interpreter=theirs)
    ask.script(f'python x y "$3"; {ANSWERS}')
    ask(interpreter=theirs)
    assert ask.printed == ["theirs\n", "theirs\n"]


def test_no_shell_reads_the_command(ask: Asked) -> None:
    ask(f'echo "$4"; {ANSWERS}', command=f"{PLAIN} '$(touch evil);`id`|x'")
    assert ask.printed == ["$(touch evil);`id`|x\n"]
    assert not (ask.folder / "evil").exists()


def test_a_command_sees_no_token(ask: Asked) -> None:
    secrets = {"GITHUB_TOKEN": "a", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "b", "X_OTHER": "c"}
    ask(f"env; {ANSWERS}", environ=dict(os.environ) | secrets)
    assert not [name for name in secrets if name in ask.printed[0]]


def test_it_runs_in_the_working_directory_with_a_temporary_folder_of_its_own(ask: Asked) -> None:
    ask(f'pwd; echo "$TMPDIR"; {ANSWERS}')
    here, temporary = ask.printed[0].splitlines()
    assert here == str(ask.folder.resolve())
    assert not Path(temporary).exists()


def test_what_it_started_is_dead_afterwards(ask: Asked) -> None:
    before = children()
    ask(f"(setsid sleep 60 >/dev/null 2>&1 & echo $!) ; {ANSWERS}")
    assert children() == before


def test_a_flood_of_output_is_cut(ask: Asked) -> None:
    ask(f"yes | head -c 1000000; echo the end; {ANSWERS}")
    assert len(ask.printed[0]) == 64 * 1024
    assert ask.printed[0].endswith("the end\n")


def test_a_command_that_takes_too_long_is_ended(ask: Asked) -> None:
    said = ask.refusal("sleep 60", timeout_seconds=0.5)
    assert said.startswith("the candidate's command did not end within 0.5 seconds")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("echo 'no such column: x'; exit 3", "ended with exit code 3; its last line: no such"),
        ("kill -SEGV $$", "ended by SIGSEGV"),
        ("true", "ended well and left no file of predictions"),
        ('mkdir "$3"', "left predictions that are no plain file"),
        ('ln -s /etc/passwd "$3"', "left predictions that are no plain file"),
        ('mkfifo "$3"', "left predictions that are no plain file"),
    ],
    ids=["code", "signal", "nothing", "folder", "link", "pipe"],
)
def test_a_command_that_fails_says_how(ask: Asked, body: str, said: str) -> None:
    assert ask.refusal(body).startswith(f"the candidate's command {said}")


def test_answers_that_cannot_be_read_are_told_as_a_file_of_predictions(ask: Asked) -> None:
    assert "predictions are 1, and the data has 2 rows" in ask.refusal(
        'printf "prediction\\n1\\n" > "$3"'
    )


def test_a_command_that_cannot_be_started_says_what_to_do(ask: Asked) -> None:
    assert "'./score.sh' does not exist" in ask.refusal()
    assert "'score-it' is not on PATH" in ask.refusal(command="score-it {input} {output}")
    ask.script(ANSWERS)
    assert "is written ./score.sh" in ask.refusal(command="score.sh {model} {input} {output}")
    (ask.folder / "score.sh").chmod(0o644)
    assert "chmod +x ./score.sh" in ask.refusal()


def test_a_script_of_an_interpreter_that_is_not_there_says_so(ask: Asked) -> None:
    ask.script(ANSWERS, begins="#!/nowhere/bash")
    assert "such as #!/bin/sh" in ask.refusal()


def test_a_command_has_no_network_but_where_it_is_let(ask: Asked) -> None:
    body = f"ls /sys/class/net; {ANSWERS}"
    answers = ask("python -c 'import socket; print(socket.if_nameindex())'; " + body)
    assert str(answers.facts["isolation"]["network"]).startswith("cut")
    assert ask(body, network=True).facts["isolation"]["network"] == "allowed"


def test_memory_that_is_used_up_names_the_setting(ask: Asked) -> None:
    body = "python -c 'x = bytearray(1 << 30)' || exit 1"
    assert "raise worker.memory_mb" in ask.refusal(body, memory_mb=200.0)


def test_a_change_whose_code_may_not_run_has_no_command(ask: Asked) -> None:
    assert "its code may not run here" in ask.refusal("touch ran", code_allowed=False)
    assert not (ask.folder / "ran").exists()


def test_rows_that_a_format_cannot_hold_are_told(ask: Asked) -> None:
    frame = FRAME.assign(name=["a", 1])
    with pytest.raises(ModelError, match="the rows cannot be written as parquet"):
        ask(ANSWERS, "./score.sh {input.parquet} x {output}", frame)


def test_a_command_with_a_wrong_place_is_a_wrong_setting(ask: Asked) -> None:
    with pytest.raises(SettingsError, match=r"predict has \{rows\}, which stands for nothing"):
        ask(ANSWERS, "./score.sh {rows} {input} {output}")
