"""How is it said in one line what changed rows do to a model?"""

from __future__ import annotations

from scipy.special import ndtri

from mlci_action.domain.behaviour import Value
from mlci_action.domain.comparison import ComparisonRow, Standing
from mlci_action.domain.limits import Evidence, Margin
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.results import CheckResult
from mlci_action.domain.robustness import Monotonicity, PropertyLimits
from mlci_action.evaluation.intervals.methods import critical_value
from mlci_action.evaluation.robustness.measure import FLIPS, Measured
from mlci_action.evaluation.robustness.phrases import changed_rows
from mlci_action.evaluation.rules.change_rules import near_zero
from mlci_action.evaluation.rules.robustness_limits import LimitOnRows
from mlci_action.evaluation.rules.wording import (
    about,
    apart_from,
    both_values,
    decimals_of,
    level,
    movement,
)

# The normal quantile of 80 %: the chance to settle that the needed rows are planned for.
_POWER = float(ndtri(0.8))


def drop_message(
    rule: LimitOnRows,
    row: ComparisonRow,
    margin: Margin,
    judged: CheckResult,
    evidence: Evidence,
) -> str:
    """What a metric loses; `judged` is the answer of the same row and margin as a regression."""
    rows = changed_rows(rule.asks, rule.column)
    if judged.limit is None:
        return f"{rows}: {_why_no_drop(row, margin)}"
    decimals = decimals_of(row, judged.limit)
    if judged.outcome in (Outcome.FAILED, Outcome.WARNED):
        moved = movement(row, decimals, evidence.confidence)
        return f"{rows}: {moved}, more than the {judged.limit:.4g} allowed"
    values = both_values(row, decimals, evidence.confidence)
    if judged.outcome is Outcome.PASSED:
        return f"{rows}: {values}: loses no more than {judged.limit:.4g}"
    interval = row.interval
    if interval is None or interval.standing is Standing.NOT_ESTIMABLE:
        return f"{rows}: {values}: not settled; no interval can be given: {row.note}"
    width = Value(value=row.diff, low=interval.low, high=interval.high)
    why = _why_open(width, row.n, judged.limit, evidence, interval.df)
    if interval.standing is Standing.MAY_FAIL:
        why = f"{why}; {interval.note}, enough to fail but not to pass"
    return f"{rows}: {values}: not settled; {why}"


def flips_message(
    rule: LimitOnRows, measured: Measured, outcome: Outcome, evidence: Evidence
) -> str:
    """How many rows change their label."""
    rows, limit = changed_rows(rule.asks, rule.column), rule.limit or 0.0
    share = measured.candidate
    if share.value is None:
        return f"{rows}: flips could not be counted: {share.note}"
    said = f"{rows}: {measured.count or 0:,} of {measured.n:,} rows change their label"
    said = f"{said} ({_with_interval(share, limit, evidence)})"
    if outcome is Outcome.PASSED:
        return f"{said}, not more than {limit:g}"
    if outcome is Outcome.FAILED:
        return f"{said}, more than the {limit:g} allowed"
    return f"{said}: not settled; {_why_open(share, measured.n, limit, evidence)}"


def rise_message(
    rule: LimitOnRows, measured: Measured, outcome: Outcome, evidence: Evidence
) -> str:
    """What the candidate loses beside the baseline, of a metric or of its labels."""
    rows, limit, rise = changed_rows(rule.asks, rule.column), rule.limit or 0.0, measured.rise
    ours, theirs = measured.candidate.value, measured.baseline
    its = None if theirs is None else theirs.value
    if rise is None or rise.value is None or ours is None or its is None:
        notes = (value.note for value in (measured.candidate, theirs) if value is not None)
        return f"{rows}: {rule.measure} could not be compared: {'; '.join(filter(None, notes))}"
    if rule.measure == FLIPS:
        said = f"{ours:.3g} of the rows change their label, {its:.3g} with the baseline"
    else:
        said = f"{rule.measure} loses {ours:.3g}, {its:.3g} with the baseline"
    said = f"{rows}: {said}: rise {_with_interval(rise, limit, evidence)}"
    if outcome is Outcome.PASSED:
        return f"{said}, not more than {limit:g}"
    if outcome is Outcome.FAILED:
        return f"{said}, more than the {limit:g} allowed"
    interval = measured.rise_interval
    why = _why_open(rise, measured.n, limit, evidence, None if interval is None else interval.df)
    if interval is not None and interval.standing is Standing.MAY_FAIL:
        why = f"{why}; {interval.note}, enough to fail but not to pass"
    return f"{said}: not settled; {why}"


def violations_message(
    rule: LimitOnRows, measured: Measured, outcome: Outcome, _evidence: Evidence
) -> str:
    """On how many of the rows that were asked a property does not hold; counted, not estimated."""
    asks, limit, share = rule.asks, rule.limit or 0.0, measured.candidate.value or 0.0
    said = f"another value of {rule.column!r} changes the answer"
    if isinstance(asks, PropertyLimits) and asks.direction is not None:
        goes = "falls" if asks.direction is Monotonicity.INCREASING else "rises"
        said = f"the answer {goes} somewhere as {rule.column!r} rises"
    if not measured.count:
        return f"{said} in none of {measured.n:,} rows"
    held = "not more than" if outcome is Outcome.PASSED else "more than the"
    end = "" if outcome is Outcome.PASSED else " allowed"
    count = f"in {measured.count:,} of {measured.n:,} rows ({apart_from(share, limit)})"
    return f"{said} {count}, {held} {limit:g}{end}"


def _why_no_drop(row: ComparisonRow, margin: Margin) -> str:
    value = row.baseline
    if value is not None and margin.relative is not None and near_zero(row.metric, value):
        return (
            f"{row.metric.name} is {value:.2g} on the rows as they are: a share of a value near"
            " zero has no meaning, so set an absolute limit"
        )
    return f"{row.metric.name} could not be computed: {row.note or 'it has no value'}"


def _with_interval(share: Value, limit: float, evidence: Evidence) -> str:
    """`0.0075, 95 % CI 0.00255 to 0.0218`."""
    value = apart_from(share.value, limit) if share.value else "0"
    if share.low is None or share.high is None or share.low == share.high:
        return f"{value}, {share.note}"
    return f"{value}, {level(evidence.confidence)} CI {share.low:.3g} to {share.high:.3g}"


def _why_open(
    moved: Value, n: int, limit: float, evidence: Evidence, df: float | None = None
) -> str:
    """What these rows can settle, and how many it takes: (t + 0.84)² · n · SE² / limit²."""
    if moved.low is None or moved.high is None:
        return "no interval can be given"
    critical = critical_value(evidence.confidence, df)
    settled = (critical + _POWER) * (moved.high - moved.low) / (2 * critical)
    said = f"these {n:,} rows can settle about {settled:.2g}"
    if not limit > 0:
        return f"{said}; no number of rows settles a limit of 0"
    needed = about(n * (settled / limit) ** 2)
    said = f"{said}; for your limit about {needed} rows are needed if nothing is lost"
    if settled <= limit:
        return f"{said}, so the truth is probably near your limit"
    return f"{said} (robustness.rows)"
