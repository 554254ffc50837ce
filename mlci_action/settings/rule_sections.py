"""What does mlci.yml say of the limits, of how they are judged, and of what then happens?"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mlci_action.domain.decision import Policy
from mlci_action.domain.limits import DecideBy
from mlci_action.domain.metric import Direction
from mlci_action.domain.metrics import METRICS, SHORT_FORMS, find_metric
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.scalars import (
    Columns,
    Confidence,
    Count,
    Maybe,
    NotNegative,
    Number,
    Seed,
    Where,
    Word,
    as_number,
    complaint,
)
from mlci_action.settings.section import SEVERITY, Section, also_as, at_least_one_of


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


class MetricSection(Section):
    """What must hold for one metric over all rows; without any limit it is only reported."""

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


class SlicesSection(Section):
    """Parts of the rows that are looked at one by one."""

    model_config = at_least_one_of("by", "where")

    by: list[Columns] = Field(
        default=[],
        min_length=1,
        description="Columns with one slice per value; a list of columns is crossed.",
        examples=[["sex", ["sex", "region"]]],
    )
    where: list[Where] = Field(
        default=[],
        min_length=1,
        description="Conditions, each a slice: comparisons, in, is null, and, or, not;"
        " other column names in backticks.",
        examples=[["age >= 60", "region in ['north', 'south'] and `net income` < 1000"]],
    )
    min_rows: Count = Field(default=50, description="Smaller slices are shown, never judged.")
    max_regression: Maybe[MarginSection] = Field(
        default=None, description="How much every metric may lose in each slice.", examples=[0.03]
    )
    severity: Severity = Field(default=Severity.FAIL, description=SEVERITY)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if not self.by and not self.where:
            raise complaint("names no slice; give by, where or both")
        crosses = [frozenset(columns) for columns in self.by]
        if ["where"] in [list(columns) for columns in self.by]:
            raise complaint("by names a column 'where', which reports keep for conditions")
        for columns, cross in zip(self.by, crosses, strict=True):
            if len(cross) != len(columns) or crosses.count(cross) > 1:
                raise complaint(f"by names {' and '.join(map(repr, columns))} twice")
        for where in self.where:
            if self.where.count(where) > 1:
                raise complaint(f"where has {where!r} twice")
        return self


class EvidenceSection(Section):
    """How a difference between the two models is judged."""

    model_config = ConfigDict(json_schema_extra={"not": {"required": ["unit", "time"]}})

    confidence: Confidence = Field(default=0.95, description="Of the two-sided interval.")
    seed: Seed = Field(default=0, description="Of every random draw.")
    unit: Maybe[Word] = Field(
        default=None,
        description="The column that names what rows belong to, when rows of one unit depend on"
        " each other.",
        examples=["customer_id"],
    )
    time: Maybe[Word] = Field(
        default=None,
        description="The column with the row's time, when neighbouring rows depend on each other.",
        examples=["issued_at"],
    )
    decide_by: DecideBy = Field(
        default=DecideBy.INTERVAL,
        description="`interval`: the whole interval lies inside the margin. `point`: the bare"
        " difference does, which unchanged code often misses.",
    )

    @model_validator(mode="after")
    def _one_dependence(self) -> Self:
        if self.unit is not None and self.time is not None:
            raise complaint("unit and time cannot both be given; keep the stronger dependence")
        return self


class DeploySection(Section):
    """What happens in the cases that the rules leave open."""

    first_model: Policy = Field(
        default=Policy.HOLD, description="There is no baseline in any source."
    )
    when_unchanged: Policy = Field(
        default=Policy.HOLD, description="The candidate's bytes equal the baseline's."
    )
    when_inconclusive: Policy = Field(
        default=Policy.HOLD,
        description="Nothing failed, and every unsettled difference lies inside its margin.",
    )


def _metric_name(name: str) -> str:
    find_metric(name)
    return name


class _MetricNames:
    """Lists the metrics in the JSON Schema, so that editors complete them."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        section = handler(core_schema)["additionalProperties"]
        negated = [
            f"neg_{m.name}" for m in METRICS.values() if m.direction is Direction.LOWER_IS_BETTER
        ]
        names = [*METRICS, *SHORT_FORMS, *negated]
        return {
            "type": "object",
            "properties": dict.fromkeys(names, section),
            "additionalProperties": False,
        }


Metrics = Annotated[
    dict[Annotated[str, AfterValidator(_metric_name)], MetricSection], _MetricNames()
]
