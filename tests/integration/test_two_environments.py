"""A model of a scikit-learn that is not installed any more, in an environment made for it.

The packages come from the index that the machine uses: without one these tests say so.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlci_action.adapters.environments import own_environment
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.requirement_files import parse_requirements
from mlci_action.adapters.worker_answer import WorkerAnswer
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.adapters.worker_questions import predict
from mlci_action.errors import InterpreterError, ModelError

HERE = Interpreter(path=Path(sys.executable), reason="", version=platform.python_version())
REQUIREMENTS = "scikit-learn==1.5.2\nnumpy==1.26.4\n-e .\n"
TRAINING = """\
import sys
import joblib, numpy
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rows = numpy.genfromtxt(sys.argv[1], delimiter=",", dtype=None, encoding="utf-8", names=True)
table = numpy.column_stack([rows["age"], rows["income"]])
model = make_pipeline(StandardScaler(), GradientBoostingClassifier(n_estimators=20, random_state=0))
model.fit(table, rows["y"])
joblib.dump(model, sys.argv[2])
print(",".join(model.predict(table)))
"""


def rows() -> pd.DataFrame:
    random = np.random.default_rng(3)
    age, income = random.integers(18, 80, 200), random.normal(size=200)
    return pd.DataFrame({"age": age, "income": income, "y": np.where(age > 40, "yes", "no")})


class Old:
    """The environment, the model that was trained in it, and what that model says."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.said = folder, list[str]()
        self.cache = folder / "cache"
        self.interpreter = self.environment(REQUIREMENTS)
        self.model = folder / "model.joblib"
        rows().to_csv(folder / "rows.csv", index=False)
        trained = subprocess.run(
            [self.interpreter.path, "-c", TRAINING, folder / "rows.csv", self.model],
            check=True,
            capture_output=True,
            text=True,
        )
        self.answers = trained.stdout.strip().split(",")

    def environment(self, text: str, python: str | None = None) -> Interpreter:
        """The environment of these requirements, made where it is not kept."""
        requirements = parse_requirements("old.txt", lambda _: text, origin="old.txt")
        return own_environment(
            requirements,
            python=python,
            candidate=HERE,
            folder=self.folder,
            cache=self.cache,
            environ=os.environ,
            say=self.said.append,
        )

    def asked_in(self, interpreter: Interpreter) -> WorkerAnswer:
        """What the model says there."""
        setup = WorkerSetup(
            interpreter=interpreter, environ=os.environ, working_directory=self.folder
        )
        return predict(
            self.model,
            rows(),
            target="y",
            setup=setup,
            who="the baseline",
            show_log=self.said.append,
        )


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Old:
    """Made once; not to be changed."""
    return Old(tmp_path_factory.mktemp("old"))


def test_a_model_that_does_not_load_here_answers_in_its_own_environment(old: Old) -> None:
    with pytest.raises(ModelError, match="the baseline"):
        old.asked_in(HERE)

    answer = old.asked_in(old.interpreter)

    assert answer.output.predictions.tolist() == old.answers
    assert answer.facts["installed"]["scikit-learn"] == "1.5.2"
    assert set(old.answers) == {"no", "yes"}


def test_the_environment_is_kept_for_the_next_run(old: Old) -> None:
    n_said = len(old.said)
    assert old.environment(REQUIREMENTS) == old.interpreter
    assert old.said[n_said:] == []
    assert "old.txt: 1 of its lines name paths of its own machine" in old.said


def test_a_package_that_would_have_to_be_built_is_refused_before_its_code_runs(old: Old) -> None:
    with pytest.raises(InterpreterError) as caught:
        old.environment("docopt==0.6.2\n")
    assert "docopt" in caught.value.message
    assert caught.value.hint.startswith("only wheels are installed")


def test_without_uv_the_standard_library_makes_one(
    old: Old, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlci_action.adapters.environments._find_uv", lambda _: ())
    made = old.environment("tabulate==0.9.0\n")
    done = subprocess.run(
        [made.path, "-c", "import tabulate; print(tabulate.__version__)"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "0.9.0\n"
