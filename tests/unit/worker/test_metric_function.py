from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.metrics import f1_score, root_mean_squared_error

from mlci_action.worker.failures import WorkerFailure
from mlci_action.worker.metric_function import Plan, Sample, ask_functions

RANDOM = np.random.default_rng(4)
N = 60
TRUTH = RANDOM.normal(size=N)
ONE, OTHER = (TRUTH + RANDOM.normal(size=N) for _ in range(2))
WEIGHT = RANDOM.uniform(0.5, 2, N)
SAMPLE = Sample(truth=TRUTH, candidate=ONE, baseline=OTHER)
VALUES_ALONE = Plan(slices=[], levels=None, seed=0)
INTERVALS = Plan(slices=[np.arange(5), np.arange(N)], levels=(0.025, 0.975), seed=0)


def ask(
    function: Callable[..., Any], sample: Sample = SAMPLE, plan: Plan = VALUES_ALONE
) -> dict[str, Any]:
    (answer,) = ask_functions([(function, sample)], plan)
    return answer


def mae(y_true: NDArray[np.float64], y_pred: NDArray[np.float64]) -> float:
    return float(np.abs(y_true - y_pred).mean())


def test_scikit_learns_own_metrics_can_be_asked_with_weights() -> None:
    answer = ask(root_mean_squared_error, SAMPLE._replace(weight=WEIGHT))
    expected = root_mean_squared_error(TRUTH, ONE, sample_weight=WEIGHT)
    assert answer["candidate"] == pytest.approx(expected)
    assert answer["ignores"] == []


def test_a_function_is_told_that_there_are_no_weights() -> None:
    answer = ask(f1_score, Sample(truth=TRUTH > 0, candidate=ONE > 0, baseline=None))
    assert answer["candidate"] == pytest.approx(f1_score(TRUTH > 0, ONE > 0))
    assert answer["baseline"] is None


class Hidden:
    """A callable of which nobody can tell what it takes, as some written in C are."""

    __signature__ = "none of yours"

    def __call__(self, y_true: Any, y_pred: Any) -> float:  # noqa: ANN401
        return mae(y_true, y_pred)


def test_a_function_whose_signature_is_hidden_gets_two_arguments() -> None:
    answer = ask(Hidden(), SAMPLE._replace(weight=WEIGHT))
    assert answer["candidate"] == mae(TRUTH, ONE)
    assert answer["ignores"] == ["sample_weight"]


@pytest.mark.parametrize(
    ("value", "error", "note"),
    [
        (None, "", "candidate: it returned None"),
        (float("nan"), "", "candidate: it returned nan"),
        (np.float32("inf"), "", "candidate: it returned inf"),
        ("1.0", "it returned str, not one number", "candidate: it returned str, not one number"),
        (True, "it returned bool, not one number", "candidate: it returned bool, not one number"),
        ([1.0], "it returned list, not one number", "candidate: it returned list, not one number"),
    ],
)
def test_what_is_no_finite_number_is_no_value(value: object, error: str, note: str) -> None:
    """Undefined is not broken: scikit-learn's own metrics give NaN."""
    answer = ask(lambda _true, _pred: value, plan=INTERVALS)
    assert (answer["candidate"], answer["error"], answer["note"]) == (None, error, note)
    assert answer["resamples"] == 0
    assert answer["slices"][0]["note"] == note.removeprefix("candidate: ")


@pytest.mark.parametrize("value", [3, np.int64(3), np.float32(3), np.array(3.0)])
def test_every_spelling_of_a_number_is_one(value: object) -> None:
    assert ask(lambda _true, _pred: value)["candidate"] == 3.0


def test_without_a_baseline_only_the_candidate_is_asked() -> None:
    answer = ask(mae, SAMPLE._replace(baseline=None), INTERVALS)
    assert (answer["baseline"], answer["resamples"]) == (None, 0)
    assert answer["slices"][1] == {"candidate": mae(TRUTH, ONE), "baseline": None, "note": ""}


