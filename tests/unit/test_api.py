"""The library's public face: arrays and tables in, tables out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.metrics import log_loss, r2_score, roc_auc_score

import mlci_action
from mlci_action import (
    Comparison,
    DataChecks,
    MissingLimits,
    Predictions,
    check_data,
    compare,
    run_gate,
)
from mlci_action.errors import DatasetError, MlciError, ModelError, SettingsError

_RANDOM = np.random.default_rng(3)
N = 500
TRUTH = _RANDOM.integers(0, 2, N)
OLD = np.clip(0.5 + 0.2 * (TRUTH - 0.5) + _RANDOM.normal(0, 0.2, N), 0.01, 0.99)
NEW = np.clip(0.5 + 0.4 * (TRUTH - 0.5) + _RANDOM.normal(0, 0.2, N), 0.01, 0.99)


def missed(y_true: NDArray[Any], y_pred: NDArray[Any]) -> float:
    return float(5 * np.mean((y_true == 1) & (y_pred == 0)))


def asked_at(**options: object) -> Comparison:
    return compare(TRUTH, OLD, NEW, metrics={"auc": options})


def test_probabilities_are_compared_row_by_row() -> None:
    frame = compare(TRUTH, OLD, NEW, metrics=["auc", "log_loss"]).to_frame()
    assert list(frame.columns) == [
        *("metric", "slice", "direction", "baseline", "candidate", "diff"),
        *("ci_low", "ci_high", "method", "standing", "n", "outcome", "note"),
    ]
    auc, loss = frame.to_dict("records")
    assert auc["metric"] == "roc_auc"
    assert auc["candidate"] == pytest.approx(roc_auc_score(TRUTH, NEW))
    assert auc["diff"] == pytest.approx(roc_auc_score(TRUTH, NEW) - roc_auc_score(TRUTH, OLD))
    assert auc["ci_low"] < auc["diff"] < auc["ci_high"]
    assert loss["baseline"] == pytest.approx(log_loss(TRUTH, OLD))
    assert loss["direction"] == "lower_is_better"
    assert len(compare(TRUTH, OLD, NEW, metrics="auc").rows) == 1


def test_text_labels_ask_for_the_positive_one_by_name() -> None:
    truth = np.where(TRUTH, "good", "bad")
    with pytest.raises(DatasetError, match="positive"):
        compare(truth, OLD, NEW, metrics=["auc"])
    named = compare(truth, OLD, NEW, metrics=["auc"], positive="good")
    assert named.rows[0].candidate == pytest.approx(roc_auc_score(TRUTH, NEW))
    turned = compare(truth, 1 - OLD, 1 - NEW, metrics=["auc"], positive="bad")
    assert turned.rows[0].candidate == pytest.approx(roc_auc_score(TRUTH, NEW))


def test_labels_and_scores_can_be_given_apart() -> None:
    """A threshold of one's own decides the labels, the scores rank."""
    old = Predictions(labels=OLD > 0.4, scores=OLD)
    new = Predictions(labels=NEW > 0.4, scores=NEW)
    compared = compare(TRUTH, old, new, metrics=["accuracy", "auc"])
    assert compared.rows[0].candidate == pytest.approx(np.mean((NEW > 0.4) == TRUTH))
    assert compared.rows[1].candidate == pytest.approx(roc_auc_score(TRUTH, NEW))
    assert compared.disagreement == pytest.approx(np.mean((OLD > 0.4) != (NEW > 0.4)))


def test_rows_of_a_table_are_probabilities_in_the_order_of_the_sorted_labels() -> None:
    truth = np.array(["b", "a", "c"] * 40)
    right = np.zeros((120, 3))
    right[np.arange(120), [1, 0, 2] * 40] = 1.0
    compared = compare(truth, np.full((120, 3), 1 / 3), right, metrics=["accuracy", "roc_auc_ovr"])
    assert [row.candidate for row in compared.rows] == [1.0, 1.0]
    turned = Predictions(scores=right[:, ::-1], classes=["c", "b", "a"])
    assert compare(truth, right, turned, metrics=["accuracy"]).rows[0].diff == 0.0


def test_numbers_are_compared_as_numbers() -> None:
    truth = TRUTH + _RANDOM.normal(0, 0.1, N)
    compared = compare(truth, OLD, NEW, metrics=["r2", "rmse"], task="regression")
    assert compared.rows[0].candidate == pytest.approx(r2_score(truth, NEW))


def test_slices_units_and_weights_are_taken_along() -> None:
    sex = pd.DataFrame({"sex": np.where(np.arange(N) % 2, "f", "m")}, index=np.arange(N) + 7)
    compared = compare(
        TRUTH,
        OLD,
        NEW,
        metrics=["accuracy"],
        slices=sex,
        unit=np.arange(N) // 5,
        sample_weight=np.ones(N),
    )
    assert list(compared.to_frame()["slice"].fillna("all")) == ["all", "sex=f", "sex=m"]
    alone = compare(TRUTH, OLD, NEW, metrics=["accuracy"])
    assert compared.rows[0].diff == alone.rows[0].diff
    assert compared.rows[0].interval != alone.rows[0].interval


