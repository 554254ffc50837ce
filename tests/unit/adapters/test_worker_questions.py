"""What a model is asked and what comes back: real models, in processes of their own."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.worker_answer import WorkerAnswer
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.adapters.worker_questions import predict
from mlci_action.errors import ModelError
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.evaluation.reading.variants import Variant
from mlci_action.settings.values import HowAsked

HERE = Interpreter(path=Path(sys.executable), reason="", version=platform.python_version())
FRAME = pd.DataFrame(
    {
        "id": [7, 8, 9, 10],
        "age": [1.0, 2.0, 3.0, 4.0],
        "sex": ["f", "m", "m", "f"],
        "y": ["no", "yes", "yes", "no"],
    }
)
MODEL = b"ckit\nModel\n)\x81."
# Says what it was given: the age, doubled for "m".
DOUBLES = """
class Model:
    def predict(self, table):
        return [age * (1 + (sex == "m")) for age, sex in zip(table["age"], table["sex"])]
"""


def when_missing(does: str) -> str:
    """A module whose model says the ages, and does something else where one is missing."""
    return f"""
import os
class Model:
    def predict(self, table):
        if table["age"].isna().any():
            {does}
        return table["age"]
"""


class Asked:
    """One question to a worker, and what it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = folder / "model.joblib"
        self.printed: list[str] = []

    def save(self, model: object) -> None:
        joblib.dump(model, self.model)

    def code(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / f"{name}.py").write_text(text)
        self.model.write_bytes(MODEL)

    def __call__(self, frame: pd.DataFrame = FRAME, **asked: Any) -> WorkerAnswer:  # noqa: ANN401
        setup = WorkerSetup(
            interpreter=HERE,
            environ=os.environ,
            working_directory=self.folder,
        )
        return predict(
            self.model,
            frame,
            **{"target": "y", "set_aside": ["id"]} | asked,
            setup=setup,
            who="the candidate",
            show_log=self.printed.append,
        )

    def refusal(self, **asked: Any) -> ModelError:  # noqa: ANN401
        with pytest.raises(ModelError) as caught:
            self(**asked)
        return caught.value


