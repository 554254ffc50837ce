"""Does every limit hold? The comparison's numbers against what the settings ask for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mlci_action.domain.comparison import Comparison, ComparisonRow
from mlci_action.domain.limits import ChangeRule, Evidence, Margin, MetricLimits, SliceLimits
from mlci_action.domain.outcomes import WORST_FIRST, Area, Outcome
from mlci_action.domain.results import CheckResult, broken
from mlci_action.evaluation.change_rules import comparison_evidence, judge_change
from mlci_action.evaluation.slice_rules import Answer, judge_slices
from mlci_action.evaluation.wording import apart_from


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
    no_baseline: tuple[Outcome, str] | None = None,
) -> Judged:
    """Every configured rule answers exactly once; a number that is not there never passes.

    `no_baseline`: outcome and message of all rules that need a baseline, when there is none.
    """
    answers: list[Answer] = []
    for limit in limits:
        row = comparison.row(limit.metric.name)
        answers += [(row, result) for result in _overall(row, limit, evidence, no_baseline)]
    if slice_limits is not None:
        answers += judge_slices(comparison, limits, slice_limits, evidence, no_baseline=no_baseline)
    outcomes: dict[int, list[Outcome]] = {}
    for row, result in answers:
        outcomes.setdefault(id(row), []).append(result.outcome)
    rows = tuple(
        row.judged(min(outcomes[id(row)], key=WORST_FIRST.index)) if id(row) in outcomes else row
        for row in comparison.rows
    )
    return Judged(
        results=tuple(result for _, result in answers), comparison=replace(comparison, rows=rows)
    )


def unjudged(
    limits: Sequence[MetricLimits],
    slice_limits: SliceLimits | None,
    outcome: Outcome,
    message: str,
) -> tuple[CheckResult, ...]:
    """Every configured rule with this outcome, for when there is nothing to judge."""
    results = [
        _without_number(limit, rule, outcome, message)
        for limit in limits
        for rule in (*_value_rules(limit), *(rule for rule, _ in _change_rules(limit)))
    ]
    if slice_limits is not None and slice_limits.max_regression is not None:
        results += [
            CheckResult(
                id=f"{Area.SLICE}.{limit.metric.name}.{ChangeRule.MAX_REGRESSION}",
                area=Area.SLICE,
                outcome=outcome,
                message=message,
                severity=slice_limits.severity,
            )
            for limit in limits
        ]
    return tuple(results)


def _overall(
    row: ComparisonRow | None,
    limit: MetricLimits,
    evidence: Evidence,
    no_baseline: tuple[Outcome, str] | None,
) -> Iterator[CheckResult]:
    """One result per rule of one metric over all rows."""
    if row is None:
        message = f"{limit.metric.name} was not computed: it does not fit this target"
        yield from unjudged([limit], None, Outcome.ERRORED, message)
        return
    for which in _value_rules(limit):
        yield _judge_value(row, limit, which)
    for rule, margin in _change_rules(limit):
        if no_baseline is not None:
            yield _without_number(limit, rule, *no_baseline, rows=row.n)
        else:
            yield judge_change(row, rule, margin, severity=limit.severity, evidence=evidence)


def _value_rules(limit: MetricLimits) -> tuple[str, ...]:
    return tuple(which for which in ("min", "max") if getattr(limit, which) is not None)


def _change_rules(limit: MetricLimits) -> Iterator[tuple[ChangeRule, Margin]]:
    for rule in ChangeRule:
        margin = getattr(limit, rule)
        if margin is not None:
            yield rule, margin


def _judge_value(row: ComparisonRow, limit: MetricLimits, which: str) -> CheckResult:
    """A limit on the candidate's own value."""
    bound, name = float(getattr(limit, which)), limit.metric.name
    value = row.candidate
    if value is None or not math.isfinite(value):
        reason = f": {row.note}" if row.note else ""
        message = f"{name} could not be computed{reason}"
        return _without_number(limit, which, Outcome.NOT_RUN, message, rows=row.n)
    holds = value >= bound if which == "min" else value <= bound
    words = ("at least", "below") if which == "min" else ("at most", "above")
    shown = apart_from(value, bound)
    said = f"{words[0]} {bound:g}" if holds else f"{words[1]} the {bound:g} asked for"
    return CheckResult(
        id=f"{Area.METRIC}.{name}.{which}",
        area=Area.METRIC,
        outcome=Outcome.PASSED if holds else broken(limit.severity),
        message=f"{name} {shown} is {said}",
        severity=limit.severity,
        rows=row.n,
        observed=value,
        limit=bound,
        evidence=comparison_evidence(row),
    )


def _without_number(
    limit: MetricLimits, rule: str, outcome: Outcome, message: str, *, rows: int | None = None
) -> CheckResult:
    return CheckResult(
        id=f"{Area.METRIC}.{limit.metric.name}.{rule}",
        area=Area.METRIC,
        outcome=outcome,
        message=message,
        severity=limit.severity,
        rows=rows,
    )