@pytest.mark.parametrize(
    ("call", "error", "reason"),
    [
        (lambda: compare(TRUTH, OLD, NEW, metrics=["acuracy"]), SettingsError, "'accuracy'"),
        (lambda: compare(TRUTH, OLD, NEW[:-1], metrics=["auc"]), ModelError, "499"),
        (lambda: compare(TRUTH, OLD, NEW * np.nan, metrics=["auc"]), ModelError, "candidate"),
        (
            lambda: compare(TRUTH, OLD, NEW, metrics=["auc"], task="multiclass"),
            SettingsError,
            "binary",
        ),
        (lambda: compare(TRUTH, OLD, Predictions(), metrics=["auc"]), SettingsError, "neither"),
        (
            lambda: compare(TRUTH, OLD, NEW, metrics=["auc"], sample_weight=-np.ones(N)),
            SettingsError,
            "negative",
        ),
        (
            lambda: compare(TRUTH, OLD, NEW, metrics=["auc"], sample_weight=np.ones(N - 1)),
            SettingsError,
            "sample_weight",
        ),
        (lambda: compare(TRUTH, OLD, NEW, metrics=["auc"], unit=[1]), SettingsError, "unit"),
        (
            lambda: compare(TRUTH, OLD, NEW, metrics=["auc"], slices=pd.DataFrame({"a": [1]})),
            SettingsError,
            "slices",
        ),
        (lambda: compare(TRUTH, OLD, NEW, metrics=[]), SettingsError, "metric"),
        (
            lambda: compare(TRUTH, OLD > 0.5, NEW > 0.5, metrics=["accuracy", "auc"]),
            ModelError,
            "pass the probabilities",
        ),
        (
            lambda: compare(TRUTH, OLD.round(), NEW.round(), metrics=["auc"]),
            ModelError,
            "the candidate holds labels, and roc_auc is of probabilities",
        ),
        (
            lambda: compare(TRUTH, OLD, NEW, metrics=["auc"], slices=[1]),  # type: ignore[arg-type]
            SettingsError,
            "DataFrame",
        ),
        (lambda: compare(TRUTH, OLD, NEW, metrics=["auc"], task="trinary"), SettingsError, "task"),
        (lambda: asked_at(k=3), SettingsError, "roc_auc takes no k"),
        (lambda: asked_at(treshold=3), SettingsError, "did you mean 'threshold'"),
        (lambda: asked_at(metric="precison"), SettingsError, "did you mean 'precision'"),
        (lambda: asked_at(metric="fbeta"), SettingsError, "needs beta"),
        (lambda: asked_at(metric="fbeta", beta="many"), SettingsError, "not a number"),
        (lambda: asked_at(metric="costs.py:cost"), SettingsError, "pass the function itself"),
        (
            lambda: compare(TRUTH, OLD, NEW, metrics={"costs:cost": {"direction": "x"}}),
            SettingsError,
            "pass the function itself",
        ),
        (
            lambda: compare(TRUTH, OLD, NEW, metrics=[missed]),  # type: ignore[list-item]
            SettingsError,
            "give it a name",
        ),
        (lambda: asked_at(metric=missed), SettingsError, "which way is better"),
        (lambda: asked_at(metric=missed, k=3), SettingsError, "a function takes no 'k'"),
        (
            lambda: asked_at(
                metric=missed, direction="lower_is_better", response_method="decision_function"
            ),
            SettingsError,
            "predict, predict_proba",
        ),
        (
            lambda: compare(TRUTH, OLD, NEW, metrics={"auc": 3}),  # type: ignore[dict-item]
            SettingsError,
            "a mapping",
        ),
        (lambda: compare(TRUTH, OLD, NEW, metrics=["auc"], confidence=95), SettingsError, "0.95"),
        (lambda: check_data("nothing.csv"), DatasetError, "nothing.csv"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(
    call: object, error: type[MlciError], reason: str
) -> None:
    assert callable(call)
    with pytest.raises(error) as caught:
        call()
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_data_are_checked_from_a_table_or_a_path(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.0, None], "id": [1, 1]})
    limits = DataChecks(missing=MissingLimits(max_share=0.1))
    table = check_data(frame, checks=limits, id="id").to_frame()
    assert dict(zip(table["id"], table["outcome"], strict=True)) == {
        "data.reference": "not_run",
        "data.missing": "failed",
        "data.ids": "failed",
    }
    frame.to_csv(tmp_path / "a.csv", index=False)
    again = check_data(tmp_path / "a.csv", checks=limits, id="id").to_frame()
    pd.testing.assert_frame_equal(table, again)


def test_a_gate_that_cannot_begin_is_a_report(tmp_path: Path) -> None:
    report = run_gate(tmp_path / "mlci.yml")
    assert not report.decision.deploy
    assert "cannot read 'mlci.yml'" in report.decision.reasons[0]
    assert list(tmp_path.iterdir()) == []


def test_what_is_public_is_there() -> None:
    """And nothing else by accident."""
    for name in mlci_action.__all__:
        assert getattr(mlci_action, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'gate_keeper'"):
        mlci_action.gate_keeper  # noqa: B018


def test_the_truth_is_one_column() -> None:
    column = compare(TRUTH.reshape(-1, 1), OLD, NEW, metrics=["auc"])
    assert column.rows == compare(TRUTH, OLD, NEW, metrics=["auc"]).rows
    with pytest.raises(SettingsError, match=r"y_true has the shape \(500, 2\)"):
        compare(np.column_stack([TRUTH, TRUTH]), OLD, NEW, metrics=["auc"])


def test_metrics_are_named_and_asked_in_the_words_of_the_settings() -> None:
    compared = compare(
        TRUTH,
        OLD,
        NEW,
        metrics={
            "strict": {"metric": "precision", "threshold": 0.6},
            "best": {"metric": "f1", "threshold": "tuned"},
            "of zero": {"metric": "recall", "class": 0},
            "acc": {"metric": "accuracy"},
        },
    )
    assert [row.metric.name for row in compared.rows] == ["strict", "best", "of zero", "acc"]
    assert compared.rows[3].candidate == pytest.approx(np.mean((NEW >= 0.5) == TRUTH))


def test_a_function_of_ones_own_is_bootstrapped_in_process() -> None:
    """It gets the labels as they were given, and its place among the metrics."""
    options = {"metric": missed, "direction": "lower_is_better"}
    compared = compare(TRUTH, OLD, NEW, metrics={"missed": options, "auc": {}}, seed=3)
    row = compared.rows[0]
    assert (row.metric.name, row.metric.custom) == ("missed", f"{__name__}:missed")
    assert row.candidate == pytest.approx(missed(TRUTH, (NEW >= 0.5).astype(int)))
    assert row.interval is not None
    assert (row.interval.method, row.interval.note) == ("bootstrap", "2,000 resamples")
    assert compared.rows[1].metric.name == "roc_auc"
    again = compare(TRUTH, OLD, NEW, metrics={"missed": options}, seed=3)
    assert again.rows[0] == row
    assert compare(TRUTH, OLD, NEW, metrics={"missed": options}, seed=4).rows[0] != row


def test_a_function_that_fails_says_so_beside_the_others() -> None:
    def fails(_true: NDArray[Any], _pred: NDArray[Any]) -> float:
        raise ValueError("no luck")

    options = {"metric": fails, "direction": "lower_is_better"}
    broken, auc = compare(TRUTH, OLD, NEW, metrics={"cost": options, "auc": {}}).rows
    assert (broken.candidate, broken.note) == (None, "candidate: it raised ValueError: no luck")
    assert auc.candidate is not None


@pytest.mark.parametrize(
    ("truth", "task", "expected"),
    [
        (TRUTH + NEW, None, "regression"),
        (TRUTH, None, "binary"),
        (TRUTH, "regression", "regression"),
    ],
)
def test_functions_alone_are_given_numbers_where_the_target_holds_many(
    truth: NDArray[Any], task: str | None, expected: str
) -> None:
    """Two numbers are classes unless the task says otherwise."""

    def error(y_true: NDArray[Any], y_pred: NDArray[Any]) -> float:
        return float(np.abs(y_true - y_pred).mean())

    said = compare(
        truth, OLD, NEW, metrics={"e": {"metric": error, "direction": "lower_is_better"}}, task=task
    )
    assert said.task == expected
    given = NEW if said.task == "regression" else (NEW >= 0.5)
    assert said.rows[0].candidate == pytest.approx(np.abs(truth - given).mean())


def test_a_named_column_makes_slices_and_is_the_data_of_a_function() -> None:
    sex = pd.Series(np.where(np.arange(N) % 2, "f", "m"), name="sex", index=np.arange(N) + 7)

    def share(_true: NDArray[Any], _pred: NDArray[Any], *, data: pd.DataFrame) -> float:
        return float((data["sex"] == "f").mean())

    options = {"metric": share, "direction": "higher_is_better"}
    compared = compare(TRUTH, OLD, NEW, metrics={"share": options, "auc": {}}, slices=sex)
    by_slice = {
        row.slice.label if row.slice else "all": row.candidate
        for row in compared.rows
        if row.metric.name == "share"
    }
    assert by_slice == {"all": 0.5, "sex=f": 1.0, "sex=m": 0.0}
    assert compared.rows[2].note == "a custom metric has an interval over all rows alone"


def test_what_is_shown_beside_the_metrics_is_there_to_be_read() -> None:
    compared = compare(TRUTH, OLD, NEW, metrics=["auc"])
    behaviour = compared.behaviour
    assert compared.flips is behaviour.flips
    assert compared.calibration is behaviour.calibration
    assert compared.score_shift is behaviour.score_shift
    assert compared.found_slices is behaviour.found_slices
