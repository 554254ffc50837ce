"""The gate's self-test: strong policies catch every sabotage, each weakness is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action.domain.limits import MetricLimits
from mlci_action.domain.metric import Direction, Needs
from mlci_action.domain.metrics import custom_metric
from mlci_action.domain.outcomes import Area, Outcome, Severity, Verdict
from mlci_action.domain.results import CheckResult
from mlci_action.domain.self_test import Sabotage, SelfTest, Trial
from mlci_action.errors import BaselineMissing, DatasetError, ModelError
from mlci_action.evaluation.reading.predictions import ModelOutput, Predictions, Target
from mlci_action.evaluation.reading.variants import Answers
from mlci_action.evaluation.rules.judge import Judged, judge
from mlci_action.evaluation.scored_rows import Truth
from mlci_action.parts import judging, self_testing
from mlci_action.parts.models import Said, truth_of
from mlci_action.parts.outside import Failure
from mlci_action.parts.self_testing import answered, self_test
from mlci_action.parts.trial_ground import Ground, ground_of
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.values import Settings

N = 1_500
HEAD = """\
data: {evaluation: test.csv, target: y, checks: {missing: {max_share: 0}}%s}
candidate: {model: new.joblib}
baseline: {from: old.joblib}
"""
BY_SEX = "slices: {by: [sex], max_regression: 0.1}\n"
STRONG = {
    "binary": "metrics: {roc_auc: {max_regression: 0.02}, log_loss: {max_regression: 0.05}}\n"
    + BY_SEX,
    "multiclass": "metrics: {f1_macro: {max_regression: 0.05}}\n" + BY_SEX,
    "regression": "metrics: {r2: {min: 0.2, max_regression: 0.05}}\n" + BY_SEX,
}
WIDE = "metrics: {accuracy: {max_regression: 0.5}}\n"
ALL = list(Sabotage)
NO_BASELINE = Failure(error=BaselineMissing("there is no baseline"))


def policy(limits: str, *, more_data: str = "") -> Settings:
    """The settings with these limits."""
    return parse_settings(HEAD % more_data + limits, path="mlci.yml")


def table(task: str, n: int = N) -> tuple[pd.DataFrame, ModelOutput]:
    """Rows of a task, and what a model says of them that has learned something."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "sex": np.where(random.random(n) < 0.3, "f", "m"),
            "group": random.integers(0, 2, n),
            "customer": random.integers(0, n // 3, n),
            "weight": random.uniform(0.5, 2, n),
        }
    )
    signal = random.normal(size=n)
    if task == "regression":
        frame["y"] = signal + 0.5 * random.normal(size=n)
        return frame, ModelOutput(predictions=signal)
    if task == "binary":
        frame["y"] = (signal + 0.5 * random.normal(size=n) > 0).astype(int)
        score = 1 / (1 + np.exp(-3 * signal))
        scores = np.column_stack([1 - score, score])
    else:
        logits = random.normal(size=(n, 3))
        frame["y"] = (logits + 0.5 * random.normal(size=(n, 3))).argmax(axis=1)
        scores = np.exp(2 * logits) / np.exp(2 * logits).sum(axis=1, keepdims=True)
    return frame, ModelOutput(
        predictions=scores.argmax(axis=1),
        probabilities=scores,
        classes=tuple(range(scores.shape[1])),
    )


def said_by(output: ModelOutput, truth: Truth) -> Said:
    read = truth.read(output, threshold=None, who="the baseline")
    return Said(answers=Answers(output=output), predictions=read)


def sabotaged(
    settings: Settings,
    task: str = "binary",
    *,
    n: int = N,
    baseline: bool = True,
    **more: Any,  # noqa: ANN401
) -> SelfTest:
    """The self-test of a policy on a model of that task."""
    frame, output = table(task, n)
    truth = truth_of(settings, frame)
    said = said_by(output, truth)
    return self_test(settings, frame, truth, said, said if baseline else NO_BASELINE, **more)


def trials(found: SelfTest) -> Mapping[Sabotage, Trial]:
    return {trial.sabotage: trial for trial in found.trials}


