"""What do all sections of mlci.yml share? No unknown keys, and the ways to describe a key twice."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import JsonSchemaValue

SEVERITY = "`fail`: required. `warn`: shown, never counted."


class Section(BaseModel):
    """A mapping of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def at_least_one_of(*keys: str) -> ConfigDict:
    """At least one of `keys`, for the JSON Schema; a validator says it to the parser."""
    return ConfigDict(json_schema_extra={"anyOf": [{"required": [key]} for key in keys]})


def also_as(body: JsonSchemaValue, short: dict[str, Any]) -> JsonSchemaValue:
    """Turn the definition `body` of a JSON Schema, in place, into `short` or what it was."""
    whole = dict(body)
    body.clear()
    body.update({"description": whole.pop("description"), "anyOf": [short, whole]})
    return body
