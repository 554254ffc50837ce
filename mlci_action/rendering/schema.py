"""What may stand in report.json? The published JSON Schema, and the sizes that bound it.

The bounds are generous for a report of ours and small for a machine: the comment stage reads a file
that the evaluated code could have written.
"""

from __future__ import annotations

from mlci_action.domain.comparison import Standing
from mlci_action.domain.metric import Direction, Task
from mlci_action.domain.outcomes import Area, Outcome, Severity, Verdict
from mlci_action.domain.report import SCHEMA_VERSION
from mlci_action.rendering.metric_fields import TUNED_WORD
from mlci_action.rendering.moves_fields import moves_schema
from mlci_action.rendering.policy_fields import policy_schema
from mlci_action.rendering.schema_parts import (
    MAX_ITEMS,
    Schema,
    array,
    by_name,
    count,
    described,
    free,
    nullable,
    number,
    numbers,
    one_of,
    record,
    text,
    value,
)
from mlci_action.rendering.self_test_fields import self_test_schema
from mlci_action.rendering.waiver_fields import waiver_schema

MAX_CHARACTERS = 16_000_000  # 1,000 slices of nine metrics make about 8 million
MAX_RESULTS = 50_000
MAX_DEPTH = 16


def report_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of report.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mlci report",
        "description": "One finished run of the gate. Fractions are fractions.",
        **record(
            {
                "schema_version": {"const": SCHEMA_VERSION},
                "verdict": one_of(Verdict),
                "deploy": described("boolean", "Whether the candidate may be deployed."),
                "reasons": array(text(), MAX_ITEMS, "Why; the first says it in one line."),
                "checks": array(_check(), MAX_RESULTS, "One result per configured check."),
                "comparison": array(_row(), MAX_RESULTS, "One row per metric and slice."),
                "evaluation": nullable(_evaluation()),
                "robustness": array(
                    _robustness(), MAX_ITEMS, "One row per measure of each change of the rows."
                ),
                "costs": array(_cost(), MAX_ITEMS, "One row per measure."),
                "policy": nullable(policy_schema()),
                "waivers": array(waiver_schema(), MAX_ITEMS, "What is tolerated for a while."),
                "self_test": self_test_schema(),
                "why_moved": moves_schema(),
                "provenance": free("What was judged: policy, change, candidate, baseline."),
                "data": free("What it was judged on."),
                "environment": free("Where it was judged: Python, platform, libraries."),
            },
            # Reports of earlier builds do not have them.
            optional={"robustness", "costs", "policy", "waivers", "self_test", "why_moved"},
        ),
        # A report that failed and deploys nevertheless is not one of ours.
        "if": {"properties": {"verdict": {"enum": [Verdict.FAIL.value, Verdict.ERROR.value]}}},
        "then": {"properties": {"deploy": {"const": False}}},
    }


def _check() -> Schema:
    areas = "|".join(Area)
    return record(
        {
            "id": text(rf"^({areas})\.\S+$", "Stable: <area>.<what>[.<rule>][.<slice>]."),
            "area": one_of(Area),
            "outcome": one_of(Outcome),
            "severity": one_of(Severity),
            "slice": _slice(),
            "column": nullable(text()),
            "sensitive": _sensitive(),
            "rows": nullable(count()),
            "observed": number(),
            "limit": number(),
            "message": text(),
            "evidence": free("Numbers behind the answer; their names depend on the check."),
        },
        optional={"sensitive"},
    )


def _row() -> Schema:
    return record(
        {
            "metric": text(r"^.+$"),
            "function": text(r"^.+$", "What computes it, where its name is the user's own."),
            "parameters": _parameters(),
            "slice": _slice(),
            "sensitive": _sensitive(),
            "direction": one_of(Direction),
            "baseline": number(),
            "candidate": number(),
            "diff": number("candidate - baseline, in the metric's own unit."),
            "ci_low": number(),
            "ci_high": number(),
            "method": nullable(text(description="How the interval was made; null without one.")),
            "n": count(),
            "outcome": nullable(one_of(Outcome)),
            "standing": nullable(one_of(Standing)),
            "se": number("Standard error of the difference."),
            "df": number("Its degrees of freedom."),
            "counts": nullable(
                numbers(3, "Only candidate right, only baseline right, rows that count.")
            ),
            "note": text(),
            "interval_note": text(),
            "baseline_ci": numbers(2, "The interval of the baseline's value by itself."),
            "candidate_ci": numbers(2, "The interval of the candidate's value by itself."),
        },
        optional={"function", "parameters", "sensitive", "baseline_ci", "candidate_ci"},
    )


