"""Did a metric fall in a part of the rows? All judged slices are one family that can only fail."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlci_action.domain.comparison import Comparison, ComparisonRow, Standing
from mlci_action.domain.limits import ChangeRule, Evidence, Margin, MetricLimits, SliceLimits
from mlci_action.domain.metrics import has_interval
from mlci_action.domain.names import id_part
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult, broken
from mlci_action.domain.slices import Slice
from mlci_action.evaluation.intervals.methods import p_value
from mlci_action.evaluation.metrics.custom_metrics import BOOTSTRAP
from mlci_action.evaluation.rules.answers import Answer, told_apart
from mlci_action.evaluation.rules.change_rules import (
    Bound,
    bound_of,
    change_id,
    comparison_evidence,
    judged_by,
    near_zero,
)
from mlci_action.evaluation.rules.wording import both_values, decimals_of, movement


def judge_slices(
    comparison: Comparison,
    limits: Sequence[MetricLimits],
    rules: SliceLimits,
    evidence: Evidence,
    *,
    no_baseline: tuple[Outcome, str] | None,
) -> list[Answer]:
    """One result per slice and metric, and the row it judges; nothing without `max_regression`.

    The tests at the margin are one Holm (1979) family at one-sided (1 - confidence) / 2: rejected
    is failed, all else passed as "no regression shown", so slices never leave a verdict open.
    Slices under `min_rows`, custom metrics and those that never have an interval are shown, not
    judged. So is a slice without an interval of its own, unless the candidate lost the value or it
    lies outside the margin: that is left open.
    """
    if rules.max_regression is None:
        return []
    limits = [limit for limit in limits if rules.judges(limit.metric.name)]
    names = {limit.metric.name for limit in limits}
    answers: list[Answer] = list(_absent(comparison, limits, rules))
    tests: list[_Test] = []
    for row in comparison.rows:
        if row.slice is None or row.metric.name not in names:
            continue
        if row.n == 0 and row.slice.where in rules.where:
            answers.append((row, _no_rows(row, rules)))
        elif not (row.n >= rules.min_rows and _declared(row.slice, rules)):
            answers.append((row, _shown(row, f"{row.n:,} rows: shown, not judged")))
        elif _is_custom(row):
            answers.append(
                (row, _shown(row, "shown, not judged: it is judged over all rows alone"))
            )
        elif not has_interval(row.metric):
            answers.append((row, _shown(row, "shown, not judged: it has no interval")))
        elif no_baseline is not None:
            answers.append((row, _result(row, *no_baseline, severity=rules.severity)))
        else:
            test = _test(row, rules, evidence)
            if test is None:
                answers.append((row, _untested(row, rules)))
            else:
                tests.append(test)
    answers += _judged(tests, rules, evidence)
    position = {id(row): index for index, row in enumerate(comparison.rows)}
    return told_apart(sorted(answers, key=lambda answer: position.get(id(answer[0]), -1)))


def holm(p_values: Sequence[float], level: float) -> list[bool]:
    """Which hypotheses the step-down procedure of Holm (1979) rejects at a family-wise level."""
    known = [p if math.isfinite(p) else math.inf for p in p_values]
    rejected = [False] * len(known)
    for step, index in enumerate(sorted(range(len(known)), key=known.__getitem__)):
        if not known[index] <= level / (len(known) - step):
            break
        rejected[index] = True
    return rejected


@dataclass(frozen=True, kw_only=True, slots=True)
class _Test:
    row: ComparisonRow
    bound: Bound
    p_value: float


def _test(row: ComparisonRow, rules: SliceLimits, evidence: Evidence) -> _Test | None:
    """The test of one slice and metric at its margin, or None where there is none."""
    margin, interval = rules.max_regression, row.interval
    if margin is None or interval is None or row.baseline is None or row.diff is None:
        return None
    bound = bound_of(ChangeRule.MAX_REGRESSION, margin, row.metric, row.baseline)
    relative_lost = margin.relative is not None and near_zero(row.metric, row.baseline)
    if bound is None or relative_lost or interval.standing is Standing.NOT_ESTIMABLE:
        return None
    p = p_value(
        judged_by(interval, bound, diff=row.diff, confidence=evidence.confidence),
        diff=row.diff,
        sign=row.metric.sign,
        margin=bound.margin,
        confidence=evidence.confidence,
    )
    return _Test(row=row, bound=bound, p_value=p) if math.isfinite(p) else None


def _is_custom(row: ComparisonRow) -> bool:
    """Whether there is no p-value: a bootstrap cannot settle one test among many."""
    resampled = row.interval is not None and row.interval.method == BOOTSTRAP
    return resampled or row.metric.custom is not None


def _untested(row: ComparisonRow, rules: SliceLimits) -> CheckResult:
    """Shown, unless the candidate's own answer is what took the slice out of the judgement."""
    why = _why_not(row, rules)
    open_as = _left_open(row, rules.max_regression)
    if open_as is None:
        return _shown(row, f"shown, not judged: {why}")
    message = _in_slice(row, f"{row.metric.name}, not settled: {why}")
    return _result(row, open_as, message, severity=rules.severity)


