"""Real models in real processes. What is asserted are relations, never how long something takes."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlci_action.adapters import measuring
from mlci_action.adapters.containment import children
from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.measuring import Asked, measure
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.domain.costs import Budget, Budgets, Costs, Measure, ModelCosts
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.errors import ModelError
from mlci_action.evaluation.costs import cost_rows
from mlci_action.settings.values import HowAsked

HERE = Interpreter(path=Path(sys.executable), reason="", version=platform.python_version())
FRAME = pd.DataFrame(
    {
        "id": range(30),
        "age": [float(n) for n in range(30)],
        "sex": ["f", "m"] * 15,
        "y": ["no", "yes"] * 15,
    }
)
MODEL = b"ckit\nModel\n)\x81."
QUICK = "class Model:\n    def predict(self, table):\n        return [0] * len(table)\n"
# The model finds the pipe by which its process answers, and the number of the call in `calls`.
NOSY = """
import json, os, struct, sys
request = json.load(open(sys.argv[1]))
calls = 0

def answer(seconds):
    os.write(request["answers"], struct.pack("=d", seconds))

class Model:
    def predict(self, table):
        global calls
        calls += 1
        {}
        return [0] * len(table)
"""
# The one call that tells the form of the rows and the two that look for it come before.
WARM_UP = 1 + 1 + 5


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_ROUNDS", ((40, 1.0), (20, float("inf"))))


def budgets(*measures: Measure, batch_rows: int = 50) -> Budgets:
    return Budgets(
        budgets=tuple(Budget(measure=each, max_ratio=1.5) for each in measures),
        batch_rows=batch_rows,
    )


class Lab:
    """Models in folders of their own, and what they printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.printed: list[str] = []

    def model(self, name: str, kit: str | object = QUICK, **asked: Any) -> Asked:  # noqa: ANN401
        """A model made by the code of a module `kit`, or one that is dumped."""
        folder = self.folder / name
        folder.mkdir()
        path = folder / "model.joblib"
        if isinstance(kit, str):
            (folder / "kit.py").write_text(kit)
            path.write_bytes(MODEL)
        else:
            joblib.dump(kit, path)
        seconds = asked.pop("timeout_seconds", 60.0)
        setup = WorkerSetup(
            interpreter=HERE,
            working_directory=folder,
            environ=os.environ,
            timeout_seconds=seconds,
        )
        return Asked(model=path, n_bytes=path.stat().st_size, setup=setup, **asked)

    def measured(
        self,
        candidate: Asked,
        baseline: Asked | None = None,
        *measures: Measure,
        frame: pd.DataFrame = FRAME,
        set_aside: Sequence[str] = ("id",),
    ) -> Costs:
        return measure(
            candidate,
            baseline,
            frame,
            budgets=budgets(*(measures or (Measure.LATENCY,))),
            target="y",
            set_aside=set_aside,
            show_log=self.printed.append,
        )

    def refusal(self, kit: str, *measures: Measure, **asked: Any) -> ModelError:  # noqa: ANN401
        with pytest.raises(ModelError) as caught:
            self.measured(self.model("candidate", kit, **asked), None, *measures)
        return caught.value


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def sleeping(milliseconds: int) -> str:
    return (
        "import time\nclass Model:\n    def predict(self, table):\n"
        f"        time.sleep({milliseconds / 1000})\n        return [0] * len(table)\n"
    )


def nosy(*lines: str) -> str:
    return NOSY.format("\n        ".join(lines))


