"""The JSON Schema and the parser agree on what mlci.yml may hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import yaml

from mlci_action.domain.data_limits import DEFAULT_CHECKS
from mlci_action.domain.metric import Direction
from mlci_action.domain.metrics import FAIRNESS_METRICS, METRICS, SHORT_FORMS
from mlci_action.errors import SettingsError
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.schema import json_schema
from tests.unit.settings.schema_documents import BAD, GOOD

_SCHEMA = json_schema()


def _schema_accepts(text: str) -> bool:
    return jsonschema.Draft202012Validator(_SCHEMA).is_valid(yaml.safe_load(text))


def _parser_accepts(text: str) -> bool:
    try:
        parse_settings(text, path="mlci.yml")
    except SettingsError:
        return False
    return True


@pytest.mark.parametrize("text", GOOD)
def test_both_accept_what_is_right(text: str) -> None:
    assert (_schema_accepts(text), _parser_accepts(text)) == (True, True)


@pytest.mark.parametrize("text", BAD)
def test_both_refuse_what_is_wrong(text: str) -> None:
    assert (_schema_accepts(text), _parser_accepts(text)) == (False, False)


def test_it_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(_SCHEMA)


def test_every_metric_name_that_is_understood_is_listed() -> None:
    listed = _SCHEMA["properties"]["metrics"]["properties"]
    losses = [m.name for m in METRICS.values() if m.direction is Direction.LOWER_IS_BETTER]
    assert set(listed) == {*METRICS, *SHORT_FORMS, *(f"neg_{name}" for name in losses)}


def test_every_fairness_metric_is_listed() -> None:
    listed = _SCHEMA["$defs"]["FairnessSection"]["properties"]
    assert set(listed) == {"sensitive", "min_rows", *FAIRNESS_METRICS}


def test_no_section_takes_keys_that_it_does_not_name() -> None:
    free = [
        where
        for where, node in _objects(_SCHEMA, "")
        if node.get("additionalProperties") is not False
        # These stand beside a section, and take away from what it names.
        if not where.startswith("properties.metrics.")
    ]
    assert free == [
        "$defs.DriftSection.anyOf.properties.columns",
        "$defs.MissingSection.anyOf.properties.columns",
        "$defs.RobustnessSection.properties.invariant_to.anyOf",
        "$defs.RobustnessSection.properties.monotonic",
        "properties.metrics",
    ]


def test_every_data_check_is_listed() -> None:
    assert tuple(_SCHEMA["$defs"]["ChecksSection"]["properties"]) == DEFAULT_CHECKS


def test_every_key_has_a_description() -> None:
    silent = [
        f"{where}.{key}"
        for where, node in _objects(_SCHEMA, "")
        if not where.startswith("properties.metrics")
        for key, value in node.get("properties", {}).items()
        if not (value.get("description") or "$ref" in value)
    ]
    silent += [name for name, node in _SCHEMA["$defs"].items() if not node.get("description")]
    assert silent == []


def test_each_call_gives_a_schema_of_its_own() -> None:
    json_schema()["$defs"].clear()
    assert json_schema() == _SCHEMA


def _objects(node: object, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of a mapping inside `node`, with its place."""
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield where, node
        for key, value in node.items():
            yield from _objects(value, f"{where}.{key}".removeprefix("."))
    if isinstance(node, list):
        for value in node:
            yield from _objects(value, where)
