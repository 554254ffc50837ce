"""What may stand in report.json? The published JSON Schema, and the sizes that bound it.

The bounds are generous for a report of ours and small for a machine: the comment stage reads a file
that the evaluated code could have written.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from mlci_action.domain.comparison import Standing
from mlci_action.domain.metric import Direction, Task
from mlci_action.domain.outcomes import Area, Outcome, Severity, Verdict
from mlci_action.domain.report import SCHEMA_VERSION

MAX_CHARACTERS = 16_000_000  # 1,000 slices of nine metrics make about 8 million
MAX_TEXT = 4_000
MAX_RESULTS = 50_000
MAX_ITEMS = 1_000
MAX_DEPTH = 16

_Schema = dict[str, Any]


def report_schema() -> _Schema:
    """The JSON Schema (draft 2020-12) of report.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mlci report",
        "description": "One finished run of the gate. Fractions are fractions.",
        **_object(
            {
                "schema_version": {"const": SCHEMA_VERSION},
                "verdict": _one_of(Verdict),
                "deploy": _described("boolean", "Whether the candidate may be deployed."),
                "reasons": _list(_text(), MAX_ITEMS, "Why; the first says it in one line."),
                "checks": _list(_check(), MAX_RESULTS, "One result per configured check."),
                "comparison": _list(_row(), MAX_RESULTS, "One row per metric and slice."),
                "evaluation": _nullable(_evaluation()),
                "provenance": _free("What was judged: policy, change, candidate, baseline."),
                "data": _free("What it was judged on."),
                "environment": _free("Where it was judged: Python, platform, libraries."),
            }
        ),
        # A report that failed and deploys nevertheless is not one of ours.
        "if": {"properties": {"verdict": {"enum": [Verdict.FAIL.value, Verdict.ERROR.value]}}},
        "then": {"properties": {"deploy": {"const": False}}},
    }


def _check() -> _Schema:
    areas = "|".join(Area)
    return _object(
        {
            "id": _text(rf"^({areas})\.\S+$", "Stable: <area>.<what>[.<rule>][.<slice>]."),
            "area": _one_of(Area),
            "outcome": _one_of(Outcome),
            "severity": _one_of(Severity),
            "slice": _slice(),
            "column": _nullable(_text()),
            "rows": _nullable(_count()),
            "observed": _number(),
            "limit": _number(),
            "message": _text(),
            "evidence": _free("Numbers behind the answer; their names depend on the check."),
        }
    )


def _row() -> _Schema:
    return _object(
        {
            "metric": _text(r"^.+$"),
            "slice": _slice(),
            "direction": _one_of(Direction),
            "baseline": _number(),
            "candidate": _number(),
            "diff": _number("candidate - baseline, in the metric's own unit."),
            "ci_low": _number(),
            "ci_high": _number(),
            "method": _nullable(_text(description="How the interval was made; null without one.")),
            "n": _count(),
            "outcome": _nullable(_one_of(Outcome)),
            "standing": _nullable(_one_of(Standing)),
            "se": _number("Standard error of the difference."),
            "df": _number("Its degrees of freedom."),
            "counts": _nullable(
                _list(
                    {"type": "number"},
                    3,
                    "Only candidate right, only baseline right, rows that count.",
                    min_items=3,
                )
            ),
            "note": _text(),
            "interval_note": _text(),
        }
    )


def _evaluation() -> _Schema:
    return _object(
        {
            "task": _one_of(Task),
            "n_rows": _count(),
            "confidence": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "disagreement": _number("Share of rows on which the two models' labels differ."),
            "notes": _list(_text(), MAX_ITEMS),
        }
    )


def _slice() -> _Schema:
    return {
        "description": 'null: all rows; {"where": expression}; or each column with its value.',
        "type": ["object", "null"],
        "minProperties": 1,
        "maxProperties": MAX_ITEMS,
        "additionalProperties": _text(),
    }


def _object(properties: dict[str, _Schema]) -> _Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _free(description: str) -> _Schema:
    return {"type": "object", "description": description, "maxProperties": MAX_ITEMS}


def _list(items: _Schema, max_items: int, description: str = "", *, min_items: int = 0) -> _Schema:
    schema = {"type": "array", "items": items, "minItems": min_items, "maxItems": max_items}
    return schema | ({"description": description} if description else {})


def _text(pattern: str = "", description: str = "") -> _Schema:
    schema: _Schema = {"type": "string", "maxLength": MAX_TEXT}
    if pattern:
        schema["pattern"] = pattern
    return schema | ({"description": description} if description else {})


def _count() -> _Schema:
    return {"type": "integer", "minimum": 0}


def _number(description: str = "") -> _Schema:
    return _described(["number", "null"], description)


def _one_of(kind: type[StrEnum]) -> _Schema:
    return {"enum": [member.value for member in kind]}


def _nullable(schema: _Schema) -> _Schema:
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], None]}
    return schema | {"type": [schema["type"], "null"]}


def _described(kind: str | list[str], description: str) -> _Schema:
    return {"type": kind} | ({"description": description} if description else {})
