"""What does mlci.yml say of the data checks? A section for each, or the word `off`."""

from __future__ import annotations

from typing import Self

from pydantic import (
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mlci_action.domain.data_limits import MAX_DRIFT
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.data_scalars import Closed, OnlyTrue, means_off, means_true
from mlci_action.settings.scalars import Count, Maybe, Positive, Share, complaint
from mlci_action.settings.section import SEVERITY, Section, also_as

OFF = "off"


class CheckSection(Section):
    """How a check is to be taken, or `off`."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    severity: Severity = Field(default=Severity.FAIL, description=SEVERITY)

    @property
    def off(self) -> bool:
        """Whether the check is not to run: only the word `off` leaves every key out."""
        return not self.model_fields_set

    @model_validator(mode="wrap")
    @classmethod
    def _or_off(cls, written: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        keys = ", ".join(sorted(cls.model_fields))
        if means_off(written):
            return cls.model_construct()
        if means_true(written):
            text = "runs without being asked for; remove it, or require it by `severity: fail`"
            raise complaint(text)
        if not isinstance(written, dict):
            raise complaint(f"expected {OFF!r}, or a mapping with the keys {keys}")
        if not written:
            raise complaint(f"says nothing; give it one of the keys {keys}, or remove it")
        return handler(written)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        # YAML 1.1, which many editors read, takes the word for false.
        return also_as(handler.resolve_ref_schema(handler(core_schema)), {"enum": [OFF, False]})


class MissingSection(CheckSection):
    """How many values of a column may be missing, or `off`."""

    max_share: Maybe[Share] = Field(
        default=None,
        description="Largest share of missing values in any column, 0 to 1.",
        examples=[0.01],
    )
    columns: dict[str, Share] = Field(
        default={},
        min_length=1,
        description="Columns with a share of their own; 1 exempts one.",
        examples=[{"income": 0.05}],
    )
    max_rise: Maybe[Share] = Field(
        default=None,
        description="How much the share of any column may rise above the reference's, 0 to 1.",
        examples=[0.02],
    )


class DuplicatesSection(CheckSection):
    """How many rows may repeat an earlier row, or `off`."""

    max_share: Maybe[Share] = Field(
        default=None,
        description="Largest share of rows that repeat an earlier row, 0 to 1.",
        examples=[0.01],
    )
    max_rise: Maybe[Share] = Field(
        default=None,
        description="How much that share may rise above the reference's, 0 to 1.",
        examples=[0.01],
    )


class DriftSection(CheckSection):
    """How many rows of a column may have moved since the reference, or `off`."""

    max: Share = Field(
        default=MAX_DRIFT, description="Largest share of rows that moved, in any column, 0 to 1."
    )
    columns: dict[str, Share] = Field(
        default={},
        min_length=1,
        description="Columns with a share of their own; 1 exempts one.",
        examples=[{"age": 0.2}],
    )


class CategoriesSection(CheckSection):
    """Whether categories may come that the reference lacks, or `off`."""

    closed: Maybe[Closed] = Field(
        default=None,
        description="The columns that take no category which the reference lacks; true: all.",
        examples=[True, ["sex", "region"]],
    )


class RangeSection(CheckSection):
    """How far a number may lie from the reference's, or `off`."""

    closed: Maybe[OnlyTrue] = Field(
        default=None,
        description="No number lies beyond the reference's smallest and largest.",
        examples=[True],
    )
    max_z: Maybe[Positive] = Field(
        default=None,
        description="Largest distance from the reference's mean, in its standard deviations.",
        examples=[6],
    )


class LabelsSection(CheckSection):
    """What must hold for the target, or `off`."""

    min_rows: Maybe[Count] = Field(
        default=None,
        description="Fewest rows of each class, also of the reference's.",
        examples=[20],
    )
    max_conflicts: Maybe[Share] = Field(
        default=None,
        description="Largest share of rows with another label than most rows of the same features,"
        " 0 to 1.",
        examples=[0.01],
    )


class ChecksSection(Section):
    """How the data checks are to be taken; one that is not named here runs with its defaults."""

    columns: Maybe[CheckSection] = Field(
        default=None, description="Columns that came, went or changed places."
    )
    dtype: Maybe[CheckSection] = Field(default=None, description="Numbers that turned into text.")
    missing: Maybe[MissingSection] = Field(default=None, description="Missing values.")
    disguised: Maybe[CheckSection] = Field(
        default=None, description="Missing values written as a word or a number."
    )
    outliers: Maybe[CheckSection] = Field(
        default=None, description="Numbers far beyond all that were there."
    )
    range: Maybe[RangeSection] = Field(
        default=None, description="Numbers beyond the reference's smallest and largest."
    )
    sign: Maybe[CheckSection] = Field(default=None, description="Negative where nothing was.")
    categories: Maybe[CategoriesSection] = Field(default=None, description="New categories.")
    spelling: Maybe[CheckSection] = Field(
        default=None, description="New categories that are a known one, spelled otherwise."
    )
    encoding: Maybe[CheckSection] = Field(
        default=None, description="Text that was read in another encoding than it was written in."
    )
    format: Maybe[CheckSection] = Field(
        default=None, description="Dates and codes of another form."
    )
    dates: Maybe[CheckSection] = Field(
        default=None, description="Days that do not exist or lie far outside."
    )
    spike: Maybe[CheckSection] = Field(
        default=None, description="One value that became much more frequent."
    )
    constant: Maybe[CheckSection] = Field(
        default=None, description="Columns, or stretches of rows, that hold one value."
    )
    correlation: Maybe[CheckSection] = Field(
        default=None, description="Columns that no longer go together as they did."
    )
    drift: Maybe[DriftSection] = Field(default=None, description="Distributions that moved.")
    duplicates: Maybe[DuplicatesSection] = Field(default=None, description="Repeated rows.")
    ids: Maybe[CheckSection] = Field(default=None, description="Names of rows that come twice.")
    labels: Maybe[LabelsSection] = Field(
        default=None, description="Rare classes, and equal rows with different labels."
    )
    leakage: Maybe[CheckSection] = Field(
        default=None, description="Columns that give the target away."
    )