def _evaluation() -> Schema:
    return record(
        {
            "task": one_of(Task),
            "n_rows": count(),
            "confidence": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "disagreement": number("Share of rows on which the two models' labels differ."),
            "notes": array(text(), MAX_ITEMS),
            "warnings": array(text(), MAX_ITEMS),
            "flips": nullable(_flips()),
            "calibration": array(_calibration(), 2, "One per model that gives probabilities."),
            "score_shift": nullable(_score_shift()),
            "groups": array(_group(), MAX_RESULTS, "One per group of a sensitive column."),
            "found_slices": array(
                _found_slice(),
                MAX_ITEMS,
                "Weakest regions, measured on rows held back.",
            ),
        }
    )


def _flips() -> Schema:
    return record(
        {
            "n": count(),
            "negative_rows": count(),
            "positive_rows": count(),
            "negative_rate": value("Share of rows right in the baseline, wrong in the candidate."),
            "positive_rate": value("The reverse."),
        }
    )


def _calibration() -> Schema:
    rows = {"n": count(), "mean_score": number(), "observed": value("How often positive.")}
    return record(
        {
            "model": {"enum": ["candidate", "baseline"]},
            "expected_calibration_error": value(),
            "slope": value("Of the truth regressed on the logit of the score: 1 is calibrated."),
            "intercept": value("Of the same: 0 is calibrated."),
            "bins": array(record(rows), MAX_ITEMS, "From low scores to high ones."),
        }
    )


def _score_shift() -> Schema:
    return record(
        {
            "mean_change": value("candidate - baseline"),
            "mean_absolute_change": number(),
            "distances": by_name(number(), "Between the two distributions, by their names."),
            "quantiles": by_name(_both_models(), "By their share."),
        }
    )


def _group() -> Schema:
    return record(
        {
            "sensitive": text(),
            "group": text(),
            "n": count(),
            "positives": count(),
            "judged": described("boolean", "Whether it drives the fairness values."),
            "rates": by_name(_both_models(), "By fairlearn's names."),
            "note": text(),
        }
    )


def _found_slice() -> Schema:
    return record(
        {
            "where": text("", "A condition as `slices.where` takes it."),
            "n": count(),
            "loss": text("", "What the numbers are."),
            "baseline": number(),
            "candidate": number(),
            "diff": value("candidate - baseline"),
        }
    )


def _robustness() -> Schema:
    return record(
        {
            "what": text("", "What was done to the rows, or what must hold: a key of mlci.yml."),
            "detail": text("", "How much of which columns, and the seed."),
            "measure": text("", "A metric, `flips` or `violations`."),
            "baseline": nullable(value()),
            "candidate": value("Lost of the metric (up is worse), or the share of the n rows."),
            "rise": nullable(value("candidate - baseline")),
            "n": count(),
        }
    )


def _cost() -> Schema:
    return record(
        {
            "measure": text("", "A key of `budgets` in mlci.yml."),
            "unit": text("", "Of the numbers: ms, MB or s."),
            "baseline": number("The median of n rounds."),
            "candidate": number("The median of n rounds."),
            "baseline_p95": number(),
            "candidate_p95": number(),
            "ratio": nullable(value("candidate / baseline")),
            "n": count(),
            "note": text(),
        }
    )


def _both_models() -> Schema:
    return record({"baseline": number(), "candidate": number()})


def _parameters() -> Schema:
    """What the metric is asked at, where it is asked at something."""
    a_number: Schema = {"type": "number"}
    threshold = {"type": ["number", "string"], "pattern": f"^{TUNED_WORD}$"}
    names = {"class": text(), "threshold": threshold}
    at_numbers = dict.fromkeys(("k", "alpha", "beta", "precision"), a_number)
    return record(names | at_numbers, optional={*names, *at_numbers}) | {"minProperties": 1}


def _sensitive() -> Schema:
    return nullable(text(description="Columns whose groups a fairness value compares."))


def _slice() -> Schema:
    return {
        "description": 'null: all rows; {"where": expression}; or each column with its value.',
        "type": ["object", "null"],
        "minProperties": 1,
        "maxProperties": MAX_ITEMS,
        "additionalProperties": text(),
    }
