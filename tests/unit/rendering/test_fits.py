from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mlci_action.rendering.fits import misfit
from mlci_action.rendering.report_json import to_json
from mlci_action.rendering.schema import report_schema
from tests.sample_reports import failing, unfair

_SCHEMA = report_schema()
_VALIDATOR = Draft202012Validator(_SCHEMA)
_DOCUMENTS = tuple(to_json(made()) for made in (failing, unfair))
_PLACES = st.lists(st.integers(0, 40), min_size=1, max_size=6)
# 1.0 is an integer to a schema and not to us: counts are written without a point.
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.floats(-1, 2, exclude_min=True, exclude_max=True).filter(lambda x: not x.is_integer()),
    st.sampled_from(["", "pass", "fail", "data.x", "binary", "passed", "x" * 4_001]),
    st.sampled_from([[], [1], {}, {"sex": "female"}, {"where": 1}]),
)


@given(st.sampled_from(_DOCUMENTS), _PLACES, _VALUES, st.sampled_from(["replace", "remove", "add"]))
def test_it_agrees_with_a_schema_library(
    text: str, places: list[int], value: object, change: str
) -> None:
    """Whatever is changed wherever in a report, both say the same."""
    document = json.loads(text)
    inside: Any = document
    for place in places[:-1]:
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        deeper = inside[keys[place % len(keys)]] if keys else None
        if not isinstance(deeper, dict | list) or not deeper:
            break
        inside = deeper
    keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
    key = keys[places[-1] % len(keys)]
    if change == "replace":
        inside[key] = value
    elif change == "remove":
        del inside[key]
    elif isinstance(inside, dict):
        inside["another"] = value
    assert (misfit(document, _SCHEMA) is None) == _VALIDATOR.is_valid(document)


def test_every_keyword_of_the_schema_is_one_that_it_knows() -> None:
    """A keyword that it ignored would guard nothing."""
    known = {
        "$schema", "title", "description", "type", "const", "enum", "properties", "required",
        "additionalProperties", "minProperties", "maxProperties", "items", "minItems", "maxItems",
        "maxLength", "pattern", "minimum", "exclusiveMinimum", "exclusiveMaximum", "if", "then",
    }  # fmt: skip
    assert _keywords(_SCHEMA) == known


def _keywords(schema: object) -> set[str]:
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for key, value in schema.items():
        if key == "properties":
            found |= set().union(*map(_keywords, value.values()))
        elif key != "const":
            found |= _keywords(value)
    return found


@pytest.mark.parametrize(
    ("value", "schema", "why"),
    [
        ({"a": 1}, {"type": "array"}, "report is not array"),
        ([1, "x"], {"items": {"type": "integer"}}, "report[1] is not integer"),
        ({}, {"required": ["n"]}, "report.n is missing"),
        ("abc", {"maxLength": 2}, "report is longer than 2 characters"),
        ("fine", {"enum": ["pass"]}, "report is none of the known words"),
        (True, {"type": ["integer", "null"]}, "report is not integer or null"),
    ],
)
def test_a_misfit_names_its_place_and_never_the_value(
    value: object, schema: dict[str, Any], why: str
) -> None:
    assert misfit(value, schema) == why
