"""From the text of mlci.yml to settings, or to every problem at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.decision import DeployPolicy, Policy
from mlci_action.domain.limits import (
    DecideBy,
    Evidence,
    FairnessLimits,
    FlipLimits,
    Margin,
    MetricLimits,
    SliceLimits,
)
from mlci_action.domain.metric import TUNED, Direction, Needs, Parameters
from mlci_action.domain.metrics import FAIRNESS_METRICS, METRICS, custom_metric
from mlci_action.domain.outcomes import Severity
from mlci_action.domain.sources import GitSource, PathSource
from mlci_action.errors import SettingsError
from mlci_action.settings.parse import parse_settings, with_overrides
from mlci_action.settings.schema import SettingsFile
from mlci_action.settings.values import (
    DataChecks,
    DataSettings,
    DuplicateLimits,
    MissingLimits,
    ModelSettings,
    Settings,
    WorkerSettings,
)
from tests.unit.settings.documents import document, problems

_SMALLEST = """\
data: {evaluation: data/test.csv, target: approved}
candidate: {model: models/model.joblib}
metrics: {roc_auc: {min: 0.8}}
"""

_EVERYTHING = """\
data:
  evaluation: data/test.csv
  target: approved
  positive: yes
  id: loan_id
  time: issued_at
  sample_weight: 2021
  schema: schema.yml
  checks:
    missing: {max_share: 0.01, columns: {income: 0.05}, severity: warn}
    duplicates: {max_share: 0}