@pytest.mark.parametrize("task", STRONG)
@pytest.mark.parametrize(
    ("data", "more"),
    [("", ""), (", sample_weight: weight", ""), ("", "evidence: {unit: customer, seed: 3}\n")],
    ids=["plain", "weights", "units"],
)
def test_a_strong_policy_catches_every_sabotage(task: str, data: str, more: str) -> None:
    found = sabotaged(policy(STRONG[task] + more, more_data=data), task)
    assert found.skipped == found.note == ""
    assert [trial.sabotage for trial in found.trials] == ALL
    assert found.all_caught
    assert all(trial.by for trial in found.trials)
    assert (found.n, found.copy) == (N, "passed")
    assert answered(found) == ()


def test_each_way_of_saying_no_is_told_apart() -> None:
    found = trials(sabotaged(policy(STRONG["binary"])))
    verdicts = {sabotage: trial.verdict for sabotage, trial in found.items()}
    assert verdicts == {
        Sabotage.PERMUTED: Verdict.FAIL,
        Sabotage.CONSTANT: Verdict.FAIL,
        Sabotage.INVERTED: Verdict.FAIL,
        Sabotage.BROKEN_SLICE: Verdict.FAIL,
        Sabotage.NAN: Verdict.ERROR,
        Sabotage.MISSING_METRIC: Verdict.ERROR,
        Sabotage.MISSING_BASELINE: Verdict.INCONCLUSIVE,
        Sabotage.UNREADABLE_BASELINE: Verdict.ERROR,
    }
    assert found[Sabotage.PERMUTED].by == (
        "metric.roc_auc.max_regression", "metric.log_loss.max_regression",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "missed"),
    [
        # Chance alone is right half of the time: neither limit is out of its reach.
        (WIDE, {"permuted", "constant"}),
        ("metrics: {accuracy: {min: 0.1}}\n", {"permuted", "constant"}),
        # A calibration error asks for no skill.
        (
            "metrics: {expected_calibration_error: {max: 0.9}}\n",
            {"permuted", "constant", "inverted"},
        ),
        # What only warns holds nothing back.
        (
            "metrics: {roc_auc: {max_regression: 0.01, severity: warn}}\n",
            {"permuted", "constant", "inverted", "missing_metric", "missing_baseline",
             "unreadable_baseline"},
        ),
        (WIDE + "slices: {by: [sex], max_regression: 0.95}\n",
         {"permuted", "constant", "broken_slice"}),
        (WIDE + "fairness: {sensitive: [sex], equalized_odds_difference: {max: 0.99}}\n",
         {"permuted", "constant", "broken_slice"}),
    ],
    ids=["wide margin", "low limit", "no skill", "only warns", "wide slices", "wide fairness"],
)  # fmt: skip
def test_a_weak_policy_is_seen_through(limits: str, missed: set[str]) -> None:
    found = sabotaged(policy(limits))
    assert {sabotage.value for sabotage in found.missed} == missed
    assert not found.all_caught
    (warned,) = answered(found)
    assert (warned.id, warned.outcome) == ("provenance.self_test", Outcome.WARNED)
    assert not warned.required
    assert "it cannot say no" in warned.message


def test_the_warning_names_what_came_through() -> None:
    (warned,) = answered(sabotaged(policy("metrics: {accuracy: {min: 0.1}}\n")))
    assert warned.message == (
        "the policy would deploy a candidate whose predictions are permuted, or that says the same"
        " of every row: it cannot say no"
    )


def test_slices_are_asked_where_all_else_lets_a_candidate_through() -> None:
    found = sabotaged(policy("metrics: {accuracy: {}}\n" + BY_SEX))
    assert found.all_caught
    assert found.copy == "passed"
    assert trials(found)[Sabotage.PERMUTED].by == (
        "slice.accuracy.max_regression.sex=f", "slice.accuracy.max_regression.sex=m",
    )  # fmt: skip
    assert trials(found)[Sabotage.BROKEN_SLICE].by == ("slice.accuracy.max_regression.sex=f",)


def test_a_limit_on_fairness_notices_one_broken_group() -> None:
    fairness = "fairness: {sensitive: [sex], equalized_odds_difference: {max: 0.2}}\n"
    found = trials(sabotaged(policy(WIDE + fairness)))
    assert found[Sabotage.BROKEN_SLICE].by == ("fairness.equalized_odds_difference.max.sex",)


