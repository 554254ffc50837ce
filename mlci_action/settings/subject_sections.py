"""What does mlci.yml say of the two models, and of how their code is run?"""

from __future__ import annotations

from pydantic import Field

from mlci_action.settings.scalars import (
    Maybe,
    Number,
    Positive,
    Sources,
    Text,
    Variable,
)
from mlci_action.settings.section import Section


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
