"""What may stand in report.json? The published JSON Schema, and the sizes that bound it.

The bounds are generous for a report of ours and small for a machine: the comment stage reads a file
that the evaluated code could have written.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from mlci_action.domain.comparison import Standing
from mlci_action.domain.metric import Direction, Task
from mlci_action.domain.outcomes import Area, Outcome, Severity, Verdict
from mlci_action.domain.report import SCHEMA_VERSION
from mlci_action.rendering.metric_fields import TUNED_WORD

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
            "sensitive": _sensitive(),
            "rows": _nullable(_count()),
            "observed": _number(),
            "limit": _number(),
            "message": _text(),
            "evidence": _free("Numbers behind the answer; their names depend on the check."),
        },
        optional={"sensitive"},
    )


def _row() -> _Schema:
    return _object(
        {
            "metric": _text(r"^.+$"),
            "function": _text(r"^.+$", "What computes it, where its name is the user's own."),
            "parameters": _parameters(),
            "slice": _slice(),
            "sensitive": _sensitive(),
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
                _numbers(3, "Only candidate right, only baseline right, rows that count.")
            ),
            "note": _text(),
            "interval_note": _text(),
            "baseline_ci": _numbers(2, "The interval of the baseline's value by itself."),
            "candidate_ci": _numbers(2, "The interval of the candidate's value by itself."),
        },
        optional={"function", "parameters", "sensitive", "baseline_ci", "candidate_ci"},
    )


def _evaluation() -> _Schema:
    return _object(
        {
            "task": _one_of(Task),
            "n_rows": _count(),
            "confidence": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "disagreement": _number("Share of rows on which the two models' labels differ."),
            "notes": _list(_text(), MAX_ITEMS),
            "warnings": _list(_text(), MAX_ITEMS),
            "flips": _nullable(_flips()),
            "calibration": _list(_calibration(), 2, "One per model that gives probabilities."),
            "score_shift": _nullable(_score_shift()),
            "groups": _list(_group(), MAX_RESULTS, "One per group of a sensitive column."),
            "found_slices": _list(
                _found_slice(),
                MAX_ITEMS,
                "Weakest regions, measured on rows held back.",
            ),
        }
    )


def _flips() -> _Schema:
    return _object(
        {
            "n": _count(),
            "negative_rows": _count(),
            "positive_rows": _count(),
            "negative_rate": _value("Share of rows right in the baseline, wrong in the candidate."),
            "positive_rate": _value("The reverse."),
        }
    )


def _calibration() -> _Schema:
    rows = {"n": _count(), "mean_score": _number(), "observed": _value("How often positive.")}
    return _object(
        {
            "model": {"enum": ["candidate", "baseline"]},
            "expected_calibration_error": _value(),
            "slope": _value("Of the truth regressed on the logit of the score: 1 is calibrated."),
            "intercept": _value("Of the same: 0 is calibrated."),
            "bins": _list(_object(rows), MAX_ITEMS, "From low scores to high ones."),
        }
    )


def _score_shift() -> _Schema:
    return _object(
        {
            "mean_change": _value("candidate - baseline"),
            "mean_absolute_change": _number(),
            "distances": _by_name(_number(), "Between the two distributions, by their names."),
            "quantiles": _by_name(_both_models(), "By their share."),
        }
    )


def _group() -> _Schema:
    return _object(
        {
            "sensitive": _text(),
            "group": _text(),
            "n": _count(),
            "positives": _count(),
            "judged": _described("boolean", "Whether it drives the fairness values."),
            "rates": _by_name(_both_models(), "By fairlearn's names."),
            "note": _text(),
        }
    )


def _found_slice() -> _Schema:
    return _object(
        {
            "where": _text("", "A condition as `slices.where` takes it."),
            "n": _count(),
            "loss": _text("", "What the numbers are."),
            "baseline": _number(),
            "candidate": _number(),
            "diff": _value("candidate - baseline"),
        }
    )


def _value(description: str = "") -> _Schema:
    fields = {"value": _number(), "ci_low": _number(), "ci_high": _number(), "note": _text()}
    return _object(fields) | ({"description": description} if description else {})


def _both_models() -> _Schema:
    return _object({"baseline": _number(), "candidate": _number()})


def _by_name(values: _Schema, description: str) -> _Schema:
    return _free(description) | {"additionalProperties": values}


def _parameters() -> _Schema:
    """What the metric is asked at, where it is asked at something."""
    number: _Schema = {"type": "number"}
    threshold = {"type": ["number", "string"], "pattern": f"^{TUNED_WORD}$"}
    names = {"class": _text(), "threshold": threshold}
    numbers = dict.fromkeys(("k", "alpha", "beta", "precision"), number)
    return _object(names | numbers, optional={*names, *numbers}) | {"minProperties": 1}


def _sensitive() -> _Schema:
    return _nullable(_text(description="Columns whose groups a fairness value compares."))


def _slice() -> _Schema:
    return {
        "description": 'null: all rows; {"where": expression}; or each column with its value.',
        "type": ["object", "null"],
        "minProperties": 1,
        "maxProperties": MAX_ITEMS,
        "additionalProperties": _text(),
    }


def _object(properties: dict[str, _Schema], *, optional: Collection[str] = ()) -> _Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
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


def _numbers(count: int, description: str) -> _Schema:
    return _list({"type": "number"}, count, description, min_items=count)


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