@pytest.mark.parametrize(
    "slices",
    ["", "slices: {by: [sex]}\n", "slices: {by: [sex], min_rows: 1400, max_regression: 0.1}\n",
     "slices: {by: [sex], max_regression: 0.1, severity: warn}\n",
     "slices: {where: ['weight > 0'], max_regression: 0.1}\n"],
    ids=["none", "shown", "too small", "only warns", "more than half"],
)  # fmt: skip
def test_without_a_slice_that_is_judged_none_is_broken(slices: str) -> None:
    found = sabotaged(policy("metrics: {roc_auc: {max_regression: 0.02}}\n" + slices))
    assert Sabotage.BROKEN_SLICE not in trials(found)
    assert found.all_caught


def test_where_nothing_compares_no_baseline_is_missed() -> None:
    found = sabotaged(policy("metrics: {roc_auc: {min: 0.7}}\n"))
    assert set(ALL) - set(trials(found)) == {
        Sabotage.BROKEN_SLICE, Sabotage.MISSING_BASELINE, Sabotage.UNREADABLE_BASELINE,
    }  # fmt: skip
    assert found.all_caught
    assert found.copy is None


def test_an_owner_who_lets_a_first_model_through_is_not_told_so_again() -> None:
    found = sabotaged(policy(STRONG["binary"] + "deploy: {first_model: deploy}\n"))
    assert set(ALL) - set(trials(found)) == {Sabotage.MISSING_BASELINE}
    assert trials(found)[Sabotage.UNREADABLE_BASELINE].caught


def test_a_limit_that_the_baseline_breaks_itself_does_not_prove_that_one_is_needed() -> None:
    """That nothing is deployed is not enough: it must be because the baseline cannot be had."""
    limits = "metrics: {roc_auc: {min: 0.999}, accuracy: {max_regression: 0.1, severity: warn}}\n"
    found = trials(sabotaged(policy(limits)))
    assert not found[Sabotage.MISSING_BASELINE].caught
    assert not found[Sabotage.UNREADABLE_BASELINE].caught
    assert found[Sabotage.PERMUTED].by == ("metric.roc_auc.min",)


def test_what_few_rows_leave_open_is_held_back_and_said_to_be_inconclusive() -> None:
    found = sabotaged(policy("metrics: {accuracy: {max_regression: 0.35}}\n"), n=60)
    assert trials(found)[Sabotage.PERMUTED].verdict is Verdict.INCONCLUSIVE
    assert trials(found)[Sabotage.PERMUTED].by == ("metric.accuracy.max_regression",)
    assert Sabotage.PERMUTED not in found.missed


def test_without_a_baseline_the_candidate_stands_for_it() -> None:
    found = sabotaged(policy(STRONG["binary"]), baseline=False)
    assert found.all_caught
    assert [trial.sabotage for trial in found.trials] == ALL
    assert found.copy is None


@pytest.mark.parametrize(
    ("margin", "n", "copy"),
    [("max_regression: 0.001", 200, "inconclusive"), ("max_regression: 0.05", 200, "passed"),
     ("min_improvement: 0.05", 9_000, "failed"),
     # 4,000 rows would leave it open, and 9,000 do not.
     ("max_regression: 0.0006", 9_000, "passed"),
     ("max_regression: 0.0006", 4_000, "inconclusive")],
    ids=str,
)  # fmt: skip
def test_a_copy_of_bare_labels_passes_where_all_rows_settle_the_margin(
    margin: str, n: int, copy: str
) -> None:
    settings = policy(f"metrics: {{accuracy: {{{margin}}}}}\n")
    frame, output = table("binary", n)
    truth = truth_of(settings, frame)
    labels = said_by(replace(output, probabilities=None), truth)
    found = self_test(settings, frame, truth, labels, labels)
    assert found.copy == copy
    assert found.n == pytest.approx(min(n, 4_000), abs=2)


@pytest.mark.parametrize(
    ("margin", "equal"), [(0.005, "inconclusive"), (0.05, "passed")], ids=["narrow", "wide"]
)
def test_another_model_as_good_passes_where_the_run_can_settle_the_margin(
    margin: float, equal: str
) -> None:
    """Scores that agree to the last bit are one model; of another one the rows must tell."""
    settings = policy(f"metrics: {{roc_auc: {{min: 0.999, max_regression: {margin}}}}}\n")
    frame, output = table("binary")
    truth = truth_of(settings, frame)
    said = said_by(output, truth)
    ground = ground_of(settings, frame, truth, said, waive=lambda results: results)
    assert said.predictions.scores is not None
    noise = np.random.default_rng(1).normal(0, 0.3, N)
    worse = replace(said.predictions, scores=said.predictions.scores + noise, raw_scores=None)
    run = ground.compared(worse, said.predictions).comparison
    found = self_test(settings, frame, truth, said, said, comparison=run)
    assert (found.copy, found.equal) == ("passed", equal)
    same = ground.compared(said.predictions, said.predictions).comparison
    assert self_test(settings, frame, truth, said, said, comparison=same).equal is None


