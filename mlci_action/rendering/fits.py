"""Does a JSON value fit a JSON Schema? Knows the keywords that ours uses, and says where not.

The comment stage has only a light environment without a schema library; the tests hold this file
against one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


def misfit(value: object, schema: Mapping[str, Any], place: str = "report") -> str | None:
    """Where and why `value` does not fit `schema`, in one line; None when it fits."""
    return next(_misfits(value, schema, place), None)


def _misfits(value: object, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{place} is not {' or '.join(kinds)}"
    if "const" in schema and not _same(value, schema["const"]):
        yield f"{place} is not {schema['const']!r}"
    if "enum" in schema and not any(_same(value, known) for known in schema["enum"]):
        yield f"{place} is none of the known words"
    match value:
        case str():
            yield from _text_misfits(value, schema, place)
        case dict():
            yield from _object_misfits(value, schema, place)
        case list():
            yield from _list_misfits(value, schema, place)
        case int() | float() if not isinstance(value, bool):
            yield from _number_misfits(value, schema, place)
    if "if" in schema and misfit(value, schema["if"]) is None:
        yield from _misfits(value, schema["then"], place)


def _text_misfits(value: str, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    if len(value) > schema.get("maxLength", len(value)):
        yield f"{place} is longer than {schema['maxLength']:,} characters"
    elif "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{place} does not look like {schema['pattern']}"


def _object_misfits(value: dict[str, Any], schema: Mapping[str, Any], place: str) -> Iterator[str]:
    if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
        yield f"{place} has {len(value):,} keys"
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", {})
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{place}.{key} is missing"
    for key, item in value.items():
        if key in known:
            yield from _misfits(item, known[key], f"{place}.{key}")
        elif others is False:
            yield f"{place} has an unknown key"
        else:
            yield from _misfits(item, others, f"{place}, a value")


def _list_misfits(value: list[Any], schema: Mapping[str, Any], place: str) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{place} has {len(value):,} items"
    items = schema.get("items", {})
    for index, item in enumerate(value):
        yield from _misfits(item, items, f"{place}[{index}]")


def _number_misfits(value: float, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    if not (
        value >= schema.get("minimum", value)
        and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
        and ("exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"])
    ):
        yield f"{place} is out of its range"


def _is(value: object, kind: str) -> bool:
    # Python's True is an int; JSON's true is no number.
    return isinstance(value, _KINDS[kind]) and not (
        isinstance(value, bool) and kind in {"integer", "number"}
    )


def _same(value: object, known: object) -> bool:
    return type(value) is type(known) and bool(value == known)
