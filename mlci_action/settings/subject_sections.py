"""What does mlci.yml say of the data, the two models, and how their code is run?"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from mlci_action.domain.outcomes import Severity
from mlci_action.settings.scalars import (
    Maybe,
    Number,
    Positive,
    Share,
    Sources,
    Text,
    Variable,
    Word,
    complaint,
)
from mlci_action.settings.section import SEVERITY, Section, at_least_one_of


class MissingSection(Section):
    """How many values of a column may be missing."""

    model_config = at_least_one_of("max_share", "columns")

    max_share: Maybe[Share] = Field(
        default=None,
        description="Largest share of missing values in any column, 0 to 1.",
        examples=[0.01],
    )
    columns: dict[str, Share] = Field(
        default={},
        min_length=1,
        description="Columns with a share of their own.",
        examples=[{"income": 0.05}],
    )
    severity: Severity = Field(default=Severity.FAIL, description=SEVERITY)

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.max_share is None and not self.columns:
            raise complaint("limits nothing; give max_share, columns or both")
        return self


class DuplicatesSection(Section):
    """How many rows may repeat an earlier row."""

    max_share: Share = Field(
        description="Largest share of rows that repeat an earlier row, 0 to 1.", examples=[0.01]
    )
    severity: Severity = Field(default=Severity.FAIL, description=SEVERITY)


class ChecksSection(Section):
    """Limits of the data checks; a check that is not named here has no limit."""

    missing: Maybe[MissingSection] = Field(default=None, description="Missing values.")
    duplicates: Maybe[DuplicatesSection] = Field(default=None, description="Repeated rows.")


class DataSection(Section):
    """The rows on which both models are judged."""

    evaluation: Text = Field(
        description="The labelled rows: path or glob; CSV or Parquet, told by the bytes.",
        examples=["data/test.csv"],
    )
    target: Word = Field(description="The column with the truth.", examples=["approved"])
    positive: Maybe[Word] = Field(
        default=None,
        description="The positive class of a binary target, as in the data.",
        examples=["yes"],
    )
    id: Maybe[Word] = Field(
        default=None, description="The column that names a row.", examples=["loan_id"]
    )
    time: Maybe[Word] = Field(
        default=None, description="The column with the row's time.", examples=["issued_at"]
    )
    sample_weight: Maybe[Word] = Field(
        default=None,
        description="The column with how much a row counts: numbers >= 0.",
        examples=["exposure"],
    )
    schema_: Maybe[Text] = Field(
        default=None,
        alias="schema",
        description="A pandera schema: a YAML file or module:Object.",
        examples=["schema.yml", "schemas:Loans"],
    )
    checks: ChecksSection = Field(
        default_factory=ChecksSection, description="Limits of the data checks."
    )

    @model_validator(mode="after")
    def _target_and_weight_are_nothing_else(self) -> Self:
        for one, other in (
            ("target", "id"),
            ("target", "time"),
            ("target", "sample_weight"),
            ("id", "sample_weight"),
            ("time", "sample_weight"),
        ):
            if getattr(self, one) is not None and getattr(self, one) == getattr(self, other):
                raise complaint(f"{one} and {other} are the same column")
        return self


class CandidateSection(Section):
    """The model of this change."""

    model: Text = Field(
        description="The model file, relative to this file.", examples=["models/model.joblib"]
    )
    threshold: Maybe[Number] = Field(
        default=None,
        description="Scores from here on are positive, whatever label the model gives. For two"
        " classes.",
        examples=[0.35],
    )


class BaselineSection(Section):
    """The model to compare with."""

    from_: Sources = Field(
        alias="from",
        description="Where the baseline is; of several sources the first that has one is taken."
        " A path or glob, or git:REF:PATH, where REF `base` is the commit that this change is"
        " measured against.",
        examples=["git:base:models/model.joblib", ["baseline/model.joblib", "git:base:model.pkl"]],
    )
    threshold: Maybe[Number] = Field(
        default=None, description="As the candidate's; the same when not given.", examples=[0.5]
    )


class WorkerSection(Section):
    """How the code under test is run."""

    env: list[Variable] = Field(
        default=[],
        description="Environment variables that it sees besides the usual ones.",
        examples=[["MODEL_HOME"]],
    )
    timeout_seconds: Positive = Field(default=900.0, description="Longest time for one model.")