candidate: {model: models/model.joblib, threshold: .3}
baseline: {from: [baseline/*.joblib, "git:base:models/model.joblib"], threshold: -1}
metrics:
  auc: {min: 0.80, max_regression: 1e-2, max_improvement: 0.2}
  log_loss: {max: 2, max_regression: {relative: 0.05, absolute: .1}, severity: warn}
  f1: {min_improvement: 0}
  accuracy:
  f1_tuned: {metric: f1, class: 01, threshold: tuned}
  expected.cost: {metric: "costs.py:cost", direction: lower_is_better, max_regression: 5}
slices:
  {by: [sex, [sex, region]], where: ["age >= 60"], min_rows: 30, max_regression: 0.03, find: 0}
fairness:
  sensitive: [sex, [sex, region]]
  min_rows: 20
  equalized_odds_difference: {max: 0.1, max_regression: 0.02}
  demographic_parity_ratio: {min: 0.8, severity: warn}
  equal_opportunity_ratio:
flips: {max_negative_rate: 0.01, severity: warn}
evidence: {confidence: 0.9, seed: 7, unit: 2020, decide_by: point}
deploy: {first_model: deploy, when_unchanged: hold, when_inconclusive: deploy}
worker: {env: [MODEL_HOME], timeout_seconds: 60}
"""


def test_the_smallest_file_has_the_documented_defaults() -> None:
    assert parse_settings(_SMALLEST, path="mlci.yml") == Settings(
        path="mlci.yml",
        data=DataSettings(
            evaluation="data/test.csv",
            target="approved",
            positive=None,
            id=None,
            time=None,
            schema=None,
            checks=DataChecks(missing=None, duplicates=None),
        ),
        candidate=ModelSettings(model="models/model.joblib"),
        baseline=(),
        metrics=(MetricLimits(metric=METRICS["roc_auc"], min=0.8, severity=Severity.FAIL),),
        slices=None,
        evidence=Evidence(confidence=0.95, seed=0, decide_by=DecideBy.INTERVAL),
        deploy=DeployPolicy(
            first_model=Policy.HOLD, when_unchanged=Policy.HOLD, when_inconclusive=Policy.HOLD
        ),
        worker=WorkerSettings(env=(), timeout_seconds=900.0),
    )


def test_every_word_of_the_file_arrives() -> None:
    assert parse_settings(_EVERYTHING, path="gates/mlci.yml") == Settings(
        path="gates/mlci.yml",
        data=DataSettings(
            evaluation="data/test.csv",
            target="approved",
            positive="yes",
            id="loan_id",
            time="issued_at",
            sample_weight="2021",
            schema="schema.yml",
            checks=DataChecks(
                missing=MissingLimits(
                    max_share=0.01, columns=(("income", 0.05),), severity=Severity.WARN
                ),
                duplicates=DuplicateLimits(max_share=0.0),
            ),
        ),
        candidate=ModelSettings(model="models/model.joblib", threshold=0.3),
        baseline=(
            PathSource(pattern="baseline/*.joblib"),
            GitSource(ref="base", path="models/model.joblib"),
        ),
        baseline_threshold=-1.0,
        metrics=(
            MetricLimits(
                metric=METRICS["roc_auc"],
                min=0.8,
                max_regression=Margin(absolute=0.01),
                max_improvement=Margin(absolute=0.2),
            ),
            MetricLimits(
                metric=METRICS["log_loss"],
                max=2.0,
                max_regression=Margin(relative=0.05, absolute=0.1),
                severity=Severity.WARN,
            ),
            MetricLimits(metric=METRICS["f1"], min_improvement=Margin(absolute=0.0)),
            MetricLimits(metric=METRICS["accuracy"]),
            MetricLimits(
                metric=METRICS["f1"].asked_at(
                    Parameters(class_label="01", threshold=TUNED), name="f1_tuned"
                )
            ),
            MetricLimits(
                metric=custom_metric(
                    "costs.py:cost",
                    name="expected.cost",
                    direction=Direction.LOWER_IS_BETTER,
                    needs=Needs.LABELS,
                ),
                max_regression=Margin(absolute=5.0),
            ),
        ),
        slices=SliceLimits(
            by=(("sex",), ("sex", "region")),
            where=("age >= 60",),
            min_rows=30,
            max_regression=Margin(absolute=0.03),
            find=0,
        ),
        fairness=FairnessLimits(
            sensitive=(("sex",), ("sex", "region")),
            limits=(
                MetricLimits(
                    metric=FAIRNESS_METRICS["demographic_parity_ratio"],
                    min=0.8,
                    severity=Severity.WARN,
                ),
                MetricLimits(
                    metric=FAIRNESS_METRICS["equalized_odds_difference"],
                    max=0.1,
                    max_regression=Margin(absolute=0.02),
                ),
                MetricLimits(metric=FAIRNESS_METRICS["equal_opportunity_ratio"]),
            ),
            min_rows=20,
        ),
        flips=FlipLimits(max_negative_rate=0.01, severity=Severity.WARN),
        evidence=Evidence(confidence=0.9, seed=7, unit="2020", decide_by=DecideBy.POINT),
        deploy=DeployPolicy(first_model=Policy.DEPLOY, when_inconclusive=Policy.DEPLOY),
        worker=WorkerSettings(env=("MODEL_HOME",), timeout_seconds=60.0),
    )


def test_a_lone_baseline_source_is_a_list_of_one() -> None:
    settings = parse_settings(document(baseline="baseline: {from: old.joblib}"), path="mlci.yml")
    assert settings.baseline == (PathSource(pattern="old.joblib"),)


@pytest.mark.parametrize("label", ["yes", "1", "01", "1.0", "true", "2024-01-01", "'1'"])
def test_a_label_is_the_text_that_was_written(label: str) -> None:
    data = f"data: {{evaluation: test.csv, target: approved, positive: {label}}}"
    settings = parse_settings(document(data=data), path="mlci.yml")
    assert settings.data.positive == label.strip("'")


def test_every_problem_is_said_at_once_in_the_order_of_the_file() -> None:
    text = """\
data:
  evaluation: data/test.csv
  evaluation: data/other.csv
  targt: approved
candidate: {model: 5}
metrics:
  roc_auc:
    min: 1.2
    max_regresion: 0.01
  rmse: {max_regression: 0.1}
budgets: {latency: 1}
"""
    budgets = (
        "11: budgets: is not judged by this version; remove it:"
        " a rule that is not judged must not look as if it were"
    )
    assert problems(text) == (
        "1: data.target: required, but not given",
        "3: data.evaluation: given twice, first in line 2",
        "4: data.targt: unknown key; did you mean 'target'?",
        "5: candidate.model: expected text, not the number 5; put it in quotes",
        "9: metrics.roc_auc.max_regresion: unknown key; did you mean 'max_regression'?",
        "10: metrics.rmse: is for a regression target, the metrics above for binary",
        "10: metrics.rmse.max_regression: compares with a baseline, but baseline.from is missing",
        budgets,
    )


def test_one_problem_is_the_message() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(document("deply: {}"), path="gates/mlci.yml")
    assert caught.value.message == "gates/mlci.yml:5: deply: unknown key; did you mean 'deploy'?"
    assert caught.value.problems == (caught.value.message,)
    assert caught.value.hint == "run `mlci schema` for the JSON Schema of mlci.yml"


def test_several_problems_are_counted_in_the_message() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(document("deply: {}", "slics: {}"), path="mlci.yml")
    assert caught.value.message == "mlci.yml has 2 problems"


@pytest.mark.parametrize("text", ["", "a: [", "- x"])
def test_what_is_no_document_is_one_problem(text: str) -> None:
    assert len(problems(text)) == 1


def test_an_empty_mapping_lacks_what_is_required() -> None:
    assert problems("{}") == (
        "1: candidate: required, but not given",
        "1: data: required, but not given",
    )


@pytest.mark.parametrize(
    "metrics",
    [
        "metrics: {}",
        "metrics: {roc_auc: }",
        "metrics: {roc_auc: {min: 0.8, severity: warn}}",
    ],
)
def test_a_gate_without_a_required_check_is_a_set_up_error(metrics: str) -> None:
    """An empty gate never opens, so it must not be set up."""
    (said,) = problems(document(metrics=metrics))
    assert said.startswith("1: no check is required, and an empty gate never opens")


def test_another_candidate_and_baseline_take_the_place_of_the_files() -> None:
    settings = parse_settings(
        document(), path="mlci.yml", candidate="new.joblib", baseline="git:main:m.joblib"
    )
    assert settings.candidate == ModelSettings(model="new.joblib")
    assert settings.baseline == (GitSource(ref="main", path="m.joblib"),)


def test_a_baseline_given_outside_the_file_is_a_baseline() -> None:
    text = document(baseline="", metrics="metrics: {f1: {max_regression: 0.01}}")
    settings = parse_settings(text, path="mlci.yml", baseline="old.joblib")
    assert settings.baseline == (PathSource(pattern="old.joblib"),)


def test_no_override_changes_nothing() -> None:
    settings = parse_settings(document(), path="mlci.yml")
    assert with_overrides(settings, candidate=None, baseline=None) == settings


def test_an_override_changes_one_thing() -> None:
    settings = parse_settings(document(), path="mlci.yml")
    assert with_overrides(settings, candidate="b", baseline=None) == replace(
        settings, candidate=ModelSettings(model="b")
    )


@pytest.mark.parametrize("source", ["", "git:base", "mlflow:models:/a@b"])
def test_an_override_that_is_no_source_is_an_error(source: str) -> None:
    settings = parse_settings(document(), path="mlci.yml")
    with pytest.raises(SettingsError, match=r"^baseline: "):
        with_overrides(settings, candidate=None, baseline=source)


def test_another_candidate_keeps_the_threshold() -> None:
    """Its labels are made as those of the file's candidate would be."""
    text = document(
        candidate="candidate: {model: m, threshold: 0.3}", baseline="baseline: {from: b}"
    )
    settings = parse_settings(text, path="mlci.yml", candidate="new.joblib", baseline="old.joblib")
    assert settings.candidate == ModelSettings(model="new.joblib", threshold=0.3)
    assert settings.baseline_threshold is None


def test_an_empty_candidate_is_an_error() -> None:
    settings = parse_settings(document(), path="mlci.yml")
    with pytest.raises(SettingsError, match=r"^candidate is empty"):
        with_overrides(settings, candidate=" ", baseline=None)


_KEYS = ("data", "target", "metrics", "roc_auc", "min", "slices", "by", "where", "from", "columns")
_MORE = ("metric", "class", "k", "direction", "sensitive", "equalized_odds_ratio", "flips", "find")
_WORDS = st.sampled_from((*_KEYS, *_MORE, "a > 1", "`x\ny`", "f1", "a:b", "yes", "", "x\ny"))
_LEAVES = _WORDS | st.none() | st.booleans() | st.floats() | st.integers()
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
)


@given(
    st.dictionaries(st.sampled_from(tuple(SettingsFile.model_json_schema()["properties"])), _VALUES)
)
def test_whatever_the_file_holds_the_answer_is_settings_or_their_problems(
    values: dict[str, object],
) -> None:
    text = yaml.safe_dump({"data": {"evaluation": "t", "target": "y"}} | values)
    try:
        settings = parse_settings(text, path="mlci.yml")
    except SettingsError as error:
        assert all(line.isprintable() for line in error.problems)  # noqa: PT017 - either is right
    else:
        assert settings.data.target


@given(st.text(max_size=80) | st.text(alphabet="ab:,{}[]&*<!|>-?'\"# \n\t1.", max_size=80))
def test_any_text_is_settings_or_a_settings_error(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_settings(text, path="mlci.yml")