@pytest.fixture
def ask(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux puts processes apart")
def test_the_answer_says_how_far_apart_the_model_was(ask: Asked) -> None:
    ask.code(kit=DOUBLES)
    said = ask().facts["isolation"]
    assert set(said) == {"network", "processes", "memory_mb"}
    assert said["network"].startswith(("cut", "not cut: "))
    assert said["memory_mb"] > 0


def varied(*rows: int, **changed: list[Any]) -> Variant:
    return Variant(
        name="varied", rows=np.array(rows, dtype=np.int64), changed=pd.DataFrame(changed)
    )


def said(answer: ModelOutput | str) -> object:
    return answer if isinstance(answer, str) else answer.predictions.tolist()


def test_a_variant_is_asked_of_its_rows_with_its_columns_changed(ask: Asked) -> None:
    ask.code(kit=DOUBLES)

    answer = ask(
        variants=[
            varied(3, 1),
            varied(3, 1, sex=["m", "f"]),
            varied(0, age=[10.0], sex=["m"]),
            varied(0, age=[100.0]),
        ]
    )

    assert answer.output.predictions.tolist() == [1.0, 4.0, 6.0, 4.0]
    assert [said(variant) for variant in answer.variants] == [
        [4.0, 4.0],
        [8.0, 2.0],
        [20.0],
        [100.0],
    ]


def test_the_target_is_never_among_the_changed_columns(ask: Asked) -> None:
    ask.code(
        kit="""
import pathlib, sys
class Model:
    def predict(self, table):
        sent = pathlib.Path(sys.argv[-1]).parent
        print([p.name for p in sent.rglob("*") if p.is_file() and b"secret" in p.read_bytes()])
        return table["age"]
"""
    )

    answer = ask(variants=[varied(0, 1, y=["secret", "secret"], age=[5.0, 6.0])])

    assert said(answer.variants[0]) == [5.0, 6.0]
    assert ask.printed == ["[]\n[]\n"]


@pytest.mark.parametrize(
    ("does", "why"),
    [
        (
            "raise ValueError('Input contains NaN')",
            "fails in predict (ValueError: Input contains NaN)",
        ),
        ("raise MemoryError", "ran out of memory in predict"),
        ("raise SystemExit(0)", "fails in predict (SystemExit: 0)"),
        ("return [[{}], 1]", "gives something else in predict than one array"),
    ],
)
def test_a_variant_that_fails_is_a_sentence_and_the_next_is_asked(
    ask: Asked, does: str, why: str
) -> None:
    ask.code(kit=when_missing(does))

    answer = ask(variants=[varied(0, age=[np.nan]), varied(0, age=[5.0])])

    assert answer.output.predictions.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert [said(variant) for variant in answer.variants] == [why, [5.0]]


@pytest.mark.parametrize(
    ("does", "why"),
    [
        ("os.kill(os.getpid(), 9)", "ended its process by SIGKILL before it answered"),
        ("os._exit(0)", "ended its process with exit code 0 before it answered"),
    ],
)
def test_a_variant_that_ends_the_process_costs_no_earlier_answer(
    ask: Asked, does: str, why: str
) -> None:
    ask.code(kit=when_missing(does))

    answer = ask(variants=[varied(0, age=[5.0]), varied(0, age=[np.nan]), varied(0)])

    assert answer.output.predictions.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert answer.facts["model_class"] == "kit.Model"
    assert [said(variant) for variant in answer.variants] == [[5.0], why, why]


def test_a_model_that_removes_its_rows_loses_variants_only(ask: Asked) -> None:
    ask.code(
        kit="""
import pathlib, shutil, sys
class Model:
    def predict(self, table):
        shutil.rmtree(pathlib.Path(sys.argv[-1]).parent / "data", ignore_errors=True)
        return table["age"]
"""
    )

    answer = ask(variants=[varied(0)])

    assert answer.output.predictions.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert said(answer.variants[0]) == "removed rows that it was to be asked"


@pytest.mark.parametrize("place", ["features.py:prepare", "features:prepare"])
def test_features_are_made_of_the_raw_rows_of_every_variant(ask: Asked, place: str) -> None:
    ask.code(
        kit=DOUBLES,
        features="""
def prepare(table):
    assert list(table) == ["id", "age", "sex"]
    table["age"] = table["age"] + table.pop("id")
    return table
""",
    )

    answer = ask(how=HowAsked(features=place), variants=[varied(0, 1, age=[100.0, 200.0])])

    assert answer.output.predictions.tolist() == [8.0, 20.0, 24.0, 14.0]
    assert said(answer.variants[0]) == [107.0, 416.0]
    assert answer.facts["columns"] == ["age", "sex"]


def test_features_that_fail_are_named_without_a_value(ask: Asked) -> None:
    ask.code(
        kit=DOUBLES, features="def prepare(table):\n  return table['sex'].map({'f': 0}.__getitem__)"
    )

    error = ask.refusal(how=HowAsked(features="features.py:prepare"))

    assert error.message == (
        "the candidate gets no features: 'features.py:prepare' fails (KeyError: '…')"
    )
    assert "KeyError: 'm'" in ask.printed[0]


def test_code_of_the_change_does_not_run_where_it_may_not(ask: Asked) -> None:
    ask.save(LogisticRegression().fit(FRAME[["age"]], FRAME["y"]))
    (ask.folder / "features.py").write_text("print('it ran')")

    error = ask.refusal(how=HowAsked(features="features.py:prepare"), code_allowed=False)

    assert "needs code of the change" in error.message
    assert ask.printed == [""]


def test_a_module_beside_the_data_is_not_found_where_code_may_not_run(ask: Asked) -> None:
    ask.code(kit=DOUBLES)

    assert "'kit'" in ask.refusal(code_allowed=False).message


def test_the_settings_name_the_columns_of_an_array(ask: Asked) -> None:
    rows = FRAME[["age", "id"]].to_numpy()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, FRAME["y"])
    ask.save(model)

    answer = ask(how=HowAsked(columns=("age", "id")))

    assert answer.output.predictions.tolist() == model.predict(rows).tolist()
    assert "'id', which is set aside" in ask.refusal(frame=FRAME.drop(columns="sex")).message


def test_codes_are_labels_where_the_settings_name_them(ask: Asked) -> None:
    model = LogisticRegression().fit(FRAME[["age"]], [0, 1, 1, 0])
    ask.save(model)

    answer = ask(how=HowAsked(classes=("no", "yes")), variants=[varied(1)])

    labels = ["no", "yes"]
    assert answer.output.predictions.tolist() == [
        labels[at] for at in model.predict(FRAME[["age"]])
    ]
    assert answer.output.classes == ("no", "yes")
    assert said(answer.variants[0]) in (["no"], ["yes"])


def test_a_model_of_dicts_answers(ask: Asked) -> None:
    dicts = FRAME[["age", "sex"]].to_dict(orient="records")
    model = make_pipeline(DictVectorizer(), LogisticRegression()).fit(dicts, FRAME["y"])
    ask.save(model)

    assert ask().output.predictions.tolist() == model.predict(dicts).tolist()


def test_a_scaler_that_was_left_out_is_noticed(ask: Asked) -> None:
    data = load_breast_cancer(as_frame=True)
    scaled = StandardScaler().set_output(transform="pandas").fit_transform(data.data)
    ask.save(RandomForestClassifier(10, random_state=0).fit(scaled, data.target))

    raw = ask(data.data.assign(y=data.target), set_aside=[])
    right = ask(scaled.assign(y=data.target), set_aside=[])

    assert raw.unexpected[0].startswith("column 'mean radius' holds values around 13; the model")
    assert right.unexpected == ()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system may not say")
def test_the_peak_of_memory_is_the_workers_own(ask: Asked) -> None:
    ask.code(kit=when_missing("len(b'x' * (300 << 20))"))

    peak = ask(FRAME.assign(age=np.nan)).facts["peak_bytes"]

    assert 300 << 20 < peak < 2 << 30