def _left_open(row: ComparisonRow, margin: Margin | None) -> Outcome | None:
    """What a slice without a test answers where the baseline has a value and the candidate fell."""
    if row.baseline is None or margin is None:
        return None
    if row.diff is None or not math.isfinite(row.diff):
        return Outcome.NOT_RUN
    bound = bound_of(ChangeRule.MAX_REGRESSION, margin, row.metric, row.baseline)
    held = row.metric.sign * row.diff >= 0 if bound is None else bound.holds(row.diff)
    return None if held else Outcome.INCONCLUSIVE


def _why_not(row: ComparisonRow, rules: SliceLimits) -> str:
    relative = rules.max_regression is not None and rules.max_regression.relative is not None
    if relative and row.baseline is not None and near_zero(row.metric, row.baseline):
        return "the baseline is near zero, where a relative change has no meaning"
    return row.note or "there is nothing to compare with"


def _judged(tests: Sequence[_Test], rules: SliceLimits, evidence: Evidence) -> list[Answer]:
    level = (1 - evidence.confidence) / 2
    worse = holm([test.p_value for test in tests], level)
    answers: list[Answer] = []
    for test, rejected in zip(tests, worse, strict=True):
        row, decimals = test.row, decimals_of(test.row, test.bound.margin)
        limit = f"{test.bound.margin:.4g}"
        if rejected:
            outcome = broken(rules.severity)
            text = f"{movement(row, decimals, evidence.confidence)}, more than the {limit} allowed"
        else:
            outcome = Outcome.PASSED
            values = both_values(row, decimals, evidence.confidence)
            text = f"{values}: no regression of more than {limit} shown"
            if test.p_value <= level:
                text += f" in {len(tests)} tests together, only in this one by itself"
        result = _result(
            row,
            outcome,
            _in_slice(row, text),
            severity=rules.severity,
            test=test,
            family=len(tests),
        )
        answers.append((row, result))
    return answers


def _declared(part: Slice, rules: SliceLimits) -> bool:
    """Whether the settings name this slice; one that was found by searching is never judged."""
    if part.where is not None:
        return part.where in rules.where
    return tuple(column for column, _ in part.by) in rules.by


def _absent(
    comparison: Comparison, limits: Sequence[MetricLimits], rules: SliceLimits
) -> Iterator[Answer]:
    """Slices that the settings name and the comparison does not hold: they cannot pass unseen."""
    slices = {row.slice for row in comparison.rows if row.slice is not None}
    there = {tuple(column for column, _ in part.by) for part in slices if part.by}
    conditions = {part.where for part in slices}
    missing = [("&".join(by), " and ".join(map(repr, by))) for by in rules.by if by not in there]
    missing += [(text, repr(text)) for text in rules.where if text not in conditions]
    for key, label in missing:
        for limit in limits:
            yield (
                None,
                CheckResult(
                    id=f"{_id(limit.metric.name)}.{id_part(key)}",
                    area=Area.SLICE,
                    outcome=Outcome.NOT_RUN,
                    message=f"no row makes a slice of {label}",
                    severity=rules.severity,
                    rows=0,
                ),
            )


def _no_rows(row: ComparisonRow, rules: SliceLimits) -> CheckResult:
    label = "" if row.slice is None else repr(row.slice.label)
    return _result(row, Outcome.NOT_RUN, f"no row matches {label}", severity=rules.severity)


def _shown(row: ComparisonRow, message: str) -> CheckResult:
    message = _in_slice(row, f"{row.metric.name}, {message}")
    return _result(row, Outcome.NOT_RUN, message, severity=Severity.WARN)


def _in_slice(row: ComparisonRow, text: str) -> str:
    return text if row.slice is None else f"slice {row.slice.label!r}: {text}"


def _id(metric: str) -> str:
    return change_id(Area.SLICE, metric, ChangeRule.MAX_REGRESSION)


def _result(
    row: ComparisonRow,
    outcome: Outcome,
    message: str,
    *,
    severity: Severity,
    test: _Test | None = None,
    family: int = 0,
) -> CheckResult:
    evidence = comparison_evidence(row)
    if test is not None:
        evidence |= {"p_value": test.p_value, "tests_in_family": family}
    return CheckResult(
        id=_id(row.metric.name) + ("" if row.slice is None else f".{row.slice.key}"),
        area=Area.SLICE,
        outcome=outcome,
        message=message,
        severity=severity,
        slice=row.slice,
        rows=row.n,
        observed=row.diff,
        limit=None if test is None else test.bound.margin,
        evidence=evidence,
    )
