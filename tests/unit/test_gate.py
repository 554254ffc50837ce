"""One run, told with values: which verdict comes of which data and models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mlci_action.domain.decision import NO_NEW_MODEL
from mlci_action.domain.limits import Margin, MetricLimits
from mlci_action.domain.metric import Direction, Needs
from mlci_action.domain.metrics import custom_metric
from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.domain.report import Report
from mlci_action.errors import (
    BaselineError,
    BaselineMissing,
    BaselineUnknown,
    DatasetError,
    MlciError,
    ModelError,
)
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswer, CustomAnswers, CustomValues
from mlci_action.evaluation.reading.predictions import ModelOutput
from mlci_action.gate import run_data_checks, run_gate
from mlci_action.settings.parse import parse_settings
from tests.fakes.world import FakeModel, FakeWorld

N_ROWS = 4_000
_RANDOM = np.random.default_rng(0)
TRUTH = _RANDOM.integers(0, 2, N_ROWS)
GOOD = np.clip(0.5 + 0.3 * (TRUTH - 0.5) + _RANDOM.normal(0, 0.2, N_ROWS), 0, 1)
NOISY = np.clip(0.5 + 0.1 * (TRUTH - 0.5) + _RANDOM.normal(0, 0.3, N_ROWS), 0, 1)
TWIN = 0.8 * GOOD + 0.2 * _RANDOM.uniform(0, 1, N_ROWS)
FRAME = pd.DataFrame(
    {
        "approved": TRUTH,
        "age": _RANDOM.integers(18, 90, N_ROWS),
        "sex": _RANDOM.choice(["female", "male"], N_ROWS),
    }
)
SETTINGS = """\
data: {evaluation: test.csv, target: approved}
candidate: {model: new.joblib}
baseline: {from: old.joblib}
metrics:
  roc_auc: {min: 0.6, max_regression: 0.02}
  log_loss: {max_regression: {relative: 0.1}}
