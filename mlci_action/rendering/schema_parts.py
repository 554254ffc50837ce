"""Of which parts is the schema of report.json built? Every text and list in it is bounded."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

MAX_TEXT = 4_000
MAX_ITEMS = 1_000

Schema = dict[str, Any]


def record(properties: dict[str, Schema], *, optional: Collection[str] = ()) -> Schema:
    """An object with these keys, all but `optional` required, and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def free(description: str) -> Schema:
    """An object of any keys."""
    return {"type": "object", "description": description, "maxProperties": MAX_ITEMS}


def by_name(values: Schema, description: str) -> Schema:
    """An object of any keys that all hold the same."""
    return free(description) | {"additionalProperties": values}


def array(items: Schema, max_items: int, description: str = "", *, min_items: int = 0) -> Schema:
    """A list of at most so many items."""
    schema = {"type": "array", "items": items, "minItems": min_items, "maxItems": max_items}
    return schema | ({"description": description} if description else {})


def text(pattern: str = "", description: str = "") -> Schema:
    """A text of bounded length."""
    schema: Schema = {"type": "string", "maxLength": MAX_TEXT}
    if pattern:
        schema["pattern"] = pattern
    return schema | ({"description": description} if description else {})


def count() -> Schema:
    """A whole number from 0 on."""
    return {"type": "integer", "minimum": 0}


def number(description: str = "") -> Schema:
    """A number, or null where there is none."""
    return described(["number", "null"], description)


def numbers(how_many: int, description: str) -> Schema:
    """Exactly so many numbers."""
    return array({"type": "number"}, how_many, description, min_items=how_many)


def value(description: str = "") -> Schema:
    """A number with its interval, and why it has none."""
    fields = {"value": number(), "ci_low": number(), "ci_high": number(), "note": text()}
    return record(fields) | ({"description": description} if description else {})


def one_of(kind: type[StrEnum]) -> Schema:
    """One of the values of `kind`."""
    return {"enum": [member.value for member in kind]}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], None]}
    return schema | {"type": [schema["type"], "null"]}


def described(kind: str | list[str], description: str) -> Schema:
    """A type with what it means."""
    return {"type": kind} | ({"description": description} if description else {})
