"""The user's own metrics as they are asked: in their interpreter, in a process of their own."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.adapters.worker_questions import ask_metrics
from mlci_action.domain.metric import Direction, Metric, Needs, Task
from mlci_action.domain.metrics import custom_metric
from mlci_action.errors import ModelError
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswer, CustomQuestion, CustomValues
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions

HERE = Interpreter(path=Path(sys.executable), reason="", version=platform.python_version())
RANDOM = np.random.default_rng(5)
N = 300
TRUTH = RANDOM.integers(0, 2, N)
SCORES = np.clip(TRUTH * 0.3 + RANDOM.uniform(0, 0.7, N), 0, 1)
OTHER = np.clip(TRUTH * 0.2 + RANDOM.uniform(0, 0.8, N), 0, 1)
FRAME = pd.DataFrame({"amount": RANDOM.uniform(1, 9, N), "y": np.where(TRUTH, "yes", "no")})
COSTS = """
import numpy as np

def expected_cost(y_true, y_pred):
    return 5 * np.mean((y_true == "yes") & (y_pred == "no"))

def amount_lost(y_true, y_pred, *, data, sample_weight=None):
    assert list(data.columns) == ["amount", "y"], list(data.columns)
    assert (data["y"].to_numpy() == y_true).all()
    return float(np.average(data["amount"] * (y_true != y_pred), weights=sample_weight))

def brier(y_true, y_pred):
    y_pred -= y_true == "yes"
    return (y_pred ** 2).mean()

def rmse(y_true, y_pred):
    return np.sqrt(np.mean((y_true - y_pred) ** 2))

def raises(y_true, y_pred):
    raise ValueError("row 'Jane Doe' is odd")

def missing(y_true, y_pred):
    return None

def undefined(y_true, y_pred):
    return float("nan")

def table(y_true, y_pred):
    return [1, 2]

def leaves(y_true, y_pred):
    raise SystemExit(0)

def dies(y_true, y_pred):
    import os
    os._exit(0)

CONSTANT = 3
"""


def cost(name: str, needs: Needs = Needs.LABELS) -> Metric:
    return custom_metric(f"costs.py:{name}", direction=Direction.LOWER_IS_BETTER, needs=needs)


def said(scores: NDArray[np.float64]) -> Predictions:
    labels = (scores >= 0.5).astype(np.int64)
    return Predictions(labels=labels, scores=scores, probabilities=True)


def near(value: float) -> Any:  # noqa: ANN401 - what equals a number that is near it
    return pytest.approx(value)


QUESTION = CustomQuestion(
    metrics=(cost("expected_cost"),),
    rows=PairedRows(
        task=Task.BINARY,
        classes=("no", "yes"),
        truth=TRUTH,
        candidate=said(SCORES),
        baseline=said(OTHER),
        weight=None,
        dependence=None,
        confidence=0.95,
    ),
    classes=np.array(["no", "yes"]),
    frame=FRAME,
    levels=(0.025, 0.975),
)


def ask(
    folder: Path, *metrics: Metric, question: CustomQuestion = QUESTION, seconds: float = 60.0
) -> tuple[CustomAnswer, ...]:
    (folder / "costs.py").write_text(COSTS)
    setup = WorkerSetup(
        interpreter=HERE, working_directory=folder, environ=os.environ, timeout_seconds=seconds
    )
    asked = replace(question, metrics=metrics or question.metrics)
    answers = ask_metrics(asked, setup=setup, show_log=lambda _: None)
    return tuple(answers[metric.name] for metric in asked.metrics)


def test_labels_arrive_as_the_data_spells_them_and_both_values_come_back(tmp_path: Path) -> None:
    (answer,) = ask(tmp_path)

    missed = [TRUTH.astype(bool) & (scores < 0.5) for scores in (SCORES, OTHER)]
    assert answer.overall == CustomValues(
        candidate=near(5 * missed[0].mean()), baseline=near(5 * missed[1].mean())
    )
    assert answer.low is not None
    assert answer.high is not None
    assert answer.low < 5 * (missed[0].mean() - missed[1].mean()) < answer.high
    assert (answer.resamples, answer.without, answer.error) == (2000, 0, "")


def test_the_same_seed_gives_the_same_interval_and_another_another(tmp_path: Path) -> None:
    again = ask(tmp_path)
    assert again == ask(tmp_path)
    assert again != ask(tmp_path, question=replace(QUESTION, seed=1))


def test_probabilities_rows_and_weights_reach_what_names_them(tmp_path: Path) -> None:
    """And a function that writes into what it is given changes nothing of the next one's."""
    weight = RANDOM.uniform(0.5, 2, N)
    question = replace(QUESTION, rows=replace(QUESTION.rows, weight=weight), levels=None)

    brier, lost = ask(tmp_path, cost("brier", Needs.SCORES), cost("amount_lost"), question=question)

    assert brier.overall.candidate == near(((SCORES - TRUTH) ** 2).mean())
    assert brier.overall.baseline == near(((OTHER - TRUTH) ** 2).mean())
    assert brier.ignores == ("sample_weight",)
    wrong = (SCORES >= 0.5) != TRUTH
    assert lost.overall.candidate == near(np.average(FRAME["amount"] * wrong, weights=weight))
    assert lost.ignores == ()