@pytest.mark.parametrize("shape", [(N, 1), (N,)], ids=str)
def test_models_that_rank_without_probabilities_are_tried_as_well(shape: tuple[int, ...]) -> None:
    settings = policy("metrics: {roc_auc: {max_regression: 0.02}}\n")
    frame, output = table("binary")
    truth = truth_of(settings, frame)
    assert output.probabilities is not None
    ranks = replace(
        output,
        predictions=output.predictions.reshape(shape),
        probabilities=None,
        decisions=output.probabilities[:, 1] * 9 - 4,
    )
    said = said_by(ranks, truth)
    found = self_test(settings, frame, truth, said, said)
    assert found.all_caught
    assert found == self_test(settings, frame, truth, said, said)


def test_absolute_limits_do_not_count_for_a_copy() -> None:
    found = sabotaged(policy("metrics: {roc_auc: {min: 0.9999, max_regression: 0.05}}\n"))
    assert found.copy == "passed"


def test_a_model_that_answers_like_a_sabotage_is_not_sabotaged_by_it() -> None:
    settings = policy("metrics: {accuracy: {max_regression: 0.05}}\n")
    frame, _ = table("binary")
    truth = truth_of(settings, frame)
    said = said_by(ModelOutput(predictions=np.ones(N, dtype=int)), truth)
    found = self_test(settings, frame, truth, said, said)
    assert Sabotage.PERMUTED not in trials(found)
    assert "permuted" in found.note
    assert "already" in found.note


def test_many_rows_are_represented_by_some_thousand_of_all_slices() -> None:
    """A condition that no row meets any more would leave every verdict open."""
    heaviest = float(table("binary", 30_000)[0]["weight"].max())
    where = f"slices: {{where: ['weight >= {heaviest!r}'], max_regression: 0.95}}\n"
    found = sabotaged(policy(WIDE + where), n=30_000)
    assert 4_000 <= found.n < 5_000
    assert found.missed == (Sabotage.PERMUTED, Sabotage.CONSTANT)


def test_a_slice_that_few_rows_cannot_convict_is_tried_on_all_of_them() -> None:
    n = 40_000
    frame, output = table("binary", n)
    frame["part"] = np.arange(n) % 4
    right = (frame["y"] == output.predictions)[frame["part"] == 0].mean()
    limits = f"slices: {{by: [part], max_regression: {right - 0.015}}}\n"
    settings = policy("metrics: {accuracy: {}}\n" + limits)
    truth = truth_of(settings, frame)
    said = said_by(replace(output, probabilities=None), truth)
    few = ground_of(settings, frame, truth, said, waive=lambda results: results)
    assert self_testing._inverted_there(few).decision.deploy
    assert trials(self_test(settings, frame, truth, said, said))[Sabotage.BROKEN_SLICE].caught


def test_metrics_of_the_users_own_do_not_run_again() -> None:
    own = MetricLimits(
        metric=custom_metric(
            "m.py:gain", direction=Direction.HIGHER_IS_BETTER, needs=Needs.LABELS, name="gain"
        ),
        min=0.5,
    )
    settings = policy("metrics: {accuracy: {min: 0.1}}\n")
    settings = replace(settings, metrics=(*settings.metrics, own))
    found = sabotaged(settings)
    assert found.missed == ()
    assert {Sabotage.PERMUTED, Sabotage.CONSTANT}.isdisjoint(trials(found))
    assert "permuted, constant: only the limits on your own metrics could tell" in found.note
    assert sabotaged(replace(settings, metrics=(own,))).skipped.startswith(
        "all limits are on your own"
    )


