"""What does mlci.yml say of the two models, and of how their code is run?"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.trust import PickleTrust
from mlci_action.settings.scalars import (
    Maybe,
    Number,
    Place,
    Positive,
    Sources,
    Text,
    Variable,
    Word,
    complaint,
)
from mlci_action.settings.section import Section, at_least_one_of

_LOAD = (
    "module:function or file.py:function, run in your Python: gets the path of the model file, and"
    " gives an object that predicts."
)
_FEATURES = (
    "module:function or file.py:function, run in your Python: gets the rows as a DataFrame without"
    " the target, and gives what the model takes."
)
_PREDICT = (
    "A command that predicts, instead of loading the model: {model} stands for its file, {input}"
    " for a CSV of the rows without the target, {output} for the file of predictions it writes."
)
_COLUMNS = "The columns that the model gets, in its order."
_CLASSES = "The labels that the model's codes 0, 1, 2, ... stand for, in that order."
_SAME = " The candidate's when not given; null for none."


class CandidateSection(Section):
    """The model of this change."""

    model_config = at_least_one_of("model", "predictions")

    model: Maybe[Text] = Field(
        default=None,
        description="The model file, relative to this file.",
        examples=["models/model.joblib"],
    )
    predictions: Maybe[Text] = Field(
        default=None,
        description="Instead of a model, what it said of every row: CSV, Parquet or NPY.",
        examples=["out/predictions.csv"],
    )
    threshold: Maybe[Number] = Field(
        default=None,
        description="Scores from here on are positive, whatever label the model gives. For two"
        " classes.",
        examples=[0.35],
    )
    load: Maybe[Place] = Field(default=None, description=_LOAD, examples=["models.py:load"])
    features: Maybe[Place] = Field(
        default=None, description=_FEATURES, examples=["features.py:prepare"]
    )
    predict: Maybe[Text] = Field(
        default=None, description=_PREDICT, examples=["./score.sh {model} {input} {output}"]
    )
    columns: Maybe[list[Word]] = Field(
        default=None, min_length=1, description=_COLUMNS, examples=[["income", "age"]]
    )
    classes: Maybe[list[Word]] = Field(
        default=None, min_length=2, description=_CLASSES, examples=[["no", "yes"]]
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.model is None) == (self.predictions is None):
            raise complaint("give either model or predictions")
        if self.predictions is not None and (self.load or self.features or self.predict):
            raise complaint("predictions are read, not asked: remove load, features and predict")
        if self.predict is not None and (self.load or self.features or self.columns):
            raise complaint("predict is a command that does all: remove load, features, columns")
        return self


class BaselineSection(Section):
    """The model to compare with."""

    from_: Sources = Field(
        alias="from",
        description="Where the baseline is; of several sources the first that has one is taken."
        " A path or glob; git:REF:PATH, where REF `base` is the commit that this change is measured"
        " against; artifact:NAME; release:TAG:ASSET; mlflow:models:/NAME@ALIAS; dvc:PATH; or an"
        " address (https, s3, gs, az).",
        examples=["git:base:models/model.joblib", ["baseline/model.joblib", "git:base:model.pkl"]],
    )
    max_age_days: Maybe[Positive] = Field(
        default=None,
        description="Warn of a baseline that is older, where its age is known.",
        examples=[90],
    )
    threshold: Maybe[Number] = Field(
        default=None, description="As the candidate's; the same when not given.", examples=[0.5]
    )
    load: Place | None = Field(default=None, description=_LOAD + _SAME)
    features: Place | None = Field(default=None, description=_FEATURES + _SAME)
    predict: Text | None = Field(default=None, description=_PREDICT + _SAME)
    columns: list[Word] | None = Field(default=None, min_length=1, description=_COLUMNS + _SAME)
    classes: list[Word] | None = Field(default=None, min_length=2, description=_CLASSES + _SAME)
    requirements: Maybe[Text] = Field(
        default=None,
        description="The requirements of the baseline, a file or git:REF:PATH. Where it does not"
        " load or predict beside the candidate, an environment is made of them.",
        examples=["git:base:requirements.txt"],
    )
    python: Maybe[Text] = Field(
        default=None,
        description="The Python of that environment, a version or an interpreter; the"
        " candidate's when not given.",
        examples=["3.11"],
    )


class WorkerSection(Section):
    """How the code under test is run."""

    env: list[Variable] = Field(
        default=[],
        description="Environment variables that it sees besides the usual ones.",
        examples=[["MODEL_HOME"]],
    )
    timeout_seconds: Positive = Field(default=900.0, description="Longest time for one model.")
    memory_mb: Maybe[Positive] = Field(
        default=None, description="Most memory of one model; what is free when not given."
    )
    network: bool = Field(
        default=False, description="Whether it may use the network, where that can be kept from it."
    )


class TrustSection(Section):
    """Whose bytes may run. Read from the base branch, where there is one."""

    formats: Maybe[list[ModelFormat]] = Field(
        default=None,
        min_length=1,
        description="The formats that may be loaded; all when not given.",
        examples=[["skops", "onnx"]],
    )
    skops_types: list[Text] = Field(
        default=[],
        description="Types that skops may load besides those it trusts itself.",
        examples=[["features.Ratio"]],
    )
    pickle: PickleTrust = Field(
        default=PickleTrust.SAME_REPOSITORY,
        description="When code that comes with the change may run: pickles and modules that the"
        " settings name. `same-repository`: not for a fork.",
    )