def test_numbers_arrive_as_numbers(tmp_path: Path) -> None:
    rows = replace(
        QUESTION.rows,
        task=Task.REGRESSION,
        classes=(),
        truth=FRAME["amount"].to_numpy(),
        candidate=Predictions(values=SCORES),
        baseline=None,
    )
    question = replace(QUESTION, rows=rows, classes=None, levels=None)

    (answer,) = ask(tmp_path, cost("rmse", Needs.VALUES), question=question)

    expected = np.sqrt(np.mean((FRAME["amount"] - SCORES) ** 2))
    assert answer == CustomAnswer(overall=CustomValues(candidate=near(expected)))


def test_slices_have_values_and_no_interval(tmp_path: Path) -> None:
    parts = (np.flatnonzero(TRUTH), np.empty(0, np.int64), np.flatnonzero(TRUTH == 0))
    question = replace(QUESTION, slices=parts, levels=None)

    (answer,) = ask(tmp_path, question=question)

    missed = [5 * (scores[parts[0]] < 0.5).mean() for scores in (SCORES, OTHER)]
    assert answer.slices == (
        CustomValues(candidate=near(missed[0]), baseline=near(missed[1])),
        CustomValues(note="there are no rows"),
        CustomValues(candidate=0.0, baseline=0.0),
    )


@pytest.mark.parametrize(
    ("name", "error", "note"),
    [
        ("raises", "it raised ValueError: row '…' is odd", ""),
        ("table", "it returned list, not one number", ""),
        ("leaves", "it raised SystemExit: 0", ""),
        ("nowhere", "it is not in 'costs.py'", ""),
        ("CONSTANT", "it is not a function of 'costs.py'", ""),
        ("missing", "", "candidate: it returned None"),
        ("undefined", "", "candidate: it returned nan"),
    ],
)
def test_a_function_that_gives_no_number_says_why_and_the_others_live_on(
    tmp_path: Path, name: str, error: str, note: str
) -> None:
    """Cells that an exception quotes stay inside: messages are public."""
    question = replace(QUESTION, levels=None)

    bad, good = ask(tmp_path, cost(name), cost("expected_cost"), question=question)

    assert (bad.overall.candidate, bad.error) == (None, error)
    assert bad.overall.note.startswith(note)
    assert good.overall.candidate is not None


@pytest.mark.parametrize("place", ["nothing.py:f", "no.such.module:f", "broken.py:f", "exits.py:f"])
def test_a_module_that_cannot_be_imported_is_told_for_its_metrics_alone(
    tmp_path: Path, place: str
) -> None:
    (tmp_path / "broken.py").write_text("1 / 0")
    (tmp_path / "exits.py").write_text("raise SystemExit")
    lost = custom_metric(place, direction=Direction.LOWER_IS_BETTER, needs=Needs.LABELS)
    question = replace(QUESTION, levels=None)

    bad, good = ask(tmp_path, lost, cost("expected_cost"), question=question)

    assert bad.error.startswith(("it cannot be imported from", "it ended the import"))
    assert good.error == ""


def test_a_file_that_is_not_there_is_said_without_the_machines_paths(tmp_path: Path) -> None:
    lost = custom_metric("nothing.py:f", direction=Direction.LOWER_IS_BETTER, needs=Needs.LABELS)
    (bad,) = ask(tmp_path, lost, question=replace(QUESTION, levels=None))
    why = "it cannot be imported from 'nothing.py': ImportError: there is no such file"
    assert bad.error == why


def test_a_function_that_ends_its_process_leaves_no_answer(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"'costs.py:dies' ended its process with exit code 0"):
        ask(tmp_path, cost("dies"))


def test_a_slow_function_is_resampled_less_often_within_the_time(tmp_path: Path) -> None:
    """Half of the limit goes to the intervals, so that the answer comes at all."""
    slow = COSTS + "\ndef slow(y_true, y_pred):\n    import time; time.sleep(0.05); return 1.0\n"
    (tmp_path / "slow.py").write_text(slow)
    metric = custom_metric("slow.py:slow", direction=Direction.LOWER_IS_BETTER, needs=Needs.LABELS)

    (answer,) = ask(tmp_path, metric, seconds=3)

    assert answer.overall == CustomValues(candidate=1.0, baseline=1.0)
    assert 0 < answer.resamples < 500
    assert (answer.low, answer.high) == (None, None)
