"""From the text of mlci.yml to settings, or to every problem at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.data_limits import (
    DataChecks,
)
from mlci_action.domain.decision import DeployPolicy, Policy
from mlci_action.domain.limits import (
    DecideBy,
    Evidence,
    MetricLimits,
)
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Severity
from mlci_action.domain.sources import GitSource, PathSource
from mlci_action.errors import SettingsError
from mlci_action.settings.parse import parse_settings, with_overrides
from mlci_action.settings.schema import SettingsFile
from mlci_action.settings.values import (
    DataSettings,
    ModelSettings,
    ReadSettings,
    Settings,
    WorkerSettings,
)
from tests.unit.settings.documents import document, problems

_SMALLEST = """\
data: {evaluation: data/test.csv, target: approved}
candidate: {model: models/model.joblib}
metrics: {roc_auc: {min: 0.8}}
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
            labels=None,
            options=ReadSettings(columns=None, separator=None, encoding=None, sheet=None),
            train=None,
            reference=None,
            schema=None,
            integrity=(),
            show_values=False,
            checks=DataChecks(missing=None, duplicates=None, severities={}, off=frozenset()),
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
train: {command: make}
"""
    assert problems(text) == (
        "1: data.target: required, but not given",
        "3: data.evaluation: given twice, first in line 2",
        "4: data.targt: unknown key; did you mean 'target'?",
        "5: candidate.model: expected text, not the number 5; put it in quotes",
        "9: metrics.roc_auc.max_regresion: unknown key; did you mean 'max_regression'?",
        "10: metrics.rmse: is for a regression target, the metrics above for binary",
        "10: metrics.rmse.max_regression: compares with a baseline, but baseline.from is missing",
        "11: train.inputs: required, but not given",
        "11: train.output: required, but not given",
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


@pytest.mark.parametrize("source", ["", "git:base", "mlflow:models:/a"])
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
_DATA = (
    "checks",
    "drift",
    "max",
    "missing",
    "max_share",
    "max_rise",
    "closed",
    "train",
    "off",
    ";",
)
_WORDS = st.sampled_from(
    (*_KEYS, *_MORE, *_DATA, "a > 1", "`x\ny`", "f1", "a:b", "yes", "", "x\ny")
)
_LEAVES = _WORDS | st.none() | st.booleans() | st.floats() | st.integers()
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
)


_SECTIONS = st.sampled_from(tuple(SettingsFile.model_json_schema()["properties"]))
_DATA_KEYS = st.sampled_from(
    tuple(SettingsFile.model_json_schema()["$defs"]["DataSection"]["properties"])
)


@given(st.dictionaries(_SECTIONS, _VALUES), st.dictionaries(_DATA_KEYS, _VALUES, max_size=4))
def test_whatever_the_file_holds_the_answer_is_settings_or_their_problems(
    values: dict[str, object], data: dict[str, object]
) -> None:
    text = yaml.safe_dump({"data": {"evaluation": "t", "target": "y"} | data} | values)
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
