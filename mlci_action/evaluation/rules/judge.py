"""Does every limit hold? The comparison's numbers against what the settings ask for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mlci_action.domain.comparison import Comparison, ComparisonRow
from mlci_action.domain.limits import (
    ChangeRule,
    Evidence,
    FairnessLimits,
    FlipLimits,
    Margin,
    MetricLimits,
    SliceLimits,
)
from mlci_action.domain.metric import Task
from mlci_action.domain.outcomes import WORST_FIRST, Area, Outcome
from mlci_action.domain.results import CheckResult, broken
from mlci_action.evaluation.rules.answers import Answer, told_apart
from mlci_action.evaluation.rules.change_rules import (
    area_of,
    change_id,
    comparison_evidence,
    judge_change,
)
from mlci_action.evaluation.rules.flip_rules import judge_flips, unjudged_flips
from mlci_action.evaluation.rules.slice_rules import judge_slices
from mlci_action.evaluation.rules.wording import name_of, own_value


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """One result per configured rule, and the comparison whose rows carry the worst of theirs."""

    results: tuple[CheckResult, ...]
    comparison: Comparison


def judge(
    comparison: Comparison,
    limits: Sequence[MetricLimits],
    slice_limits: SliceLimits | None,
    evidence: Evidence,
    *,
    fairness: FairnessLimits | None = None,
    flips: FlipLimits | None = None,
    no_baseline: tuple[Outcome, str] | None = None,
) -> Judged:
    """Every configured rule answers exactly once; a number that is not there never passes.

    `no_baseline`: outcome and message of all rules that need a baseline, when there is none.
    """
    answers: list[Answer] = []
    for limit in limits:
        answers += _overall(comparison, limit, None, evidence, no_baseline)
    if flips is not None:
        found = judge_flips(comparison, flips, evidence, no_baseline=no_baseline)
        answers += [(None, result) for result in found]
    if fairness is not None:
        between = [
            answer
            for sensitive in fairness.labels
            for limit in fairness.limits
            for answer in _overall(comparison, limit, sensitive, evidence, no_baseline)
        ]
        answers += told_apart(between)
    if slice_limits is not None:
        answers += judge_slices(comparison, limits, slice_limits, evidence, no_baseline=no_baseline)
    return Judged(
        results=tuple(result for _, result in answers),
        comparison=replace(comparison, rows=_with_outcomes(comparison.rows, answers)),
    )


def unjudged(
    limits: Sequence[MetricLimits],
    slice_limits: SliceLimits | None,
    outcome: Outcome,
    message: str,
    *,
    fairness: FairnessLimits | None = None,
    flips: FlipLimits | None = None,
) -> tuple[CheckResult, ...]:
    """Every configured rule with this outcome, for when there is nothing to judge."""
    results = [
        result for limit in limits for result in _without_numbers(limit, None, outcome, message)
    ]
    if flips is not None:
        results += unjudged_flips(flips, outcome, message)
    if fairness is not None:
        between = [
            (None, result)
            for sensitive in fairness.labels
            for limit in fairness.limits
            for result in _without_numbers(limit, sensitive, outcome, message)
        ]
        results += [result for _, result in told_apart(between)]
    if slice_limits is not None and slice_limits.max_regression is not None:
        results += [
            CheckResult(
                id=change_id(Area.SLICE, limit.metric.name, ChangeRule.MAX_REGRESSION),
                area=Area.SLICE,
                outcome=outcome,
                message=message,
                severity=slice_limits.severity,
            )
            for limit in limits
            if slice_limits.judges(limit.metric.name)
        ]
    return tuple(results)


def _with_outcomes(
    rows: Sequence[ComparisonRow], answers: Sequence[Answer]
) -> tuple[ComparisonRow, ...]:
    """The rows, those that were judged with the worst outcome of their rules."""
    outcomes: dict[int, list[Outcome]] = {}
    for row, result in answers:
        outcomes.setdefault(id(row), []).append(result.outcome)
    return tuple(
        row.judged(min(outcomes[id(row)], key=WORST_FIRST.index)) if id(row) in outcomes else row
        for row in rows
    )


def _overall(
    comparison: Comparison,
    limit: MetricLimits,
    sensitive: str | None,
    evidence: Evidence,
    no_baseline: tuple[Outcome, str] | None,
) -> Iterator[Answer]:
    """One result per rule of one metric over all rows, or between the groups of some columns."""
    row = comparison.row(limit.metric.name, sensitive=sensitive)
    if row is None:
        why = _not_computed(comparison, limit, sensitive)
        for result in _without_numbers(limit, sensitive, Outcome.ERRORED, why):
            yield None, result
        return
    for which in _value_rules(limit):
        yield row, _judge_value(row, limit, which, confidence=evidence.confidence)
    for rule, margin in _change_rules(limit):
        if no_baseline is not None:
            yield row, _without_number(limit, rule, sensitive, *no_baseline, rows=row.n)
        else:
            yield row, judge_change(row, rule, margin, severity=limit.severity, evidence=evidence)


def _not_computed(comparison: Comparison, limit: MetricLimits, sensitive: str | None) -> str:
    if sensitive is None:
        return f"{limit.metric.name} was not computed: it does not fit this target"
    said = f"{limit.metric.name} by {sensitive!r} was not computed"
    if comparison.task is not Task.BINARY:
        return f"{said}: it needs a target of two classes, and this one is {comparison.task}"
    return said


def _value_rules(limit: MetricLimits) -> tuple[str, ...]:
    return tuple(which for which in ("min", "max") if getattr(limit, which) is not None)


def _change_rules(limit: MetricLimits) -> Iterator[tuple[ChangeRule, Margin]]:
    for rule in ChangeRule:
        margin = getattr(limit, rule)
        if margin is not None:
            yield rule, margin


def _judge_value(
    row: ComparisonRow, limit: MetricLimits, which: str, *, confidence: float
) -> CheckResult:
    """A limit on the candidate's own value."""
    bound = float(getattr(limit, which))
    value = row.candidate
    if value is None or not math.isfinite(value):
        reason = f": {row.note}" if row.note else ""
        message = f"{name_of(row)} could not be computed{reason}"
        return _without_number(limit, which, row.sensitive, Outcome.NOT_RUN, message, rows=row.n)
    holds = value >= bound if which == "min" else value <= bound
    words = ("at least", "below") if which == "min" else ("at most", "above")
    said = f"{words[0]} {bound:g}" if holds else f"{words[1]} the {bound:g} asked for"
    return CheckResult(
        id=change_id(area_of(row), row.metric.name, which, row.sensitive),
        area=area_of(row),
        outcome=Outcome.PASSED if holds else broken(limit.severity),
        message=f"{own_value(row, bound, confidence)} is {said}",
        severity=limit.severity,
        sensitive=row.sensitive,
        rows=row.n,
        observed=value,
        limit=bound,
        evidence=comparison_evidence(row),
    )


def _without_numbers(
    limit: MetricLimits, sensitive: str | None, outcome: Outcome, message: str
) -> Iterator[CheckResult]:
    for rule in (*_value_rules(limit), *(rule for rule, _ in _change_rules(limit))):
        yield _without_number(limit, rule, sensitive, outcome, message)


def _without_number(
    limit: MetricLimits,
    rule: str,
    sensitive: str | None,
    outcome: Outcome,
    message: str,
    *,
    rows: int | None = None,
) -> CheckResult:
    area = Area.METRIC if sensitive is None else Area.FAIRNESS
    return CheckResult(
        id=change_id(area, limit.metric.name, rule, sensitive),
        area=area,
        outcome=outcome,
        message=message,
        severity=limit.severity,
        sensitive=sensitive,
        rows=rows,
    )
