"""What does mlci.yml say of how models come about, and of limits that are waived for a while?"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self, TypeAlias

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mlci_action.domain.fingerprint import Part
from mlci_action.settings.problems import quoted
from mlci_action.settings.scalars import (
    Maybe,
    NotNegative,
    Number,
    Positive,
    Share,
    Text,
    Variable,
    Word,
    as_text,
    complaint,
)
from mlci_action.settings.section import Section, also_as, at_least_one_of


def _as_day(value: object) -> date:
    text = value.isoformat() if isinstance(value, date) else as_text(value)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise complaint(f"expected a day as YYYY-MM-DD, not {quoted(text)}") from None


Day: TypeAlias = Annotated[
    date, BeforeValidator(_as_day), WithJsonSchema({"type": "string", "format": "date"})
]


class WaiverSection(Section):
    """A broken limit that is tolerated, up to a ceiling and until a day."""

    check: Text = Field(
        description="The id of the check, as reports have it.",
        examples=["metric.roc_auc.max_regression"],
    )
    ceiling: Number = Field(
        description="How far it is tolerated, in the unit of the check's own limit.",
        examples=[0.03],
    )
    reason: Text = Field(description="Why.", examples=["the new region has few rows so far"])
    expires: Day = Field(description="The last day that it counts.", examples=["2027-03-31"])
    issue: Maybe[Text] = Field(default=None, description="Where it is discussed.")
    author: Maybe[Text] = Field(default=None, description="Who answers for it.")
    column: Maybe[Word] = Field(default=None, description="Only the answer for this column.")
    slice: Maybe[Text] = Field(
        default=None,
        description="Only the answer for this slice, as reports name it.",
        examples=["sex = female"],
    )


_PART = " of the training: globs, relative to this file."


class InputsSection(Section):
    """Files that a training reads: whose names tell what they are, or by what they are."""

    model_config = at_least_one_of("files", *(part.value for part in Part))

    files: list[Text] = Field(
        default=[], min_length=1, description="Files whose names tell what they are" + _PART
    )
    data: list[Text] = Field(default=[], min_length=1, description="The rows" + _PART)
    code: list[Text] = Field(default=[], min_length=1, description="The programs" + _PART)
    parameters: list[Text] = Field(default=[], min_length=1, description="The settings" + _PART)
    dependencies: list[Text] = Field(
        default=[], min_length=1, description="The locks and requirements" + _PART
    )

    @model_validator(mode="before")
    @classmethod
    def _list_is_files(cls, value: object) -> object:
        return {"files": value} if isinstance(value, list) else value

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if not self.model_fields_set:
            raise complaint("names no file; without inputs nobody knows what has changed")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler.resolve_ref_schema(handler(core_schema))
        return also_as(schema, schema["properties"]["files"] | {"type": "array"})


class MaterialSection(Section):
    """How much of the data must have changed before it is worth training again."""

    model_config = at_least_one_of("rows", "drift")

    rows: Maybe[Share] = Field(
        default=None,
        description="The share of the rows of data.train that are new or gone, 0 to 1.",
        examples=[0.01],
    )
    drift: Maybe[Share] = Field(
        default=None,
        description="The share of rows that moved in any column, as the drift check has it.",
        examples=[0.05],
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if not self.model_fields_set:
            raise complaint("says nothing; give rows, drift or both")
        return self


class TrainSection(Section):
    """How a new model is made when its inputs have changed."""

    command: Text = Field(
        description="Run in your environment, in the folder of this file. {seed} stands for the"
        " seed; the variable MLCI_SEED holds it too.",
        examples=["python train.py"],
    )
    inputs: InputsSection = Field(
        description="What it reads: globs, relative to this file, whose names tell data from code,"
        " parameters and dependencies; or globs under these four words.",
        examples=[["data/train.csv", "src/**/*.py", "params.yaml", "requirements.txt"]],
    )
    output: Text = Field(
        description="The model file that it writes.", examples=["models/model.joblib"]
    )
    material: Maybe[MaterialSection] = Field(
        default=None,
        description="When only data changed, train from here on; any change when not given.",
    )
    env: list[Variable] = Field(
        default=[], description="Environment variables that it sees besides the usual ones."
    )
    timeout_seconds: Positive = Field(default=3600.0, description="Longest time for one training.")
    explain_seconds: NotNegative = Field(
        default=0.0,
        description="Longest time for training in-between models, which tell why a metric moved"
        " when several parts of the inputs changed. 0: none.",
    )