def test_two_real_models_are_measured_in_turn(lab: Lab) -> None:
    fitted = LogisticRegression().fit(FRAME[["age"]], FRAME["y"])
    scaled = make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME[["age"]], FRAME["y"])
    one, other = lab.model("candidate", fitted), lab.model("baseline", scaled)

    costs = lab.measured(one, other, Measure.LATENCY, Measure.BATCH_LATENCY, Measure.MEMORY)

    assert costs.baseline is not None
    assert (costs.candidate_note, costs.baseline_note, costs.batch_rows) == ("", "", 50)
    for asked, model in ((one, costs.candidate), (other, costs.baseline)):
        assert model.n_bytes == asked.n_bytes
        assert model.load_seconds == ()
        # An interpreter with pandas and scikit-learn does not fit into less.
        assert model.peak_bytes is not None
        assert model.peak_bytes > 20_000_000
        assert len(model.single) >= 20
        assert len(model.batch) >= 20
        assert all(seconds > 0 for seconds in model.single + model.batch)
    assert len(costs.candidate.single) == len(costs.baseline.single)
    assert len(costs.candidate.batch) == len(costs.baseline.batch)


def test_a_model_three_times_as_slow_is_told_from_its_baseline(lab: Lab) -> None:
    """However busy the machine is: 60 ms against 20 ms."""
    costs = lab.measured(lab.model("candidate", sleeping(60)), lab.model("baseline", sleeping(20)))

    (latency, _) = cost_rows(costs, confidence=0.95)
    assert latency.ratio is not None
    assert latency.ratio.low is not None
    assert latency.ratio.low > 1.5


def test_only_what_the_budgets_ask_for_is_measured(lab: Lab) -> None:
    costs = lab.measured(lab.model("candidate"), None, Measure.BATCH_LATENCY)

    assert costs.baseline is None
    assert costs.candidate == ModelCosts(n_bytes=len(MODEL), batch=costs.candidate.batch)
    assert len(costs.candidate.batch) >= 20


def test_each_model_is_loaded_three_times(lab: Lab) -> None:
    quick, slow = "print('loaded')\n" + QUICK, "import time; time.sleep(2)\n" + QUICK

    costs = lab.measured(lab.model("new", slow), lab.model("old", quick), Measure.LOAD_TIME)

    assert costs.baseline is not None
    assert min(costs.candidate.load_seconds) >= 2
    assert len(costs.candidate.load_seconds) == len(costs.baseline.load_seconds) == 3
    assert lab.printed == ["", "loaded\n", "", "loaded\n", "loaded\n", ""]


def test_a_size_needs_no_process(lab: Lab) -> None:
    broken = lab.model("candidate", "raise RuntimeError")

    costs = lab.measured(broken, lab.model("baseline"), Measure.MODEL_SIZE)

    assert costs == Costs(
        candidate=ModelCosts(n_bytes=len(MODEL)), baseline=ModelCosts(n_bytes=len(MODEL))
    )
    assert lab.printed == []


def test_every_call_gets_another_row_and_a_batch_gets_as_many_as_asked(lab: Lab) -> None:
    """One row a call, in turn, through `features`; the batch repeats rows where there are few."""
    features = "def prepare(raw):\n    return raw[['age']].assign(index=raw.index)\n"
    kit = QUICK.replace(
        "        return", "        print(table.values.tolist()[:2], len(table))\n        return"
    )
    asked = lab.model("candidate", kit, how=HowAsked(features="features.py:prepare"))
    (asked.model.parent / "features.py").write_text(features)

    lab.measured(asked, None, Measure.LATENCY, Measure.BATCH_LATENCY)

    lines = lab.printed[0].splitlines()
    singles = [float(line[2:].split(",")[0]) for line in lines if line.endswith(" 1")]
    batches = [line for line in lines if line.endswith(" 50")]
    assert all(line.startswith("[[") and ", 0.0]" in line for line in lines)
    # Two calls on the first row find out what the model takes.
    after = singles[singles.index(1.0) :]
    assert after == [(n + 1) % 30 for n in range(len(after))]
    assert {line.split(" 50")[0] for line in batches} == {"[[0.0, 0.0], [1.0, 1.0]]"}


