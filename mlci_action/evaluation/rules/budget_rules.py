"""Does the candidate cost more than it may? One answer for each limit of each budget."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from mlci_action.domain.behaviour import Value
from mlci_action.domain.costs import Budget, Budgets, CostRow, Costs, Measure
from mlci_action.domain.limits import DecideBy, Evidence
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult, broken
from mlci_action.evaluation.costs import METHOD
from mlci_action.evaluation.rules.wording import apart_from, level

_RATIO = "max_ratio"


def judge_budgets(
    rows: Sequence[CostRow],
    costs: Costs,
    budgets: Budgets,
    evidence: Evidence,
    *,
    no_baseline: tuple[Outcome, str] | None,
) -> tuple[CheckResult, ...]:
    """The answers to all limits; `rows` are the `cost_rows` of `costs`.

    A limit of its own is judged by p95 where there are rounds, else by the value. A ratio with an
    interval is settled by it, as every comparison is; those of sizes, memory and loading have none
    and are judged as they are. `no_baseline` is what a comparison without one answers.
    """
    known = {row.measure: row for row in rows}
    found: list[CheckResult] = []
    for budget in budgets.budgets:
        row = known.get(budget.measure.value)
        if row is None or row.candidate is None:
            found += _unanswered(budget, Outcome.ERRORED, costs.candidate_note or _unknown(budget))
            continue
        if budget.max is not None:
            found.append(_own(row, budget, budget.max))
        if budget.max_ratio is None:
            continue
        if row.ratio is None and (costs.baseline is None and no_baseline is not None):
            found.append(_result(budget, _RATIO, *no_baseline))
        elif row.ratio is None:
            note = costs.baseline_note or _unknown(budget, "the baseline")
            found.append(_result(budget, _RATIO, Outcome.ERRORED, note))
        else:
            found.append(_ratio(row, row.ratio, budget, budget.max_ratio, evidence))
    return tuple(found)


def unanswered(budgets: Budgets, outcome: Outcome, why: str) -> tuple[CheckResult, ...]:
    """Every limit with this outcome, for when nothing could be measured."""
    return tuple(
        result for budget in budgets.budgets for result in _unanswered(budget, outcome, why)
    )


def _unanswered(budget: Budget, outcome: Outcome, why: str) -> Iterator[CheckResult]:
    if budget.max is not None:
        yield _result(budget, budget.measure.max_rule, outcome, why)
    if budget.max_ratio is not None:
        yield _result(budget, _RATIO, outcome, why)


def _unknown(budget: Budget, who: str = "the candidate") -> str:
    return f"{budget.measure}: could not be measured for {who} on this system"


def _own(row: CostRow, budget: Budget, limit: float) -> CheckResult:
    """The candidate's value against its own limit."""
    value = row.candidate_p95 if budget.measure.repeated else row.candidate
    holds = value is not None and math.isfinite(value) and value <= limit
    shown = f"{apart_from(value, limit) if value is not None else 'none'} {row.unit}"
    said = f"{budget.measure} {shown}{_counted(row, budget.measure)}"
    verdict = (
        f"not more than {limit:g} {row.unit}"
        if holds
        else f"more than the {limit:g} {row.unit} allowed"
    )
    outcome = Outcome.PASSED if holds else broken(budget.severity)
    return _result(
        budget, budget.measure.max_rule, outcome, f"{said}: {verdict}", row=row, observed=value
    )


def _counted(row: CostRow, measure: Measure) -> str:
    if measure.repeated:
        return f" at the 95th percentile (n = {row.n})"
    return f" (median of {row.n})" if measure is Measure.LOAD_TIME else ""


def _ratio(
    row: CostRow, ratio: Value, budget: Budget, limit: float, evidence: Evidence
) -> CheckResult:
    by_point = not budget.measure.repeated or evidence.decide_by is DecideBy.POINT
    outcome = _by_point(ratio, limit) if by_point else _by_interval(ratio, limit)
    value = "none" if ratio.value is None else apart_from(ratio.value, limit)
    said = f"{budget.measure} {value} times the baseline's ({_rests_on(row, ratio, evidence)})"
    return _result(
        budget,
        _RATIO,
        broken(budget.severity) if outcome is Outcome.FAILED else outcome,
        f"{said}: {_verdict(outcome, row, ratio, limit)}",
        row=row,
        observed=ratio.value,
        inside=ratio.value is not None and ratio.value <= limit,
    )


def _by_point(ratio: Value, limit: float) -> Outcome:
    if ratio.value is None or not math.isfinite(ratio.value):
        return Outcome.NOT_RUN
    return Outcome.PASSED if ratio.value <= limit else Outcome.FAILED


def _by_interval(ratio: Value, limit: float) -> Outcome:
    """Entirely up to the limit or entirely above it; a NaN is neither."""
    if ratio.low is None or ratio.high is None:
        return Outcome.INCONCLUSIVE
    if ratio.high <= limit:
        return Outcome.PASSED
    return Outcome.FAILED if ratio.low > limit else Outcome.INCONCLUSIVE


def _rests_on(row: CostRow, ratio: Value, evidence: Evidence) -> str:
    """`95 % CI 0.98 to 1.1, n = 400`, or what there is instead of an interval."""
    if ratio.low is None or ratio.high is None:
        return f"no interval, n = {row.n}" if row.n > 1 else "one value each, no interval"
    return f"{level(evidence.confidence)} CI {ratio.low:.3g} to {ratio.high:.3g}, n = {row.n}"


def _verdict(outcome: Outcome, row: CostRow, ratio: Value, limit: float) -> str:
    if outcome is Outcome.PASSED:
        return f"not more than {limit:g}"
    if outcome is Outcome.FAILED:
        return f"more than the {limit:g} allowed"
    if ratio.low is None or ratio.high is None:
        return f"not settled; {ratio.note}"
    return (
        f"not settled; these {row.n} rounds settle a limit outside {ratio.low:.3g} to"
        f" {ratio.high:.3g}, and a quieter machine one nearer to the truth"
    )


def _result(
    budget: Budget,
    rule: str,
    outcome: Outcome,
    message: str,
    *,
    row: CostRow | None = None,
    observed: float | None = None,
    inside: bool = False,
) -> CheckResult:
    evidence: dict[str, object] = {} if row is None else _evidence_of(row, rule)
    if outcome is Outcome.INCONCLUSIVE and inside:
        evidence["point_inside_margin"] = True
    return CheckResult(
        id=f"{Area.BUDGET}.{budget.measure}.{rule}",
        area=Area.BUDGET,
        outcome=outcome,
        message=message,
        severity=budget.severity,
        observed=observed,
        limit=budget.max_ratio if rule == _RATIO else budget.max,
        evidence=evidence,
    )


def _evidence_of(row: CostRow, rule: str) -> dict[str, object]:
    evidence: dict[str, object] = {
        "n": row.n,
        "unit": row.unit,
        "candidate": row.candidate,
        "baseline": row.baseline,
    }
    if row.candidate_p95 is not None:
        evidence |= {"candidate_p95": row.candidate_p95, "baseline_p95": row.baseline_p95}
    if rule == _RATIO and row.ratio is not None and row.ratio.low is not None:
        evidence |= {"method": METHOD, "ci_low": row.ratio.low, "ci_high": row.ratio.high}
    return evidence
