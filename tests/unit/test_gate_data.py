"""What the data say counts in the verdict, and is shown beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from mlci_action.domain.data_limits import DataChecks, DriftLimits
from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.domain.report import Report
from mlci_action.errors import BaselineMissing, BaselineUnknown, MlciError
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.gate import run_data_checks, run_gate
from mlci_action.profiles.stored import from_json
from mlci_action.settings.parse import parse_settings
from tests.fakes.world import FakeModel, FakeWorld

_RANDOM = np.random.default_rng(3)
N_ROWS = 2_000
AGE = _RANDOM.normal(40, 10, N_ROWS)
FRAME = pd.DataFrame(
    {
        "approved": (_RANDOM.uniform(size=N_ROWS) < 1 / (1 + np.exp(-(AGE - 40) / 5))).astype(int),
        "age": AGE,
        "noise": _RANDOM.normal(size=N_ROWS),
    }
)
BEFORE = pd.DataFrame(
    {"approved": FRAME["approved"], "age": AGE[::-1], "noise": _RANDOM.normal(size=N_ROWS)}
)
SETTINGS = """\
data: {evaluation: test.csv, target: approved}
candidate: {model: new.joblib}
baseline: {from: old.joblib}
metrics: {roc_auc: {min: 0.6}}
"""


def by_age(frame: pd.DataFrame) -> ModelOutput:
    positive = 1 / (1 + np.exp(-(frame["age"].to_numpy() - 40) / 5))
    return ModelOutput(
        predictions=(positive >= 0.5).astype(np.int64),
        probabilities=np.column_stack([1 - positive, positive]),
        classes=(0, 1),
    )


NEW = FakeModel(digest="sha256:new", says=by_age)
OLD = FakeModel(digest="sha256:old", says=by_age)


def run(
    frame: pd.DataFrame = FRAME,
    *,
    baseline: FakeModel | MlciError = OLD,
    reference: pd.DataFrame | None = BEFORE,
    limits: DataChecks | None = None,
    more: str = "",
) -> tuple[Report, FakeWorld]:
    world = FakeWorld(
        frame=frame,
        candidate=NEW,
        baseline=baseline,
        reference=reference,
        limits=limits or DataChecks(),
    )
    return run_gate(parse_settings(SETTINGS + more, path="mlci.yml"), world), world


def test_data_like_before_passes() -> None:
    report, world = run()
    assert report.decision.verdict is Verdict.PASS
    assert report.located == ()
    # Nothing moved, so the baseline is asked once, for its predictions.
    assert world.asked == ["the baseline: sha256:old", "the candidate: sha256:new"]


def test_impossible_values_fail_a_good_model_and_are_located() -> None:
    spoilt = FRAME.copy()
    spoilt.loc[[7, 9], "noise"] = 1e9
    report, _ = run(spoilt)
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.FAIL, False)
    (failed,) = [check for check in report.checks if check.outcome is Outcome.FAILED]
    assert (failed.id, failed.column, failed.rows) == ("data.outliers", "noise", 2)
    assert [(one.check_id, one.column) for one in report.located] == [("data.outliers", "noise")]


def test_columns_that_moved_are_ranked_by_what_they_do_to_the_baselines_answers() -> None:
    """Noise moved farther than age, but the baseline does not read it."""
    moved = FRAME.assign(age=AGE + 8, noise=FRAME["noise"] + 3)
    report, world = run(moved)
    ranked = [row["column"] for row in report.data["drift"] if row["drifted"]]
    assert ranked == ["age", "noise"]
    weights = {row["column"]: row["importance"] for row in report.data["drift"]}
    assert weights["age"] > 0.05
    assert weights["noise"] == 0.0
    assert weights["approved"] is None
    # What the comment's table of drift shows beside D, under the names that it looks for.
    assert {"d", "low", "high", "p", "psi", "js", "w1"} <= report.data["drift"][0].keys()
    assert [who for who in world.asked if who.startswith("the baseline")] == [
        "the baseline: sha256:old"
    ]


def test_the_table_is_left_as_a_profile_for_the_next_run() -> None:
    report, _ = run()
    profile = from_json(report.profile, path="profile.json")
    assert profile.rows == N_ROWS
    assert [column.name for column in profile.columns] == ["approved", "age", "noise"]


def test_without_a_reference_the_checks_that_need_one_are_said_to_be_left_out_once() -> None:
    report, _ = run(reference=None)
    (left_out,) = [check for check in report.checks if check.outcome is Outcome.NOT_RUN]
    assert (left_out.id, left_out.required) == ("data.reference", False)
    assert report.decision.verdict is Verdict.PASS
    assert "drift" not in report.data


def test_a_check_asked_for_by_name_is_owed_an_answer() -> None:
    """Drift was asked for, and there is nothing to compare with: not run is never passed."""
    asked = DataChecks(drift=DriftLimits())
    missing = BaselineMissing("there is no baseline")
    report, _ = run(reference=None, limits=asked, baseline=missing)
    assert report.decision.verdict is Verdict.INCONCLUSIVE
    assert not report.decision.deploy
    accepted, _ = run(
        reference=None, limits=asked, baseline=missing, more="deploy: {first_model: deploy}\n"
    )
    assert accepted.decision.verdict is Verdict.PASS
    unknown, _ = run(
        reference=None,
        limits=asked,
        baseline=BaselineUnknown("no base commit"),
        more="deploy: {first_model: deploy}\n",
    )
    assert unknown.decision.verdict is Verdict.INCONCLUSIVE


def test_the_data_checks_alone_say_the_same_and_deploy_nothing() -> None:
    spoilt = FRAME.assign(noise=FRAME["noise"] + 3)
    settings = parse_settings(SETTINGS, path="mlci.yml")
    world = FakeWorld(frame=spoilt, candidate=NEW, baseline=OLD, reference=BEFORE)
    alone = run_data_checks(settings, world)
    whole, _ = run(spoilt)
    data_checks = [check for check in whole.checks if check.id.startswith("data.")]
    assert [replace(check, message="") for check in alone.checks] == [
        replace(check, message="") for check in data_checks
    ]
    assert not alone.decision.deploy
    assert world.asked == []
