"""A metric of the user's own, from mlci.yml to the report, with real models and a real worker."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest

from mlci_action.adapters.world import Speaker
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.report import Report
from mlci_action.runs import RunOptions, run
from tests.fakes.projects import copy_project, make_project

SETTINGS = """\
data: {evaluation: test.csv, target: approved, sample_weight: times}
candidate: {model: new.joblib, threshold: 0.4}
baseline: {from: old.joblib}
metrics:
  "costs.py:lost": {direction: lower_is_better, max_regression: 30}
  missed: {metric: "costs.py:missed", direction: lower_is_better, max: 1}
  accuracy: {max_regression: 0.05}
"""
COSTS = """\
import numpy as np

def lost(y_true, y_pred, *, data, sample_weight):
    assert "approved" in data and "times" in data
    return np.average(data["amount"] * (y_true != y_pred), weights=sample_weight)

def missed(y_true, y_pred):
    return np.mean((y_true == 1) & (y_pred == 0))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("made") / "project")


def report_of(made: Path, folder: Path, costs: str = COSTS) -> tuple[Report, pd.DataFrame]:
    project = copy_project(made, folder / "project")
    random = np.random.default_rng(3)
    table = pd.read_csv(project / "test.csv")
    table["amount"] = random.exponential(100, len(table))
    table["times"] = random.integers(0, 3, len(table))
    table.to_csv(project / "test.csv", index=False)
    (project / "mlci.yml").write_text(SETTINGS)
    (project / "costs.py").write_text(costs)
    speaker = Speaker(say=lambda _: None, foreign=lambda _: None)
    options = RunOptions(config=project / "mlci.yml", python=sys.executable)
    return run(options, environ=dict(os.environ), speaker=speaker).report, table


def test_costs_are_computed_where_the_models_live_and_judged_here(
    made: Path, tmp_path: Path
) -> None:
    """Weights, thresholds and the rows' own amounts are taken along."""
    report, table = report_of(made, tmp_path)
    assert report.comparison is not None
    row = report.comparison.row("costs.py:lost")
    assert row is not None
    scores = joblib.load(made / "new.joblib").predict_proba(table[["a", "b", "c"]])[:, 1]
    wrong = (scores >= 0.4) != table["approved"]
    lost = np.average(table["amount"] * wrong, weights=table["times"])
    assert row.candidate == pytest.approx(lost)
    assert row.n == (table["times"] > 0).sum()
    assert row.interval is not None
    assert row.interval.method == "bootstrap"
    outcomes = {check.id: check.outcome for check in report.checks}
    assert outcomes["metric.missed.max"] is Outcome.PASSED
    places = [metric["place"] for metric in report.provenance["custom_metrics"]]
    assert places == ["costs.py:lost", "costs.py:missed"]
    assert report.provenance["candidate"]["threshold"] == 0.4
    assert report.provenance["baseline"]["threshold"] == 0.4


def test_a_file_of_metrics_that_is_broken_is_an_error_of_its_metrics(
    made: Path, tmp_path: Path
) -> None:
    report, _ = report_of(made, tmp_path, costs="import no_such_module")
    outcomes = {check.id: check.outcome for check in report.checks}
    assert outcomes["metric.costs.py_lost.max_regression"] is Outcome.ERRORED
    assert outcomes["metric.missed.max"] is Outcome.ERRORED
    assert outcomes["metric.accuracy.max_regression"] is not Outcome.ERRORED
    assert not report.decision.deploy
    assert "no_such_module" in report.decision.reasons[0]