def test_what_a_function_writes_into_its_arguments_is_gone_at_the_next_call() -> None:
    def spoils(y_true: Any, y_pred: Any, data: Any) -> float:  # noqa: ANN401
        y_pred -= y_true
        y_true[:] = 0
        data["seen"] = 1
        assert list(data.columns) == ["a", "seen"]
        return float(np.abs(y_pred).mean())

    table = pd.DataFrame({"a": np.arange(N)})
    answer = ask(spoils, SAMPLE._replace(table=lambda: table), INTERVALS)
    assert (answer["candidate"], answer["baseline"]) == (mae(TRUTH, ONE), mae(TRUTH, OTHER))
    assert answer["without"] == 0
    assert answer["slices"][1]["candidate"] == mae(TRUTH, ONE)


def test_a_table_that_cannot_be_made_is_the_reason() -> None:
    def of_data(_true: Any, _pred: Any, data: Any) -> float:  # noqa: ANN401
        return float(len(data))

    def no_pandas() -> Any:  # noqa: ANN401
        raise WorkerFailure("no_pandas", "needs pandas, because columns are text")

    missing = ask(of_data, SAMPLE._replace(table=no_pandas), INTERVALS)
    assert missing["error"] == "it needs pandas, because columns are text"
    array = ask(of_data, SAMPLE._replace(table=lambda: np.zeros((N, 2))))
    assert array["error"] == "it takes `data`, which needs pandas in that environment"


def test_where_a_function_fails_is_in_the_log_once(capfd: pytest.CaptureFixture[str]) -> None:
    """The answer leaves out what an exception quotes, which alone says what went wrong."""

    def of_income(_true: Any, _pred: Any) -> float:  # noqa: ANN401
        raise ValueError("'eleven' is no income")

    answer = ask(of_income, plan=INTERVALS)
    assert answer["error"] == "it raised ValueError: '…' is no income"
    log = capfd.readouterr().err
    assert log.count("in of_income") == 1
    assert log.endswith("ValueError: 'eleven' is no income\n")


def test_both_models_are_seen_on_the_same_resample() -> None:
    """The difference of a model and itself is nothing on every one of them."""
    answer = ask(mae, SAMPLE._replace(baseline=ONE), INTERVALS)
    assert (answer["low"], answer["high"], answer["resamples"]) == (0.0, 0.0, 2000)


def test_a_resample_on_which_a_function_fails_is_counted() -> None:
    def fails_without_the_first(y_true: Any, y_pred: Any) -> float:  # noqa: ANN401
        if TRUTH[0] not in y_true:
            raise ZeroDivisionError
        return mae(y_true, y_pred)

    answer = ask(fails_without_the_first, plan=INTERVALS)
    assert answer["error"] == ""
    assert (answer["low"], answer["without"]) == (None, 21)


def test_warnings_of_resamples_are_not_repeated_two_thousand_times(
    recwarn: pytest.WarningsRecorder,
) -> None:
    """Those of the whole sample are shown."""
    calls: Iterator[int] = iter(range(5_000))

    def warns(y_true: Any, y_pred: Any) -> float:  # noqa: ANN401
        if next(calls) > 1:
            np.log(np.array([-1.0]))
        return mae(y_true, y_pred)

    answer = ask(warns, plan=INTERVALS._replace(slices=[]))
    assert answer["resamples"] == 2000
    assert len(recwarn) == 0


@dataclass
class Clock:
    """A clock that the metric itself winds on."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_half_of_the_time_is_for_intervals_and_a_quarter_for_slices() -> None:
    """What is left undone is said; the answer itself comes in time."""
    clock = Clock()

    def slow(y_true: Any, y_pred: Any) -> float:  # noqa: ANN401
        clock.now += 1
        return mae(y_true, y_pred)

    plan = Plan(slices=[np.arange(5)] * 300, levels=(0.025, 0.975), seed=0, seconds=1_000)
    first, second = ask_functions([(slow, SAMPLE), (slow, SAMPLE)], plan, clock)
    assert (first["resamples"], second["resamples"]) == (124, 124)
    done = [part for part in first["slices"] if part["candidate"] is not None]
    assert len(done) == 125
    assert second["slices"][0] == {
        "candidate": None,
        "baseline": None,
        "note": "not computed: the time allowed is used up",
    }
    assert clock.now <= 751