def test_a_waiver_that_tolerates_too_much_is_seen() -> None:
    def tolerant(results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
        return tuple(
            replace(result, outcome=Outcome.WAIVED) if result.outcome is Outcome.FAILED else result
            for result in results
        )

    found = sabotaged(policy("metrics: {roc_auc: {max_regression: 0.02}}\n"), waive=tolerant)
    assert found.missed == (Sabotage.PERMUTED, Sabotage.CONSTANT, Sabotage.INVERTED)


def test_what_went_wrong_in_the_run_is_why_nothing_is_tried() -> None:
    settings = policy(STRONG["binary"])
    frame, output = table("binary")
    truth = truth_of(settings, frame)
    said = said_by(output, truth)
    broken = Failure(error=ModelError("the candidate does not load"))
    assert self_test(settings, frame, truth, broken, NO_BASELINE) == SelfTest(
        n=0, skipped="the candidate does not load"
    )
    no_rows = Failure(error=DatasetError("cannot read test.csv"))
    assert self_test(settings, no_rows, truth, said, said).skipped == "cannot read test.csv"
    # The baseline alone is enough to try the policy on.
    assert self_test(settings, frame, truth, broken, said).all_caught


def test_a_column_that_is_not_there_is_no_crash() -> None:
    settings = policy(STRONG["binary"] + "evidence: {unit: household}\n")
    assert "household" in sabotaged(settings).skipped


def test_rows_without_a_label_are_left_out() -> None:
    settings = policy(STRONG["binary"])
    frame, output = table("binary")
    frame["y"] = frame["y"].astype("Int64").mask(frame.index % 3 == 0)
    truth = truth_of(settings, frame)
    said = said_by(output, truth)
    found = self_test(settings, frame, truth, said, said)
    assert found.all_caught
    assert found.n == N - N // 3


# A gate that is broken on purpose: each of these defects would deploy something one day.


def test_a_judge_that_passes_nan_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def lenient(*given: Any, **more: Any) -> Judged:  # noqa: ANN401
        found = judge(*given, **more)
        passing = tuple(
            replace(result, outcome=Outcome.PASSED) if result.outcome is Outcome.NOT_RUN else result
            for result in found.results
        )
        return replace(found, results=passing)

    monkeypatch.setattr(judging, "judge", lenient)
    found = sabotaged(policy(STRONG["binary"]))
    assert Sabotage.MISSING_METRIC in found.missed
    assert Sabotage.MISSING_BASELINE in found.missed


def test_a_judge_that_passes_nan_by_one_limit_of_two_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lenient(*given: Any, **more: Any) -> Judged:  # noqa: ANN401
        found = judge(*given, **more)
        passing = tuple(
            replace(result, outcome=Outcome.PASSED) if result.id.endswith(".min") else result
            for result in found.results
        )
        return replace(found, results=passing)

    monkeypatch.setattr(judging, "judge", lenient)
    found = sabotaged(policy("metrics: {roc_auc: {min: 0.6, max_regression: 0.02}}\n"))
    assert found.missed == (Sabotage.MISSING_METRIC,)


def test_a_reader_that_lets_nan_through_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def lenient(output: ModelOutput, target: Target, **_: Any) -> Predictions:  # noqa: ANN401
        return Predictions(labels=np.zeros(len(target.values), dtype=np.int64))

    settings = policy("metrics: {accuracy: {min: 0.1}}\n")
    frame, output = table("binary")
    truth = truth_of(settings, frame)
    said = said_by(output, truth)
    monkeypatch.setattr("mlci_action.evaluation.scored_rows.read_predictions", lenient)
    assert Sabotage.NAN in self_test(settings, frame, truth, said, said).missed


def test_a_gate_that_forgets_what_could_not_be_judged_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judging, "unjudged", lambda *_, **__: ())
    monkeypatch.setattr(judging, "_not_evaluated", _passing)
    found = sabotaged(policy(STRONG["binary"]))
    assert {Sabotage.NAN, Sabotage.MISSING_METRIC} <= set(found.missed)


def _passing(why: str) -> CheckResult:
    return CheckResult(
        id="provenance.evaluation",
        area=Area.PROVENANCE,
        outcome=Outcome.WARNED,
        severity=Severity.WARN,
        message=why,
    )


def test_a_decision_that_deploys_what_is_open_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Ground.decided

    def lenient(*given: Any, **more: Any) -> Any:  # noqa: ANN401
        found = real(*given, **more)
        opened = replace(found.decision, deploy=found.decision.verdict is not Verdict.FAIL)
        return replace(found, decision=opened)

    monkeypatch.setattr(Ground, "decided", lenient)
    found = sabotaged(policy(STRONG["binary"]))
    assert found.missed == (
        Sabotage.NAN, Sabotage.MISSING_METRIC, Sabotage.MISSING_BASELINE,
        Sabotage.UNREADABLE_BASELINE,
    )  # fmt: skip
