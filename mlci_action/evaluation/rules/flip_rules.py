"""Are too many rows wrong that the baseline has right? One limit on their share of all rows."""

from __future__ import annotations

import math
from typing import Any

from mlci_action.domain.behaviour import Flips, Value
from mlci_action.domain.comparison import Comparison
from mlci_action.domain.limits import DecideBy, Evidence, FlipLimits
from mlci_action.domain.metric import Task
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult, broken
from mlci_action.evaluation.rules.wording import about, apart_from, level

_ID = f"{Area.METRIC}.flips.max_negative_rate"


def judge_flips(
    comparison: Comparison,
    limits: FlipLimits,
    evidence: Evidence,
    *,
    no_baseline: tuple[Outcome, str] | None,
) -> tuple[CheckResult, ...]:
    """The answer to `max_negative_rate`; none when no limit is set.

    As a difference it is settled by its interval: entirely up to the limit or entirely above it.
    """
    if limits.max_negative_rate is None:
        return ()
    flips = comparison.behaviour.flips
    if comparison.task is Task.REGRESSION:
        why = "flips are rows whose label turned wrong: a model of numbers gives no labels"
        return unjudged_flips(limits, Outcome.ERRORED, why)
    if no_baseline is not None:
        return unjudged_flips(limits, *no_baseline)
    if flips is None:
        return unjudged_flips(limits, Outcome.ERRORED, "flips need class labels of both models")
    return (_judged(flips, limits, limits.max_negative_rate, evidence),)


def unjudged_flips(limits: FlipLimits, outcome: Outcome, message: str) -> tuple[CheckResult, ...]:
    """The limit with this outcome, for when there is nothing to judge."""
    if limits.max_negative_rate is None:
        return ()
    return (
        CheckResult(
            id=_ID,
            area=Area.METRIC,
            outcome=outcome,
            message=message,
            severity=limits.severity,
            limit=limits.max_negative_rate,
        ),
    )


def _judged(flips: Flips, limits: FlipLimits, limit: float, evidence: Evidence) -> CheckResult:
    outcome = _outcome(flips, limit, evidence)
    rate = flips.negative.value
    facts: dict[str, Any] = {
        "n": flips.n,
        "negative_rows": flips.negative_rows,
        "positive_rows": flips.positive_rows,
        "ci_low": flips.negative.low,
        "ci_high": flips.negative.high,
        "method": "score",
    }
    if outcome is Outcome.INCONCLUSIVE and rate is not None and rate <= limit:
        facts["point_inside_margin"] = True
    return CheckResult(
        id=_ID,
        area=Area.METRIC,
        outcome=broken(limits.severity) if outcome is Outcome.FAILED else outcome,
        message=_message(flips, limit, outcome, evidence),
        severity=limits.severity,
        rows=flips.n,
        observed=rate,
        limit=limit,
        evidence=facts,
    )


def _outcome(flips: Flips, limit: float, evidence: Evidence) -> Outcome:
    rate, low, high = flips.negative.value, flips.negative.low, flips.negative.high
    if rate is None or not math.isfinite(rate):
        return Outcome.NOT_RUN
    if evidence.decide_by is DecideBy.POINT:
        return Outcome.PASSED if rate <= limit else Outcome.FAILED
    if low is None or high is None:
        return Outcome.INCONCLUSIVE
    if high <= limit:
        return Outcome.PASSED
    return Outcome.FAILED if low > limit else Outcome.INCONCLUSIVE


def _message(flips: Flips, limit: float, outcome: Outcome, evidence: Evidence) -> str:
    negative = flips.negative
    if negative.value is None:
        return f"flips could not be counted: {negative.note}"
    rate = _rate(negative, limit, evidence)
    said = f"right in the baseline, wrong now: {flips.negative_rows:,} of {flips.n:,} rows ({rate})"
    if outcome is Outcome.PASSED:
        return f"{said}, not more than {limit:g}"
    if outcome is Outcome.FAILED:
        return f"{said}, more than the {limit:g} allowed"
    return f"{said}: not settled; {_why_open(flips, limit)}"


def _rate(negative: Value, limit: float, evidence: Evidence) -> str:
    """`0.0075, 95 % CI 0.00255 to 0.0218`."""
    value = apart_from(negative.value, limit) if negative.value else "0"
    if negative.note or negative.low is None or negative.high is None:
        return f"{value}, {negative.note}"
    return f"{value}, {level(evidence.confidence)} CI {negative.low:.3g} to {negative.high:.3g}"


def _why_open(flips: Flips, limit: float) -> str:
    """A rate without a single flip is settled below s / (1 + s), s = z² over the rows that count.

    The ends of the score interval add up to (2 · rate + s) / (1 + s), whatever rows count for.
    """
    low, high, rate = flips.negative.low, flips.negative.high, flips.negative.value
    if low is None or high is None or rate is None:
        return f"no interval can be given: {flips.negative.note}"
    near = "so the true rate is probably near your limit"
    if not low + high < 1:
        return near
    squared = (low + high - 2 * rate) / (1 - low - high)
    best = squared / (1 + squared)
    said = f"these {flips.n:,} rows can settle a rate of {best:.2g}, if none flips"
    if not limit > 0:
        return f"{said}; no number of rows settles a rate of 0"
    if best <= limit:
        return f"{said}, {near}"
    needed = flips.n * squared * (1 - limit) / limit
    return f"{said}; for your limit about {about(needed)} rows are needed"
