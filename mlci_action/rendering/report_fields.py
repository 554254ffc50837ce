"""Which field of report.json is which field of a report? Both directions, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mlci_action.domain.comparison import Comparison, ComparisonRow, Interval, Standing
from mlci_action.domain.decision import Decision
from mlci_action.domain.metric import Task
from mlci_action.domain.outcomes import Area, Outcome, Severity, Verdict
from mlci_action.domain.policy import PolicyFacts
from mlci_action.domain.report import SCHEMA_VERSION, Report
from mlci_action.domain.results import CheckResult
from mlci_action.domain.slices import Slice
from mlci_action.rendering.behaviour_fields import behaviour_fields, behaviour_of
from mlci_action.rendering.cost_fields import cost_fields, cost_row_of
from mlci_action.rendering.metric_fields import metric_fields, metric_of
from mlci_action.rendering.moves_fields import moves_fields, moves_of
from mlci_action.rendering.policy_fields import policy_fields, policy_of
from mlci_action.rendering.robustness_fields import robustness_fields, robustness_row_of
from mlci_action.rendering.self_test_fields import self_test_fields, self_test_of
from mlci_action.rendering.waiver_fields import waiver_fields, waiver_of


def document_of(report: Report) -> dict[str, Any]:
    """The report as report.json holds it, in the order that it is read."""
    comparison = report.comparison
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": report.decision.verdict,
        "deploy": report.decision.deploy,
        "reasons": report.decision.reasons,
        "checks": [_check_fields(check) for check in report.checks],
        "comparison": [_row_fields(row) for row in comparison.rows] if comparison else [],
        "evaluation": _evaluation_fields(comparison) if comparison else None,
        "robustness": [robustness_fields(row) for row in report.robustness],
        "costs": [cost_fields(row) for row in report.costs],
        "policy": None if report.policy is None else policy_fields(report.policy),
        "waivers": [waiver_fields(use) for use in report.waivers],
        "self_test": self_test_fields(report.self_test),
        "why_moved": moves_fields(report.why_moved),
        "provenance": _sorted(report.provenance),
        "data": _sorted(report.data),
        "environment": _sorted(report.environment),
    }


def report_of(document: dict[str, Any]) -> Report:
    """The report in a document that fits the schema; ValueError where fields contradict another."""
    return Report(
        decision=Decision(
            verdict=Verdict(document["verdict"]),
            deploy=document["deploy"],
            reasons=tuple(document["reasons"]),
        ),
        checks=tuple(_check_result(fields) for fields in document["checks"]),
        comparison=_comparison(document["evaluation"], document["comparison"]),
        # Older reports do not have these.
        robustness=tuple(map(robustness_row_of, document.get("robustness", ()))),
        costs=tuple(map(cost_row_of, document.get("costs", ()))),
        policy=_policy(document.get("policy")),
        waivers=tuple(map(waiver_of, document.get("waivers", ()))),
        self_test=self_test_of(document.get("self_test")),
        why_moved=moves_of(document.get("why_moved")),
        provenance=document["provenance"],
        data=document["data"],
        environment=document["environment"],
    )


def _check_fields(check: CheckResult) -> dict[str, Any]:
    return {
        "id": check.id,
        "area": check.area,
        "outcome": check.outcome,
        "severity": check.severity,
        "slice": check.slice.as_mapping() if check.slice else None,
        "column": check.column,
        **_sensitive_field(check),
        "rows": check.rows,
        "observed": check.observed,
        "limit": check.limit,
        "message": check.message,
        "evidence": _sorted(check.evidence),
    }


def _row_fields(row: ComparisonRow) -> dict[str, Any]:
    interval = row.interval
    return {
        "metric": row.metric.name,
        **metric_fields(row.metric),
        "slice": row.slice.as_mapping() if row.slice else None,
        **_sensitive_field(row),
        "direction": row.metric.direction,
        "baseline": row.baseline,
        "candidate": row.candidate,
        "diff": row.diff,
        "ci_low": interval.low if interval else None,
        "ci_high": interval.high if interval else None,
        "method": interval.method if interval else None,
        "n": row.n,
        "outcome": row.outcome,
        "standing": interval.standing if interval else None,
        "se": interval.se if interval else None,
        "df": interval.df if interval else None,
        "counts": _finite(interval.counts) if interval else None,
        "note": row.note,
        "interval_note": interval.note if interval else "",
        **_own_intervals(row),
    }


def _own_intervals(row: ComparisonRow) -> dict[str, tuple[float, ...]]:
    """The intervals of the values by themselves, of those that have one."""
    ends = {"baseline_ci": row.baseline_interval, "candidate_ci": row.candidate_interval}
    return {key: found for key, pair in ends.items() if (found := _finite(pair)) is not None}


def _sensitive_field(of: CheckResult | ComparisonRow) -> dict[str, str]:
    """A key of what concerns fairness, and of nothing else."""
    return {} if of.sensitive is None else {"sensitive": of.sensitive}


def _evaluation_fields(comparison: Comparison) -> dict[str, Any]:
    return {
        "task": comparison.task,
        "n_rows": comparison.n_rows,
        "confidence": comparison.confidence,
        "disagreement": comparison.disagreement,
        "notes": comparison.notes,
        "warnings": comparison.warnings,
        **behaviour_fields(comparison.behaviour),
    }


def _finite(counts: tuple[float, ...] | None) -> tuple[float, ...] | None:
    return counts if counts is not None and all(map(math.isfinite, counts)) else None


def _sorted(value: object) -> object:
    """`value` with the keys of every mapping in it in order."""
    match value:
        case Mapping():
            return {str(key): _sorted(value[key]) for key in sorted(value, key=str)}
        case list() | tuple():
            return [_sorted(item) for item in value]
        case _:
            return value


def _check_result(fields: dict[str, Any]) -> CheckResult:
    return CheckResult(
        id=fields["id"],
        area=Area(fields["area"]),
        outcome=Outcome(fields["outcome"]),
        severity=Severity(fields["severity"]),
        slice=_slice(fields["slice"]),
        column=fields["column"],
        sensitive=fields.get("sensitive"),
        rows=fields["rows"],
        observed=fields["observed"],
        limit=fields["limit"],
        message=fields["message"],
        evidence=fields["evidence"],
    )


def _policy(fields: dict[str, Any] | None) -> PolicyFacts | None:
    return None if fields is None else policy_of(fields)


def _comparison(evaluation: dict[str, Any] | None, rows: list[dict[str, Any]]) -> Comparison | None:
    if evaluation is None:
        if rows:
            raise ValueError("it compares without saying what was evaluated")
        return None
    task = Task(evaluation["task"])
    return Comparison(
        task=task,
        n_rows=evaluation["n_rows"],
        confidence=evaluation["confidence"],
        rows=tuple(_comparison_row(fields, task) for fields in rows),
        disagreement=evaluation["disagreement"],
        notes=tuple(evaluation["notes"]),
        warnings=tuple(evaluation["warnings"]),
        behaviour=behaviour_of(evaluation),
    )


def _comparison_row(fields: dict[str, Any], task: Task) -> ComparisonRow:
    outcome = fields["outcome"]
    return ComparisonRow(
        metric=metric_of(fields, task),
        slice=_slice(fields["slice"]),
        n=fields["n"],
        candidate=fields["candidate"],
        baseline=fields["baseline"],
        diff=fields["diff"],
        interval=_interval(fields),
        outcome=Outcome(outcome) if outcome is not None else None,
        note=fields["note"],
        sensitive=fields.get("sensitive"),
        candidate_interval=_ends(fields.get("candidate_ci")),
        baseline_interval=_ends(fields.get("baseline_ci")),
    )


def _ends(found: list[float] | None) -> tuple[float, float] | None:
    return None if found is None else (found[0], found[1])


def _interval(fields: dict[str, Any]) -> Interval | None:
    if fields["method"] is None or fields["standing"] is None:
        return None
    counts = fields["counts"]
    return Interval(
        method=fields["method"],
        standing=Standing(fields["standing"]),
        low=fields["ci_low"],
        high=fields["ci_high"],
        se=fields["se"],
        df=fields["df"],
        counts=(counts[0], counts[1], counts[2]) if counts is not None else None,
        note=fields["interval_note"],
    )


def _slice(fields: dict[str, str] | None) -> Slice | None:
    if fields is None:
        return None
    if set(fields) == {"where"}:
        return Slice(where=fields["where"])
    return Slice(by=tuple(fields.items()))
