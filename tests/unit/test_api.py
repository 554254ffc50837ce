"""The library's public face: arrays and tables in, tables out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, r2_score, roc_auc_score

import mlci_action
from mlci_action import (
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
    truth = np.where(TRUTH, "yes", "no")
    with pytest.raises(DatasetError, match="positive"):
        compare(truth, OLD, NEW, metrics=["auc"])
    named = compare(truth, OLD, NEW, metrics=["auc"], positive="yes")
    assert named.rows[0].candidate == pytest.approx(roc_auc_score(TRUTH, NEW))
    turned = compare(truth, 1 - OLD, 1 - NEW, metrics=["auc"], positive="no")
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
        "data.missing": "failed",
        "data.duplicates": "passed",
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