"""


def scores(values: NDArray[np.float64]) -> Callable[[pd.DataFrame], ModelOutput]:
    return lambda _: ModelOutput(
        predictions=(values >= 0.5).astype(np.int64),
        probabilities=np.column_stack([1 - values, values]),
        classes=(0, 1),
    )


def model(values: NDArray[np.float64], digest: str = "sha256:new") -> FakeModel:
    return FakeModel(digest=digest, says=scores(values))


def gate(
    candidate: FakeModel | MlciError,
    baseline: FakeModel | MlciError,
    *,
    more: str = "",
    frame: pd.DataFrame | MlciError = FRAME,
) -> Report:
    settings = parse_settings(SETTINGS + more, path="mlci.yml")
    return run_gate(settings, FakeWorld(frame=frame, candidate=candidate, baseline=baseline))


def outcomes(report: Report) -> dict[str, Outcome]:
    return {check.id: check.outcome for check in report.checks if check.required}


BETTER, WORSE = model(GOOD), model(NOISY, "sha256:old")


def test_a_better_candidate_passes_and_would_be_deployed() -> None:
    report = gate(BETTER, WORSE)
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.PASS, True)
    assert outcomes(report) == {
        "metric.roc_auc.min": Outcome.PASSED,
        "metric.roc_auc.max_regression": Outcome.PASSED,
        "metric.log_loss.max_regression": Outcome.PASSED,
    }


def test_the_models_swapped_fail() -> None:
    """A gate that does not tell which is which passes both ways."""
    report = gate(WORSE, BETTER)
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.FAIL, False)
    assert outcomes(report)["metric.roc_auc.max_regression"] is Outcome.FAILED
    assert outcomes(report)["metric.log_loss.max_regression"] is Outcome.FAILED
    assert "roc_auc" in report.decision.reasons[0]


def test_the_same_bytes_pass_and_are_not_deployed() -> None:
    """The same file as both is no new model version, and is asked only once."""
    world = FakeWorld(frame=FRAME, candidate=BETTER, baseline=BETTER)
    report = run_gate(parse_settings(SETTINGS, path="mlci.yml"), world)
    assert report.decision.verdict is Verdict.PASS
    assert not report.decision.deploy
    assert report.decision.reasons[0] == NO_NEW_MODEL
    assert report.provenance["same_model"] is True
    assert world.asked == ["the baseline: sha256:new"]


def test_the_candidate_is_asked_last() -> None:
    """Its code then has no answer left to spoil but its own."""
    world = FakeWorld(frame=FRAME, candidate=BETTER, baseline=WORSE)
    run_gate(parse_settings(SETTINGS, path="mlci.yml"), world)
    assert world.asked == ["the baseline: sha256:old", "the candidate: sha256:new"]


def test_the_same_bytes_are_deployed_again_when_the_owner_says_so() -> None:
    report = gate(BETTER, BETTER, more="deploy: {when_unchanged: deploy}\n")
    assert report.decision.deploy


def test_one_prediction_nan_is_an_error_that_counts_it() -> None:
    """NaN never passes, and the reason names the model and the count."""
    broken = GOOD.copy()
    broken[17] = np.nan
    report = gate(model(broken), WORSE)
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.ERROR, False)
    assert set(outcomes(report).values()) == {Outcome.ERRORED}
    assert "the candidate" in report.decision.reasons[0]
    assert "1 " in report.decision.reasons[0]


def test_one_prediction_nan_of_the_baseline_leaves_absolute_limits_judged() -> None:
    """A comparison that cannot be made is an error; what can be judged still is."""
    broken = NOISY.copy()
    broken[17] = np.nan
    report = gate(BETTER, model(broken, "sha256:old"))
    assert report.decision.verdict is Verdict.ERROR
    assert outcomes(report) == {
        "metric.roc_auc.min": Outcome.PASSED,
        "metric.roc_auc.max_regression": Outcome.ERRORED,
        "metric.log_loss.max_regression": Outcome.ERRORED,
    }


@pytest.mark.parametrize(
    "values",
    [GOOD + 0.2, np.full(N_ROWS, np.inf), GOOD[:-1]],
    ids=["outside 0..1", "infinite", "one row short"],
)
def test_what_is_no_prediction_is_an_error(values: NDArray[np.float64]) -> None:
    report = gate(model(values), WORSE)
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.ERROR, False)
    assert len(report.decision.reasons) == 1


def test_a_first_model_is_inconclusive_and_says_how_to_accept_it() -> None:
    report = gate(BETTER, BaselineMissing("there is no baseline", hint="set first_model"))
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.INCONCLUSIVE, False)
    assert outcomes(report) == {
        "metric.roc_auc.min": Outcome.PASSED,
        "metric.roc_auc.max_regression": Outcome.NOT_RUN,
        "metric.log_loss.max_regression": Outcome.NOT_RUN,
    }
    assert report.decision.reasons[0] == "there is no baseline (set first_model)"


def test_a_first_model_that_the_owner_accepts_is_judged_by_the_rest() -> None:
    missing = BaselineMissing("there is no baseline")
    report = gate(BETTER, missing, more="deploy: {first_model: deploy}\n")
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.PASS, True)
    assert outcomes(report)["metric.roc_auc.max_regression"] is Outcome.WAIVED
    rejected = gate(model(1 - GOOD), missing, more="deploy: {first_model: deploy}\n")
    assert (rejected.decision.verdict, rejected.decision.deploy) == (Verdict.FAIL, False)


def test_a_baseline_that_nobody_could_look_for_is_no_proof_of_a_first_model() -> None:
    """A tag, a schedule or a shallow clone has no base commit: else each would open the gate."""
    unknown = BaselineUnknown("there is no baseline")
    report = gate(BETTER, unknown, more="deploy: {first_model: deploy}\n")
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.INCONCLUSIVE, False)


def test_a_baseline_that_cannot_be_read_is_an_error_even_when_first_models_are_accepted() -> None:
    """Broken is not missing: else a damaged baseline would open the gate."""
    broken = BaselineError("the baseline is a Git LFS pointer")
    report = gate(BETTER, broken, more="deploy: {first_model: deploy}\n")
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.ERROR, False)


def test_data_that_cannot_be_read_is_one_reason_and_every_check_is_errored() -> None:
    report = gate(
        BETTER,
        WORSE,
        frame=DatasetError("no data at 'test.csv'"),
    )
    assert report.decision.verdict is Verdict.ERROR
    assert report.decision.reasons == ("no data at 'test.csv'",)
    assert set(outcomes(report).values()) == {Outcome.ERRORED}


def test_a_candidate_that_does_not_load_is_an_error() -> None:
    report = gate(ModelError("the candidate is not a model"), WORSE)
    assert report.decision.reasons == ("the candidate is not a model",)
    assert not report.decision.deploy


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (FRAME.drop(columns="approved"), "no column 'approved'"),
        (FRAME.assign(approved=1), "one label only"),
        (FRAME.assign(approved=None), "empty"),
    ],
)
def test_a_target_that_cannot_be_judged_is_an_error(frame: pd.DataFrame, reason: str) -> None:
    report = gate(BETTER, WORSE, frame=frame)
    assert report.decision.verdict is Verdict.ERROR
    assert reason in report.decision.reasons[0]


def test_a_declared_slice_without_a_row_does_not_pass() -> None:
    """A missing slice never passes silently."""
    more = "slices: {where: ['age >= 200'], max_regression: 0.05}\n"
    report = gate(BETTER, WORSE, more=more)
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.INCONCLUSIVE, False)
    assert "no row matches 'age >= 200'" in report.decision.reasons[0]


def test_slices_are_judged_as_one_family_and_shown() -> None:
    more = "slices: {by: [sex], max_regression: 0.05}\n"
    report = gate(WORSE, BETTER, more=more)
    failed = {check.id for check in report.checks if check.outcome is Outcome.FAILED}
    assert "slice.roc_auc.max_regression.sex=female" in failed
    assert report.comparison is not None
    assert {row.slice.label for row in report.comparison.rows if row.slice} == {
        "sex=female",
        "sex=male",
    }


def test_few_rows_leave_a_small_margin_open_and_say_what_it_would_take() -> None:
    baseline = model(GOOD[:200], "sha256:old")
    report = gate(model(TWIN[:200]), baseline, frame=FRAME.iloc[:200])
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.INCONCLUSIVE, False)
    assert "these 200 rows can settle a margin of" in report.decision.reasons[0]


def test_a_schema_that_cannot_be_applied_is_an_error_beside_what_was_judged() -> None:
    settings = parse_settings(
        SETTINGS.replace("target: approved", "target: approved, schema: s.yml"), path="mlci.yml"
    )
    world = FakeWorld(
        frame=FRAME, candidate=BETTER, baseline=WORSE, schema_problem="no file 's.yml'"
    )
    report = run_gate(settings, world)
    assert report.decision.reasons == ("no file 's.yml'",)
    assert outcomes(report)["metric.roc_auc.max_regression"] is Outcome.PASSED


def test_without_a_metric_no_model_was_judged_so_nothing_is_deployed() -> None:
    settings = parse_settings(
        "data: {evaluation: test.csv, target: approved,"
        " checks: {duplicates: {max_share: 0.99}}}\ncandidate: {model: new.joblib}\n",
        path="mlci.yml",
    )
    report = run_gate(settings, FakeWorld(frame=FRAME, candidate=BETTER))
    assert not report.decision.deploy
    assert report.decision.reasons[-1] == "without a metric no model was judged"


def test_data_checks_alone_never_deploy() -> None:
    settings = parse_settings(SETTINGS, path="mlci.yml")
    report = run_data_checks(settings, FakeWorld(frame=FRAME, candidate=BETTER))
    assert not report.decision.deploy


def test_rows_without_a_label_are_counted_in_the_report() -> None:
    """They are in no number, and nobody would miss them."""
    frame = FRAME.astype({"approved": object})
    frame.loc[frame.index[:3], "approved"] = None
    assert gate(BETTER, WORSE, frame=frame).data["unlabelled"] == 3


@pytest.mark.parametrize("metric", ["accuracy: {}", "roc_auc: {min: 0.6, severity: warn}"])
@pytest.mark.parametrize(
    "candidate", [ModelError("the candidate is not a model"), model(GOOD[:-1])]
)
def test_a_candidate_that_cannot_be_asked_is_an_error_whatever_is_required(
    metric: str, candidate: FakeModel | MlciError
) -> None:
    """Else data checks alone would deploy a file that is no model."""
    settings = parse_settings(
        "data: {evaluation: test.csv, target: approved,"
        " checks: {missing: {max_share: 0.5}}}\ncandidate: {model: new.joblib}\n"
        f"metrics: {{{metric}}}\n",
        path="mlci.yml",
    )
    world = FakeWorld(frame=FRAME, candidate=candidate, limits=settings.data.checks)
    report = run_gate(settings, world)
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.ERROR, False)
    assert len(report.decision.reasons) == 1
    assert outcomes(report)["provenance.evaluation"] is Outcome.ERRORED


COST = MetricLimits(
    metric=custom_metric(
        "costs.py:cost", name="cost", direction=Direction.LOWER_IS_BETTER, needs=Needs.LABELS
    ),
    max=10.0,
    max_regression=Margin(absolute=0.5),
)
ANSWER = CustomAnswer(
    overall=CustomValues(candidate=3.0, baseline=3.1), low=-0.3, high=0.1, resamples=2000
)


def with_cost(said: CustomAnswers | MlciError) -> Report:
    more = "slices: {by: [sex], max_regression: 0.5}\n"
    read = parse_settings(SETTINGS + more, path="mlci.yml")
    asked = replace(read, metrics=(COST, *read.metrics))
    world = FakeWorld(frame=FRAME, candidate=BETTER, baseline=WORSE, metrics=said)
    report = run_gate(asked, world)
    assert world.asked[-1] == "cost"
    return report


def test_a_metric_of_the_users_own_is_judged_by_its_bootstrap_in_its_place() -> None:
    """It is asked after both models, and stands where the settings put it."""
    report = with_cost({"cost": ANSWER})
    assert outcomes(report)["metric.cost.max"] is Outcome.PASSED
    assert outcomes(report)["metric.cost.max_regression"] is Outcome.PASSED
    assert report.comparison is not None
    names = [row.metric.name for row in report.comparison.rows]
    assert names == ["cost", "roc_auc", "log_loss"] * 3
    assert report.comparison.rows[0].note == "2,000 resamples"
    lost = CustomValues(candidate=3.85, baseline=3.1)
    worse = with_cost({"cost": replace(ANSWER, overall=lost, low=0.6, high=0.9)})
    assert outcomes(worse)["metric.cost.max_regression"] is Outcome.FAILED


def test_a_metric_without_a_value_does_not_pass() -> None:
    said = CustomAnswer(overall=CustomValues(baseline=3.1, note="candidate: it returned nan"))
    report = with_cost({"cost": said})
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.INCONCLUSIVE, False)
    assert outcomes(report)["metric.cost.max"] is Outcome.NOT_RUN
    assert outcomes(report)["metric.cost.max_regression"] is Outcome.NOT_RUN
    assert outcomes(report)["metric.roc_auc.max_regression"] is Outcome.PASSED


@pytest.mark.parametrize(
    "said",
    [
        {"cost": CustomAnswer(error="it raised ValueError: no luck")},
        ModelError("'costs.py:cost' ended its process"),
        {},
    ],
)
def test_a_metric_that_does_not_work_is_an_error_beside_what_was_judged(
    said: CustomAnswers | MlciError,
) -> None:
    report = with_cost(said)
    assert (report.decision.verdict, report.decision.deploy) == (Verdict.ERROR, False)
    assert outcomes(report)["metric.cost.max"] is Outcome.ERRORED
    assert outcomes(report)["metric.cost.max_regression"] is Outcome.ERRORED
    assert outcomes(report)["metric.roc_auc.max_regression"] is Outcome.PASSED
    assert report.decision.reasons[0].startswith("cost (costs.py:cost) does not work: ")
    assert report.comparison is not None
    assert [row.outcome for row in report.comparison.rows if row.slice is None] == [
        Outcome.ERRORED,
        Outcome.PASSED,
        Outcome.PASSED,
    ]


def test_rows_are_weighted_by_their_column() -> None:
    """The heavy rows are those on which the candidate is worse."""
    heavy = FRAME.assign(times=np.where((GOOD >= 0.5) == TRUTH, 0.01, 10.0))
    weighted = gate_of_data("sample_weight: times", heavy)
    assert outcomes(weighted)["metric.accuracy.max_regression"] is Outcome.FAILED
    plain = gate_of_data("positive: 1", heavy)
    assert outcomes(plain)["metric.accuracy.max_regression"] is Outcome.PASSED


@pytest.mark.parametrize("weight", [-1.0, np.nan, "heavy", 0.0])
def test_a_weight_that_is_none_is_an_error(weight: float | str) -> None:
    report = gate_of_data("sample_weight: times", FRAME.assign(times=weight))
    assert report.decision.verdict is Verdict.ERROR
    assert "data.sample_weight: 'times'" in report.decision.reasons[0]


def gate_of_data(
    more: str,
    frame: pd.DataFrame,
    *,
    thresholds: tuple[float | None, float | None] = (None, None),
    models: tuple[FakeModel, FakeModel] = (BETTER, WORSE),
) -> Report:
    """The gate on accuracy alone, with more said about the data."""
    settings = parse_settings(
        f"data: {{evaluation: test.csv, target: approved, {more}}}\n"
        "candidate: {model: new.joblib}\nbaseline: {from: old.joblib}\n"
        "metrics: {accuracy: {max_regression: 0.02}}\n",
        path="mlci.yml",
    )
    settings = replace(
        settings,
        candidate=replace(settings.candidate, threshold=thresholds[0]),
        baseline_threshold=thresholds[1],
    )
    return run_gate(settings, FakeWorld(frame=frame, candidate=models[0], baseline=models[1]))


def test_labels_are_what_the_threshold_makes_of_the_scores() -> None:
    """The baseline's is the candidate's, unless it has one of its own."""
    report = gate_of_data("positive: 1", FRAME, thresholds=(0.6, None))
    assert report.comparison is not None
    row = report.comparison.rows[0]
    assert row.candidate == pytest.approx(np.mean((GOOD >= 0.6) == TRUTH))
    assert row.baseline == pytest.approx(np.mean((NOISY >= 0.6) == TRUTH))
    assert report.comparison.notes == ("scores of at least 0.6 are positive",)
    apart = gate_of_data("positive: 1", FRAME, thresholds=(0.6, 0.4))
    assert apart.comparison is not None
    assert apart.comparison.rows[0].baseline == pytest.approx(np.mean((NOISY >= 0.4) == TRUTH))
    assert apart.comparison.notes == (
        "positive are, of the candidate: 0.6 or more; of the baseline: 0.4 or more",
    )


def test_one_file_at_two_thresholds_is_compared_and_still_no_new_model() -> None:
    """Its labels differ, so that it passes only if they are shown to be as good."""
    report = gate_of_data("positive: 1", FRAME, thresholds=(0.9, 0.5), models=(BETTER, BETTER))
    assert report.provenance["same_model"] is True
    assert outcomes(report)["metric.accuracy.max_regression"] is Outcome.FAILED
