"""Does the document have the shape of mlci.yml? Every misfit as a problem, in the file's words."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mlci_action.domain.names import did_you_mean, nearest
from mlci_action.settings.document import Document
from mlci_action.settings.problems import NO_VALUE, KeyPath, Problem, quoted
from mlci_action.settings.schema import SettingsFile, json_schema


def read_shape(
    values: Mapping[str, Any], document: Document
) -> tuple[SettingsFile | None, tuple[Problem, ...]]:
    """The typed file, or None and all that does not fit. Lines come from `document`."""
    try:
        return SettingsFile.model_validate(values), ()
    except ValidationError as error:
        return None, tuple(_problem(detail, document) for detail in error.errors())


def _problem(detail: ErrorDetails, document: Document) -> Problem:
    # pydantic marks a bad key of a mapping by a last part "[key]".
    where = tuple(part for part in detail["loc"] if part != "[key]")
    if detail["type"] == "missing":
        return document.problem(where, "required, but not given")
    # The last part may be ours: a lone number stands for {absolute: ...}.
    return document.problem(document.known(where), _text(detail, where))


def _text(detail: ErrorDetails, where: KeyPath) -> str:
    """What is wrong, in our words; pydantic's own for what we have no words for."""
    given, context, text = detail["input"], detail.get("ctx", {}), detail["msg"]
    match detail["type"]:
        case "model_type" | "dict_type" | "list_type" if given is None:
            text = NO_VALUE
        case "value_error":
            text = str(context["error"])
        case "extra_forbidden":
            text = f"unknown key; {did_you_mean(str(where[-1]), _keys_at(where[:-1]))}"
        case "enum":
            text = f"expected {context['expected']}, not {quoted(given)}"
            near = nearest(str(given), re.findall(r"'([^']*)'", context["expected"]))
            text += f"; did you mean {near!r}?" if near else ""
        case "model_type" | "dict_type":
            keys = ", ".join(sorted(_keys_at(where)))
            text = f"expected a mapping{f' with the keys {keys}' if keys else ''}"
        case "list_type":
            text = "expected a list, for example [a, b]"
        case "string_pattern_mismatch" | "too_short":
            text = "is empty"
        case _ if limit := _limit(context):
            text = f"must be {limit}, not {given:g}"
    return text


def _limit(context: Mapping[str, Any]) -> str:
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
    return " and ".join(f"{sign} {context[key]:g}" for key, sign in signs.items() if key in context)


def _keys_at(where: KeyPath) -> list[str]:
    """The valid keys of the mapping at `where`, empty when it takes any."""
    node, definitions = _schema(), _schema()["$defs"]
    refused: list[str] = []
    for part in map(str, where):
        refused = _refused(node, part)
        others = node.get("additionalProperties") or node.get("items") or {}
        node = dict(_properties(node, definitions)).get(part, others)
    return [key for key, _ in _properties(node, definitions) if key not in refused]


@functools.cache
def _schema() -> dict[str, Any]:
    return json_schema()


def _refused(node: Mapping[str, Any], part: str) -> list[str]:
    """The keys that go with other metrics than the one called `part`."""
    for pattern, rules in node.get("patternProperties", {}).items():
        if re.search(pattern, part):
            return list(rules["propertyNames"]["not"]["enum"])
    return []


def _properties(
    node: Mapping[str, Any], definitions: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """The keys of `node`, behind its reference and in each of its alternatives."""
    if "$ref" in node:
        node = definitions[node["$ref"].rpartition("/")[2]]
    yield from node.get("properties", {}).items()
    # pydantic before 2.9 wraps a reference that has a description of its own in allOf.
    for option in (*node.get("anyOf", ()), *node.get("allOf", ())):
        yield from _properties(option, definitions)
