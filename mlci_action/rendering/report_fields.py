"""Which field of report.json is which field of a report? Both directions, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mlci_action.domain.comparison import Comparison, ComparisonRow, Interval, Standing
from mlci_action.domain.decision import Decision
from mlci_action.domain.metric import Direction, Metric, Needs, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.outcomes import Area, Outcome, Severity, Verdict
from mlci_action.domain.report import SCHEMA_VERSION, Report
from mlci_action.domain.results import CheckResult
from mlci_action.domain.slices import Slice


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
        "slice": row.slice.as_mapping() if row.slice else None,
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
    }


def _evaluation_fields(comparison: Comparison) -> dict[str, Any]:
    return {
        "task": comparison.task,
        "n_rows": comparison.n_rows,
        "confidence": comparison.confidence,
        "disagreement": comparison.disagreement,
        "notes": comparison.notes,
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
        rows=fields["rows"],
        observed=fields["observed"],
        limit=fields["limit"],
        message=fields["message"],
        evidence=fields["evidence"],
    )


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
    )


def _comparison_row(fields: dict[str, Any], task: Task) -> ComparisonRow:
    outcome = fields["outcome"]
    return ComparisonRow(
        metric=_metric(fields["metric"], Direction(fields["direction"]), task),
        slice=_slice(fields["slice"]),
        n=fields["n"],
        candidate=fields["candidate"],
        baseline=fields["baseline"],
        diff=fields["diff"],
        interval=_interval(fields),
        outcome=Outcome(outcome) if outcome is not None else None,
        note=fields["note"],
    )


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


def _metric(name: str, direction: Direction, task: Task) -> Metric:
    known = METRICS.get(name)
    if known is not None and known.direction is direction:
        return known
    return Metric(name=name, direction=direction, tasks=frozenset({task}), needs=Needs.LABELS)


def _slice(fields: dict[str, str] | None) -> Slice | None:
    if fields is None:
        return None
    if set(fields) == {"where"}:
        return Slice(where=fields["where"])
    return Slice(by=tuple(fields.items()))
