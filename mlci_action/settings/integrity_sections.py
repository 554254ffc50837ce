"""What does mlci.yml say of rules across columns? A text each, or a mapping around it."""

from __future__ import annotations

from typing import Self

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mlci_action.domain.integrity import IntegrityRule, parse_rule
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.scalars import Maybe, Share, Text, Word, as_text, complaint
from mlci_action.settings.section import SEVERITY, Section, also_as


class IntegritySection(Section):
    """What must hold in every row, or between rows."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["rule"]}, {"required": ["never"]}]}
    )

    rule: Maybe[Text] = Field(
        default=None,
        description="What holds in every row: a condition, also of sums of columns; or `zip ->"
        " state`, where rows of one zip have one state.",
        examples=["start <= end", "casual + registered == count", "zip, city -> state"],
    )
    never: Maybe[Text] = Field(
        default=None,
        description="What holds in no row; or for no two rows, called a and b.",
        examples=["age < 18 and status == 'married'", "a.id == b.id and a.sex != b.sex"],
    )
    max_share: Share = Field(
        default=0.0, description="Largest share of rows that may break it, 0 to 1."
    )
    severity: Severity = Field(default=Severity.FAIL, description=SEVERITY)
    name: Maybe[Word] = Field(
        default=None,
        description="What results call it; its text when not given.",
        examples=["minors"],
    )

    @property
    def written(self) -> dict[str, object]:
        """The keys that are given, as the domain reads them."""
        return self.model_dump(exclude_unset=True)

    @property
    def parsed(self) -> IntegrityRule:
        """The rule that it writes."""
        return parse_rule(self.written)

    @model_validator(mode="before")
    @classmethod
    def _text_is_a_rule(cls, value: object) -> object:
        return value if isinstance(value, dict) else {"rule": as_text(value)}

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if (self.rule is None) == (self.never is None):
            raise complaint("a rule has one of the keys rule and never")
        try:
            parse_rule(self.written)
        except ValueError as error:
            raise complaint(str(error)) from error
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        text = {"type": "string", "pattern": r"\S"}
        return also_as(handler.resolve_ref_schema(handler(core_schema)), text)
