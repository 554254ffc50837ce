"""Which keys does mlci.yml have, and what does each hold? For the parser and for editors."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mlci_action.domain.decision import Policy
from mlci_action.domain.limits import DecideBy
from mlci_action.domain.metrics import METRICS, SHORT_FORMS, Direction, find_metric
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.scalars import (
    Columns,
    Confidence,
    Count,
    Maybe,
    NotNegative,
    Number,
    Positive,
    Seed,
    Share,
    Sources,
    Text,
    Variable,
    Where,
    Word,
    as_number,
    complaint,
)

_SEVERITY = "`fail`: required. `warn`: shown, never counted."


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of mlci.yml, for editors and `mlci schema`."""
    schema = SettingsFile.model_json_schema()
    _tidy(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mlci.yml",
        **schema,
    }


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _any_of(*keys: str) -> ConfigDict:
    """At least one of `keys`, for the JSON Schema; a validator says it to the parser."""
    return ConfigDict(json_schema_extra={"anyOf": [{"required": [key]} for key in keys]})


class MissingSection(_Section):
    """How many values of a column may be missing."""

    model_config = _any_of("max_share", "columns")

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
    severity: Severity = Field(default=Severity.FAIL, description=_SEVERITY)

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.max_share is None and not self.columns:
            raise complaint("limits nothing; give max_share, columns or both")
        return self


class DuplicatesSection(_Section):
    """How many rows may repeat an earlier row."""

    max_share: Share = Field(
        description="Largest share of rows that repeat an earlier row, 0 to 1.", examples=[0.01]
    )
    severity: Severity = Field(default=Severity.FAIL, description=_SEVERITY)


class ChecksSection(_Section):
    """Limits of the data checks; a check that is not named here has no limit."""

    missing: Maybe[MissingSection] = Field(default=None, description="Missing values.")
    duplicates: Maybe[DuplicatesSection] = Field(default=None, description="Repeated rows.")


class DataSection(_Section):
    """The rows on which both models are judged."""

    evaluation: Text = Field(
        description="The labelled rows: path, glob or URL; csv, parquet and others.",
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
    def _target_is_nothing_else(self) -> Self:
        for role in ("id", "time"):
            if getattr(self, role) == self.target:
                raise complaint(f"target and {role} are the same column")
        return self


class CandidateSection(_Section):
    """The model of this change."""

    model: Text = Field(
        description="The model file, relative to this file.", examples=["models/model.joblib"]
    )


class BaselineSection(_Section):
    """The model to compare with."""

    from_: Sources = Field(
        alias="from",
        description="Where the baseline is; of several sources the first that has one is taken."
        " A path or glob, or git:REF:PATH, where REF `base` is the commit that this change is"
        " measured against.",
        examples=["git:base:models/model.joblib", ["baseline/model.joblib", "git:base:model.pkl"]],
    )


class MarginSection(_Section):
    """How much a metric may move; when both are given, both hold."""

    model_config = _any_of("absolute", "relative")

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
        return _also(
            handler.resolve_ref_schema(handler(core_schema)), {"type": "number", "minimum": 0}
        )


class MetricSection(_Section):
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
    severity: Severity = Field(default=Severity.FAIL, description=_SEVERITY)

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_no_limit(cls, value: object) -> object:
        return {} if value is None else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _also(handler.resolve_ref_schema(handler(core_schema)), {"type": "null"})


class SlicesSection(_Section):
    """Parts of the rows that are looked at one by one."""

    model_config = _any_of("by", "where")

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
    severity: Severity = Field(default=Severity.FAIL, description=_SEVERITY)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if not self.by and not self.where:
            raise complaint("names no slice; give by, where or both")
        crosses = [frozenset(columns) for columns in self.by]
        for columns, cross in zip(self.by, crosses, strict=True):
            if len(cross) != len(columns) or crosses.count(cross) > 1:
                raise complaint(f"by names {' and '.join(map(repr, columns))} twice")
        for where in self.where:
            if self.where.count(where) > 1:
                raise complaint(f"where has {where!r} twice")
        return self


class EvidenceSection(_Section):
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


class DeploySection(_Section):
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


class WorkerSection(_Section):
    """How the code under test is run."""

    env: list[Variable] = Field(
        default=[],
        description="Environment variables that it sees besides the usual ones.",
        examples=[["MODEL_HOME"]],
    )
    timeout_seconds: Positive = Field(default=900.0, description="Longest time for one model.")


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


class SettingsFile(_Section):
    """What the gate judges, and by which limits."""

    data: DataSection = Field(description="The rows on which both models are judged.")
    candidate: CandidateSection = Field(description="The model of this change.")
    baseline: Maybe[BaselineSection] = Field(default=None, description="The model to compare with.")
    metrics: Metrics = Field(
        default={},
        description="Limits by metric, named as scikit-learn's scorers without `neg_`.",
        examples=[{"roc_auc": {"min": 0.8, "max_regression": 0.01}}],
    )
    slices: Maybe[SlicesSection] = Field(default=None, description="Parts of the rows to look at.")
    evidence: EvidenceSection = Field(
        default_factory=EvidenceSection, description="How a difference is judged."
    )
    deploy: DeploySection = Field(
        default_factory=DeploySection, description="Answers for the open cases."
    )
    worker: WorkerSection = Field(
        default_factory=WorkerSection, description="How the code under test is run."
    )


def _also(body: JsonSchemaValue, short: dict[str, Any]) -> JsonSchemaValue:
    """Turn the definition `body`, in place, into `short` or what it was."""
    whole = dict(body)
    body.clear()
    body.update({"description": whole.pop("description"), "anyOf": [short, whole]})
    return body


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
