"""A class of the repository that changed since the baseline was pickled."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pandas as pd

from mlci_action.adapters.baseline_code import code_of
from mlci_action.adapters.git import Git
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.adapters.worker_questions import predict
from tests.fakes.repositories import Repository

HERE = Interpreter(path=Path(sys.executable), reason="", version=platform.python_version())
FRAME = pd.DataFrame({"age": [1.0, 2.0], "y": [0, 1]})
MODEL = b"ckit\nModel\n)\x81."
KIT = "class Model:\n    def predict(self, table):\n        return [{answer}] * len(table)\n"


def kit(answer: int) -> bytes:
    return KIT.format(answer=answer).encode()


def answers(model: Path, folder: Path) -> list[int]:
    setup = WorkerSetup(interpreter=HERE, environ=os.environ, working_directory=folder)
    said = predict(
        model, FRAME, target="y", setup=setup, who="the baseline", show_log=lambda _: None
    )
    return list(said.output.predictions.tolist())


def test_a_baseline_is_asked_with_the_code_it_was_pickled_with(tmp_path: Path) -> None:
    """With the code of the change it would be judged for what it never said."""
    repository = Repository(tmp_path / "work")
    old = repository.commit({"ml/kit.py": kit(7), "ml/model.pkl": MODEL}, "old")
    repository.commit({"ml/kit.py": kit(8)}, "new")
    folder = repository.folder / "ml"

    found = code_of(Git(folder=folder), old, "ml", tmp_path / "code")

    assert found is not None
    assert answers(folder / "model.pkl", folder) == [8, 8]
    assert answers(folder / "model.pkl", found.folder) == [7, 7]