def test_both_models_get_the_same_row_in_a_round_and_take_turns_in_coming_first(lab: Lab) -> None:
    told = lab.folder / "told"
    kit = QUICK.replace(
        "        return",
        f"        open({str(told)!r}, 'a').write(__name__ + str(table.age[0]) + chr(10))\n"
        "        return",
    )
    candidate, baseline = lab.model("candidate", kit), lab.model("baseline", kit)
    for asked, name in ((candidate, "c"), (baseline, "b")):
        (asked.model.parent / "kit.py").rename(asked.model.parent / f"{name}.py")
        asked.model.write_bytes(MODEL.replace(b"kit", name.encode()))

    lab.measured(candidate, baseline)

    calls = told.read_text().splitlines()[2 * WARM_UP :]
    rows = [(n + WARM_UP - 1) % 30 for n in range(len(calls) // 2)]
    in_pairs = zip(rows[::2], rows[1::2], strict=True)
    assert calls == [
        f"{name}{float(row)}"
        for one, other in in_pairs
        for name, row in (("c", one), ("b", one), ("b", other), ("c", other))
    ]


def test_the_target_and_what_is_set_aside_do_not_reach_the_model(lab: Lab) -> None:
    kit = QUICK.replace("        return", "        print(list(table))\n        return")

    lab.measured(lab.model("candidate", kit))

    assert set(lab.printed[0].splitlines()) == {"['age', 'sex']"}


def test_probabilities_are_asked_where_there_are_some_and_no_labels_beside_them(lab: Lab) -> None:
    kit = (
        "class Model:\n"
        "    def predict(self, table):\n        print('labels')\n        return [0] * len(table)\n"
        "    def predict_proba(self, table):\n        print('scores')\n"
        "        return [[0.5, 0.5]] * len(table)\n"
    )

    lab.measured(lab.model("candidate", kit))

    lines = lab.printed[0].splitlines()
    assert lines.count("labels") == 1
    assert lines.count("scores") > 20


def test_what_is_printed_is_shown_and_does_not_disturb(lab: Lab) -> None:
    kit = QUICK.replace("        return", "        print('x' * 100_000)\n        return")

    costs = lab.measured(lab.model("candidate", kit), lab.model("baseline"))

    assert len(costs.candidate.single) >= 20
    assert {len(text) for text in lab.printed} == {64 * 1024, 0}


def test_a_model_that_dies_while_it_is_measured_says_how(lab: Lab) -> None:
    kit = nosy("print('last words', flush=True)", f"if calls > {WARM_UP + 3}: os._exit(7)")

    error = lab.refusal(kit)

    assert error.message == (
        "the candidate ended its process with exit code 7 before it answered; its last line: last"
        " words"
    )
    assert "last words" in lab.printed[0]


def test_a_dead_model_is_noticed_though_its_child_holds_the_pipe(lab: Lab) -> None:
    kit = nosy(
        f"if calls > {WARM_UP + 3}:",
        "    if os.fork() == 0:",
        "        import time; time.sleep(60)",
        "    os.kill(os.getpid(), 9)",
    )
    before = children()

    error = lab.refusal(kit)

    assert error.message.startswith("the candidate ended its process by SIGKILL")
    assert children() == before


def test_a_model_that_fails_while_it_is_measured_tells_no_values(lab: Lab) -> None:
    kit = nosy(f"if calls > {WARM_UP + 3}: raise ValueError(f'bad {{table.sex.iloc[0]!r}}')")

    error = lab.refusal(kit)

    assert error.message == "the candidate fails in predict (ValueError: bad '…')"


def test_a_model_that_does_not_load_says_why(lab: Lab) -> None:
    error = lab.refusal("raise ValueError('no luck')")

    assert error.message.startswith("the candidate cannot be loaded")
    assert "no luck" in error.message


def test_a_model_that_hangs_is_ended(lab: Lab) -> None:
    kit = nosy(f"if calls > {WARM_UP + 3}:", "    import time; time.sleep(60)")
    before = children()

    error = lab.refusal(kit, timeout_seconds=6)

    assert error.message == "the candidate did not answer within 6 seconds"
    assert children() == before


@pytest.mark.parametrize("lie", ["-1.0", "0.0", "float('nan')", "float('inf')", "1e6"])
def test_a_time_that_cannot_have_passed_is_refused(lab: Lab, lie: str) -> None:
    error = lab.refusal(nosy(f"if calls > {WARM_UP + 3}: answer({lie})"))

    assert error.message == ("the candidate cannot be timed: it is not a time that can have passed")


def test_an_answer_of_its_own_is_found_out_though_it_is_possible(lab: Lab) -> None:
    """What the process then answers comes before the next question, or is longer than passed."""
    error = lab.refusal(nosy(f"if calls > {WARM_UP + 3}: answer(1e-6)"))

    assert error.message.startswith("the candidate cannot be timed: ")


def test_a_clock_that_is_turned_back_is_found_out(lab: Lab) -> None:
    """The model takes its share of every call, and lets none of it be counted."""
    kit = (
        nosy("import time; time.sleep(0.12)")
        .replace(
            "calls = 0",
            "calls = 0\n"
            "for each in list(sys.modules.values()) + [o for o in __import__('gc').get_objects()"
            " if isinstance(o, dict)]:\n"
            "    names = each if isinstance(each, dict) else vars(each)\n"
            "    if 'perf_counter_ns' in names: names['perf_counter_ns'] = lambda: (tick.append(0),"
            " len(tick))[1]\n",
            1,
        )
        .replace("import json", "tick = []\nimport json", 1)
    )

    error = lab.refusal(kit)

    assert error.message == ("the candidate cannot be timed: far more time passes than it tells of")


@pytest.mark.parametrize(
    ("kit", "said"),
    [
        (nosy(f"if calls > {WARM_UP + 3}: os._exit(7)"), "the baseline ended its process"),
        ("raise ValueError", "the baseline cannot be loaded"),
        (nosy(f"if calls > {WARM_UP + 3}: answer(-1)"), "the baseline cannot be timed"),
    ],
    ids=["dies", "does not load", "lies"],
)
def test_a_baseline_that_fails_is_a_note(lab: Lab, kit: str, said: str) -> None:
    costs = lab.measured(
        lab.model("candidate"), lab.model("baseline", kit), Measure.LATENCY, Measure.LOAD_TIME
    )

    assert costs.baseline_note.startswith(said)
    assert costs.baseline == ModelCosts(n_bytes=len(MODEL))
    assert len(costs.candidate.single) >= 20
    assert len(costs.candidate.load_seconds) == 3


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"format": ModelFormat.PREDICTIONS}, "predictions have no latency"),
        ({"how": HowAsked(predict="./score {model}")}, "of a command that predicts"),
    ],
)
def test_what_is_not_loaded_has_a_size_and_a_note(
    lab: Lab, asked: dict[str, Any], why: str
) -> None:
    costs = lab.measured(lab.model("candidate", **asked), lab.model("baseline"))
    assert costs.candidate_note.startswith(why)
    assert costs.candidate == costs.baseline == ModelCosts(n_bytes=len(MODEL))

    costs = lab.measured(lab.model("other"), lab.model("old", **asked))
    assert costs.baseline_note.startswith(why)
    assert len(costs.candidate.single) >= 20


def test_peak_memory_holds_a_batch(lab: Lab) -> None:
    """No rounds are needed for it, but a call is; 400 MB are more than everything else."""
    kit = QUICK.replace("        return", "        b = bytearray(400_000_000)\n        return")

    costs = lab.measured(lab.model("candidate", kit), lab.model("baseline"), Measure.MEMORY)

    assert (costs.candidate.single, costs.candidate.batch) == ((), ())
    assert costs.baseline is not None
    assert costs.candidate.peak_bytes is not None
    assert costs.baseline.peak_bytes is not None
    assert costs.candidate.peak_bytes - costs.baseline.peak_bytes > 300_000_000


@pytest.mark.parametrize(
    ("call_seconds", "rounds"), [(0.001, 400), (0.2, 50), (1, 20), (2, 16), (5, 12), (60, 6)]
)
def test_slow_calls_get_fewer_rounds(
    call_seconds: float, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    done = 0
    while measuring._go_on(done, done * call_seconds / measuring._SECONDS_A_MODEL):
        done += 2
    assert done == rounds
