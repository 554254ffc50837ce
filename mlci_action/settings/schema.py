"""Which keys does mlci.yml have, and what does each hold? For the parser and for editors."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mlci_action.settings.budget_sections import BudgetsSection
from mlci_action.settings.data_sections import DataSection
from mlci_action.settings.life_sections import TrainSection, WaiverSection
from mlci_action.settings.metric_sections import Metrics
from mlci_action.settings.robustness_sections import RobustnessSection
from mlci_action.settings.rule_sections import (
    DeploySection,
    EvidenceSection,
    FairnessSection,
    FlipsSection,
    SlicesSection,
)
from mlci_action.settings.scalars import Maybe
from mlci_action.settings.section import Section
from mlci_action.settings.subject_sections import (
    BaselineSection,
    CandidateSection,
    TrustSection,
    WorkerSection,
)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of mlci.yml, for editors and `mlci schema`."""
    schema = SettingsFile.model_json_schema()
    _tidy(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mlci.yml",
        **schema,
    }


class SettingsFile(Section):
    """What the gate judges, and by which limits."""

    data: DataSection = Field(description="The rows on which both models are judged.")
    candidate: CandidateSection = Field(description="The model of this change.")
    baseline: Maybe[BaselineSection] = Field(default=None, description="The model to compare with.")
    metrics: Metrics = Field(
        default={},
        description="Limits by metric, named as scikit-learn's scorers without `neg_`; by"
        " module:function for a metric of your own; or by any name with `metric` under it.",
        examples=[{"roc_auc": {"min": 0.8, "max_regression": 0.01}}],
    )
    slices: Maybe[SlicesSection] = Field(default=None, description="Parts of the rows to look at.")
    fairness: Maybe[FairnessSection] = Field(
        default=None, description="Groups of the rows that the model must not treat too unequally."
    )
    flips: Maybe[FlipsSection] = Field(
        default=None, description="Rows that were right before and are wrong now."
    )
    robustness: Maybe[RobustnessSection] = Field(
        default=None, description="What if the rows were a little different?"
    )
    budgets: Maybe[BudgetsSection] = Field(
        default=None, description="What it may cost to ask the candidate."
    )
    train: Maybe[TrainSection] = Field(
        default=None, description="How a new model is made when its inputs have changed."
    )
    waivers: list[WaiverSection] = Field(
        default=[],
        description="Broken limits that are tolerated for a while. Read from the base branch, where"
        " there is one.",
    )
    evidence: EvidenceSection = Field(
        default_factory=EvidenceSection, description="How a difference is judged."
    )
    deploy: DeploySection = Field(
        default_factory=DeploySection, description="Answers for the open cases."
    )
    worker: WorkerSection = Field(
        default_factory=WorkerSection, description="How the code under test is run."
    )
    trust: TrustSection = Field(
        default_factory=TrustSection,
        description="Whose bytes may run. Read from the base branch, where there is one.",
    )


def _tidy(schema: object) -> None:
    """Remove titles and empty defaults, which say nothing that the key does not."""
    if isinstance(schema, list):
        for item in schema:
            _tidy(item)
    if isinstance(schema, dict):
        if isinstance(schema.get("title"), str):
            del schema["title"]
        if schema.get("default", ...) is None:
            del schema["default"]
        for value in schema.values():
            _tidy(value)
