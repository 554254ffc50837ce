"""Every word that mlci.yml may hold arrives in the settings."""

from __future__ import annotations

from mlci_action.domain.data_limits import (
    CategoryLimits,
    DataChecks,
    DriftLimits,
    DuplicateLimits,
    LabelLimits,
    MissingLimits,
    RangeLimits,
)
from mlci_action.domain.decision import DeployPolicy, Policy
from mlci_action.domain.expressions import parse_where
from mlci_action.domain.integrity import IntegrityRule, RowRule, parse_rule
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
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.values import (
    DataSettings,
    ModelSettings,
    ReadSettings,
    Settings,
    WorkerSettings,
)

_EVERYTHING = """\
data:
  evaluation: data/*.csv
  labels: https://example.org/y.csv
  target: approved
  positive: yes
  id: loan_id
  time: issued_at
  sample_weight: 2021
  columns: [loan_id, issued_at, 2021, 2020, income, sex]
  separator: ;
  encoding: latin-1
  sheet: 2020
  train: data/train.csv
  reference: git:base:data/test.csv
  schema: schema.yml
  integrity:
    - income >= 0
    - {never: sex == 'x' and income > 5, severity: warn, max_share: 0.01, name: 7}
  show_values: true
  checks:
    missing: {max_share: 0.01, columns: {income: 0.05}, max_rise: 0.02, severity: warn}
    duplicates: {max_rise: 0}
    drift: {columns: {income: 0.2}}
    categories: {closed: [sex], severity: warn}
    range: {closed: true, max_z: 4}
    labels: {min_rows: 20, max_conflicts: 0.01}
    spelling: {severity: warn}
    leakage: {severity: fail}
    encoding: off
    constant: false
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


def test_every_word_of_the_file_arrives() -> None:
    assert parse_settings(_EVERYTHING, path="gates/mlci.yml") == Settings(
        path="gates/mlci.yml",
        data=DataSettings(
            evaluation="data/*.csv",
            labels="https://example.org/y.csv",
            target="approved",
            positive="yes",
            id="loan_id",
            time="issued_at",
            sample_weight="2021",
            options=ReadSettings(
                columns=("loan_id", "issued_at", "2021", "2020", "income", "sex"),
                separator=";",
                encoding="latin-1",
                sheet="2020",
            ),
            train="data/train.csv",
            reference="git:base:data/test.csv",
            schema="schema.yml",
            integrity=(
                parse_rule("income >= 0"),
                IntegrityRule(
                    name="7",
                    text="never: sex == 'x' and income > 5",
                    asks=RowRule(condition=parse_where("sex == 'x' and income > 5"), never=True),
                    max_share=0.01,
                    severity=Severity.WARN,
                ),
            ),
            show_values=True,
            checks=DataChecks(
                missing=MissingLimits(
                    max_share=0.01,
                    columns=(("income", 0.05),),
                    max_rise=0.02,
                    severity=Severity.WARN,
                ),
                duplicates=DuplicateLimits(max_rise=0.0),
                drift=DriftLimits(max=0.1, columns=(("income", 0.2),)),
                categories=CategoryLimits(columns=("sex",), severity=Severity.WARN),
                range=RangeLimits(closed=True, max_z=4.0),
                labels=LabelLimits(min_rows=20, max_conflicts=0.01),
                severities={"spelling": Severity.WARN, "leakage": Severity.FAIL},
                off=frozenset({"encoding", "constant"}),
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
