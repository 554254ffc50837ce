"""Did a metric move more than it may? One rule on the difference, settled by its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlci_action.domain.comparison import ComparisonRow, Interval, Standing
from mlci_action.domain.limits import ChangeRule, DecideBy, Evidence, Margin
from mlci_action.domain.metric import Metric, Needs
from mlci_action.domain.names import id_part
from mlci_action.domain.outcomes import WORST_FIRST, Area, Outcome, Severity
from mlci_action.domain.results import CheckResult, broken
from mlci_action.evaluation.intervals.methods import IDENTICAL
from mlci_action.evaluation.intervals.relative import against_share
from mlci_action.evaluation.rules.wording import (
    both_values,
    decimals_of,
    movement,
    name_of,
    rows_needed,
)

# A share of a baseline below this says nothing: of metrics without a unit, and of errors in the
# target's own unit, where only what rounding leaves of zero can be told from a small unit.
_NEAR_ZERO = 1e-6
_NEAR_ZERO_OF_ANY_UNIT = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """What must hold: `sign * diff >= at`. `margin` is the limit in the metric's own unit.

    `share` is the difference in shares of the baseline that lies on the limit, 0 when the limit is
    absolute: such a limit is as uncertain as the baseline's value.
    """

    sign: int
    at: float
    margin: float
    share: float = 0.0

    def holds(self, diff: float) -> bool:
        """Whether the bare difference keeps it; NaN does not."""
        return self.sign * diff >= self.at

    def settle(self, interval: Interval) -> Outcome:
        """Entirely inside: passed; entirely outside: failed; else, or without width, neither."""
        if interval.low is None or interval.high is None:
            return Outcome.INCONCLUSIVE
        low, high = interval.low, interval.high
        if self.sign < 0:
            low, high = -high, -low
        if not low < high:
            return Outcome.INCONCLUSIVE
        if low >= self.at:
            return Outcome.PASSED
        return Outcome.FAILED if high < self.at else Outcome.INCONCLUSIVE


def bounds_of(
    rule: ChangeRule, margin: Margin, metric: Metric, baseline: float
) -> tuple[Bound, ...]:
    """What must hold for this baseline, the hardest first: one for each limit that is set.

    Both must hold where two are set, and each is as certain as it is: an absolute one is exact.
    There is none for a relative limit where the baseline is near zero.
    """
    limits = [] if margin.absolute is None else [(margin.absolute, 0.0)]
    if margin.relative is not None and not near_zero(metric, baseline):
        share = math.copysign(margin.relative, baseline)
        limits.append((margin.relative * abs(baseline), share))
    if rule is ChangeRule.MIN_IMPROVEMENT:
        return tuple(
            Bound(sign=metric.sign, at=limit, margin=limit, share=metric.sign * share)
            for limit, share in sorted(limits, reverse=True)
        )
    # An improvement that is too large is a regression seen from the other side.
    sign = metric.sign if rule is ChangeRule.MAX_REGRESSION else -metric.sign
    return tuple(
        Bound(sign=sign, at=-limit, margin=limit, share=-sign * share)
        for limit, share in sorted(limits)
    )


def bound_of(rule: ChangeRule, margin: Margin, metric: Metric, baseline: float) -> Bound | None:
    """The hardest of them, or None where there is none."""
    return next(iter(bounds_of(rule, margin, metric, baseline)), None)


def judged_by(interval: Interval, bound: Bound, *, diff: float, confidence: float) -> Interval:
    """The interval of the difference, or for a relative limit of its distance from that."""
    return against_share(interval, diff=diff, share=bound.share, confidence=confidence)


def near_zero(metric: Metric, baseline: float) -> bool:
    """Whether a change relative to this baseline has no meaning."""
    has_unit = metric.needs is Needs.VALUES and metric.highest is None
    return not abs(baseline) >= (_NEAR_ZERO_OF_ANY_UNIT if has_unit else _NEAR_ZERO)


def judge_change(
    row: ComparisonRow,
    rule: ChangeRule,
    margin: Margin,
    *,
    severity: Severity,
    evidence: Evidence,
) -> CheckResult:
    """One result for one rule on one metric over all rows."""
    if row.baseline is None and row.interval is None:
        return _result(row, rule, severity, Outcome.NOT_RUN, "there is no baseline")
    if row.baseline is None or row.diff is None or not math.isfinite(row.diff):
        reason = f": {row.note}" if row.note else ""
        message = f"{name_of(row)} could not be compared{reason}"
        return _result(row, rule, severity, Outcome.NOT_RUN, message)
    bounds = bounds_of(rule, margin, row.metric, row.baseline)
    outcome, bound = _worst(row, bounds, evidence)
    relative_lost = margin.relative is not None and near_zero(row.metric, row.baseline)
    # A relative limit cannot hold here, but an absolute one beside it can still be broken.
    if bound is None or (relative_lost and outcome is not Outcome.FAILED):
        message = (
            f"{name_of(row)} is {row.baseline:.2g} in the baseline: a change relative to "
            f"a value near zero has no meaning, so set an absolute limit"
        )
        return _result(row, rule, severity, Outcome.INCONCLUSIVE, message)
    message = _message(row, rule, bound, outcome, evidence)
    extra: dict[str, Any] = {}
    if outcome is Outcome.INCONCLUSIVE and all(each.holds(row.diff) for each in bounds):
        extra["point_inside_margin"] = True
    outcome = broken(severity) if outcome is Outcome.FAILED else outcome
    return _result(row, rule, severity, outcome, message, limit=bound.margin, extra=extra)


def comparison_evidence(row: ComparisonRow) -> dict[str, Any]:
    """What a comparison rests on, as JSON values."""
    evidence: dict[str, Any] = {
        "n": row.n,
        "baseline": row.baseline,
        "candidate": row.candidate,
        "direction": row.metric.direction.value,
    }
    if row.interval is not None:
        evidence |= {
            "method": row.interval.method,
            "ci_low": row.interval.low,
            "ci_high": row.interval.high,
            "standing": str(row.interval.standing),
        }
    for who, own in (("candidate", row.candidate_interval), ("baseline", row.baseline_interval)):
        if own is not None:
            evidence |= {f"{who}_ci_low": own[0], f"{who}_ci_high": own[1]}
    if row.note:
        evidence["note"] = row.note
    return evidence


def change_id(area: Area, metric: str, rule: str, sensitive: str | None = None) -> str:
    """`metric.roc_auc.max_regression`, or `fairness.equalized_odds_difference.max.sex`."""
    parts = [area, id_part(metric), rule, *([] if sensitive is None else [id_part(sensitive)])]
    return ".".join(parts)


def area_of(row: ComparisonRow) -> Area:
    """What a row over all rows is about."""
    return Area.METRIC if row.sensitive is None else Area.FAIRNESS


def _worst(
    row: ComparisonRow, bounds: Sequence[Bound], evidence: Evidence
) -> tuple[Outcome, Bound | None]:
    """The worst answer of all bounds and the first that gives it."""
    answers = [(_outcome(row, bound, evidence), bound) for bound in bounds]
    nothing: tuple[Outcome, Bound | None] = (Outcome.INCONCLUSIVE, None)
    return min(answers, key=lambda answer: WORST_FIRST.index(answer[0]), default=nothing)


def _outcome(row: ComparisonRow, bound: Bound, evidence: Evidence) -> Outcome:
    identical = row.interval is not None and row.interval.method == IDENTICAL
    if identical or evidence.decide_by is DecideBy.POINT:
        holds = row.diff is not None and bound.holds(row.diff)
        return Outcome.PASSED if holds else Outcome.FAILED
    if row.interval is None or row.interval.standing is Standing.NOT_ESTIMABLE:
        return Outcome.INCONCLUSIVE
    outcome = bound.settle(_judging(row, row.interval, bound, evidence))
    if outcome is Outcome.PASSED and row.interval.standing is not Standing.SETTLES:
        return Outcome.INCONCLUSIVE
    return outcome


def _judging(row: ComparisonRow, interval: Interval, bound: Bound, evidence: Evidence) -> Interval:
    return judged_by(interval, bound, diff=row.diff or 0.0, confidence=evidence.confidence)


_HELD = {
    ChangeRule.MAX_REGRESSION: "not worse by more than {m}",
    ChangeRule.MIN_IMPROVEMENT: "better by at least {m}",
    ChangeRule.MAX_IMPROVEMENT: "not better by more than {m}",
}
_BROKEN = {
    ChangeRule.MAX_REGRESSION: "more than the {m} allowed",
    ChangeRule.MIN_IMPROVEMENT: "not the improvement of at least {m} that is asked for",
    ChangeRule.MAX_IMPROVEMENT: "more than the {m} that is plausible",
}


def _message(
    row: ComparisonRow, rule: ChangeRule, bound: Bound, outcome: Outcome, evidence: Evidence
) -> str:
    decimals = decimals_of(row, bound.margin)
    limit = f"{bound.margin:.4g}"
    if outcome is Outcome.FAILED:
        moved = movement(row, decimals, evidence.confidence)
        return f"{moved}, {_BROKEN[rule].format(m=limit)}"
    values = both_values(row, decimals, evidence.confidence)
    if outcome is Outcome.PASSED:
        return f"{values}: {_HELD[rule].format(m=limit)}"
    return f"{values}: not settled; {_why_open(row, bound, decimals, evidence)}"


def _why_open(row: ComparisonRow, bound: Bound, decimals: int, evidence: Evidence) -> str:
    interval = row.interval
    if interval is None or interval.standing is Standing.NOT_ESTIMABLE:
        return f"no interval can be given: {row.note or 'the metric has none'}"
    interval = _judging(row, interval, bound, evidence)
    if interval.standing is Standing.MAY_FAIL and bound.settle(interval) is Outcome.PASSED:
        return f"{interval.note}, enough to fail but not to pass"
    row = replace(row, interval=interval)
    needed = rows_needed(row, abs(bound.at), decimals, evidence.confidence)
    if interval.standing is Standing.MAY_FAIL:
        return f"{needed}; {interval.note}, enough to fail but not to pass"
    return needed


def _result(
    row: ComparisonRow,
    rule: ChangeRule,
    severity: Severity,
    outcome: Outcome,
    message: str,
    *,
    limit: float | None = None,
    extra: Mapping[str, Any] | None = None,
) -> CheckResult:
    return CheckResult(
        id=change_id(area_of(row), row.metric.name, rule, row.sensitive),
        area=area_of(row),
        outcome=outcome,
        message=message,
        severity=severity,
        sensitive=row.sensitive,
        rows=row.n,
        observed=row.diff,
        limit=limit,
        evidence={**comparison_evidence(row), **(extra or {})},
    )
