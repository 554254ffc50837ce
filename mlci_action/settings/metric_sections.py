"""What may mlci.yml say of one metric: its limits, and what it is asked at?"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mlci_action.domain.metric import Direction
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.metric_names import MetricNames
from mlci_action.settings.scalars import (
    AboveZero,
    Inside,
    Maybe,
    NotNegative,
    Number,
    Positive,
    Text,
    Threshold,
    TopRows,
    Word,
    as_number,
    complaint,
)
from mlci_action.settings.section import SEVERITY, Section, also_as, at_least_one_of


class ResponseMethod(StrEnum):
    """Which answer of the models a custom metric is given."""

    PREDICT = "predict"
    PREDICT_PROBA = "predict_proba"


class MarginSection(Section):
    """How much a metric may move; when both are given, both hold."""

    model_config = at_least_one_of("absolute", "relative")

    absolute: Maybe[NotNegative] = Field(default=None, description="In the metric's own unit.")
    relative: Maybe[NotNegative] = Field(
        default=None, description="As a share of the baseline's absolute value."
    )

    @model_validator(mode="before")
    @classmethod
    def _number_is_absolute(cls, value: object) -> object:
        return value if isinstance(value, dict) else {"absolute": as_number(value)}

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.absolute is None and self.relative is None:
            raise complaint("limits nothing; give a number, or absolute, relative or both")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return also_as(
            handler.resolve_ref_schema(handler(core_schema)), {"type": "number", "minimum": 0}
        )


class LimitsSection(Section):
    """What must hold for one value over all rows; without any limit it is only reported."""

    min: Maybe[Number] = Field(default=None, description="The candidate's value is at least this.")
    max: Maybe[Number] = Field(default=None, description="The candidate's value is at most this.")
    max_regression: Maybe[MarginSection] = Field(
        default=None,
        description="Quality that may be lost against the baseline, >= 0 for every metric.",
        examples=[0.01, {"relative": 0.05}],
    )
    min_improvement: Maybe[MarginSection] = Field(
        default=None, description="Quality that must be won against the baseline.", examples=[0.005]
    )
    max_improvement: Maybe[MarginSection] = Field(
        default=None, description="An improvement beyond this is suspicious.", examples=[0.1]
    )
    severity: Severity = Field(default=Severity.FAIL, description=SEVERITY)

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_no_limit(cls, value: object) -> object:
        return {} if value is None else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return also_as(handler.resolve_ref_schema(handler(core_schema)), {"type": "null"})


class MetricSection(LimitsSection):
    """One metric: what it is asked at, and what must hold for it over all rows."""

    metric: Maybe[Text] = Field(
        default=None,
        description="What a name of your own stands for: a metric, or module:function.",
        examples=["precision_at_k", "costs.py:expected_cost"],
    )
    class_: Maybe[Word] = Field(
        default=None,
        alias="class",
        description="The class that is set against all others, as in the data.",
        examples=["bird"],
    )
    threshold: Maybe[Threshold] = Field(
        default=None,
        description="Scores from here on are positive. `tuned`: on each half of the rows the best"
        " threshold of the other half.",
        examples=[0.3, "tuned"],
    )
    k: Maybe[TopRows] = Field(
        default=None,
        description="The rows at the top: how many, or a share below 1.",
        examples=[100, 0.05],
    )
    alpha: Maybe[Inside] = Field(
        default=None, description="The quantile of mean_pinball_loss.", examples=[0.9]
    )
    beta: Maybe[Positive] = Field(
        default=None,
        description="Of fbeta: how many times recall weighs as much as precision.",
        examples=[2],
    )
    precision: Maybe[AboveZero] = Field(
        default=None, description="What recall_at_precision keeps.", examples=[0.9]
    )
    direction: Maybe[Direction] = Field(
        default=None, description="Which way a custom metric is better."
    )
    response_method: Maybe[ResponseMethod] = Field(
        default=None,
        description="What a custom metric is given: `predict` (the default) the predicted labels or"
        " numbers, `predict_proba` the probabilities.",
    )


Metrics = Annotated[dict[str, MetricSection], MetricNames()]
