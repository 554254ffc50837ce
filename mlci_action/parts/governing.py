"""The part of the policy: is it known by whose limits this was judged, and what is tolerated?"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from mlci_action.domain.comparison import Comparison, ComparisonRow
from mlci_action.domain.limits import ChangeRule
from mlci_action.domain.metric import Direction
from mlci_action.domain.outcomes import WORST_FIRST, Area, Outcome
from mlci_action.domain.policy import PolicyFacts
from mlci_action.domain.results import CheckResult
from mlci_action.domain.waivers import Waiver, WaiverState, WaiverUse, tolerates_down_to
from mlci_action.rendering.subjects import Subject, rule_of, subject

_BROKEN = frozenset({Outcome.FAILED, Outcome.INCONCLUSIVE})
_UNANSWERED = frozenset({Outcome.ERRORED, Outcome.NOT_RUN})
_AROUND_SIGNS = re.compile(r"\s*([=<>!,]+)\s*")
_LONGEST = 300


def governed(facts: PolicyFacts) -> tuple[CheckResult, ...]:
    """A required answer that is open where the limits of the base branch are not known."""
    if not facts.problem:
        return ()
    return (
        CheckResult(
            id="provenance.policy",
            area=Area.PROVENANCE,
            outcome=Outcome.ERRORED,
            message=facts.problem,
        ),
    )


def waived(
    results: Sequence[CheckResult], waivers: Sequence[Waiver], today: date
) -> tuple[tuple[CheckResult, ...], tuple[WaiverUse, ...]]:
    """The results, those that a waiver covers as `waived`, and what became of each waiver.

    Only what failed or is not settled can be waived, up to the ceiling and with its numbers kept;
    of several waivers for one check the first that covers it counts.
    """
    kept: list[CheckResult] = []
    met: dict[int, list[tuple[WaiverState, float | None]]] = {}
    for result in results:
        answer = result
        for place, waiver in enumerate(waivers):
            if not _is_for(waiver, result) or result.outcome not in _BROKEN | _UNANSWERED:
                continue
            state, value = _held_against(waiver, result, today)
            met.setdefault(place, []).append((state, value))
            if state is WaiverState.USED:
                answer = _as_waived(result, waiver)
                break
        kept.append(answer)
    used = (_use(waiver, met.get(place, []), today) for place, waiver in enumerate(waivers))
    return tuple(kept), tuple(used)


def remarked(comparison: Comparison | None, results: Iterable[CheckResult]) -> Comparison | None:
    """The comparison, in which a row agrees with its checks where one of them is waived now."""
    if comparison is None:
        return None
    outcomes: dict[Subject, list[Outcome]] = {}
    for result in results:
        about = subject(result)
        if about is not None:
            outcomes.setdefault(about, []).append(result.outcome)
    rows = tuple(_remarked(row, outcomes) for row in comparison.rows)
    return replace(comparison, rows=rows)


def _remarked(row: ComparisonRow, outcomes: Mapping[Subject, list[Outcome]]) -> ComparisonRow:
    about = subject(row)
    found = [] if about is None else outcomes.get(about, [])
    if row.outcome is None or Outcome.WAIVED not in found:
        return row
    return row.judged(min(found, key=WORST_FIRST.index))


def _is_for(waiver: Waiver, result: CheckResult) -> bool:
    if waiver.column is not None and waiver.column != result.column:
        return False
    if waiver.slice is None:
        return waiver.check == result.id
    if result.slice is None or _close(waiver.slice) != _close(result.slice.label):
        return False
    # The id of a slice's answer goes on with the slice, which the waiver names already.
    return result.id == waiver.check or result.id.startswith(f"{waiver.check}.")


def _close(label: str) -> str:
    """`sex=female` however its signs are set."""
    return _AROUND_SIGNS.sub(r"\1", label.strip())


def _held_against(
    waiver: Waiver, result: CheckResult, today: date
) -> tuple[WaiverState, float | None]:
    """Whether it covers the result, and the value that says so."""
    value = _value(result)
    if today > waiver.expires:
        return WaiverState.EXPIRED, value
    covers = (
        result.outcome in _BROKEN
        and value is not None
        and (value >= waiver.ceiling if _has_floor(result) else value <= waiver.ceiling)
    )
    return (WaiverState.USED if covers else WaiverState.EXCEEDED), value


def _value(result: CheckResult) -> float | None:
    """What the ceiling bounds: a difference as quality lost or won, else what was observed."""
    value = result.observed
    if value is None or not math.isfinite(value):
        return None
    rule = rule_of(result)
    if result.area not in (Area.METRIC, Area.SLICE, Area.FAIRNESS) or rule not in {*ChangeRule}:
        return value
    direction = result.evidence.get("direction")
    if direction not in {*Direction}:
        return None
    won = value if direction == Direction.HIGHER_IS_BETTER else -value
    # Minus zero is no loss that a reader should see.
    return 0.0 - won if rule == ChangeRule.MAX_REGRESSION else 0.0 + won


def _has_floor(result: CheckResult) -> bool:
    """Whether values are tolerated down to the ceiling."""
    if result.area is Area.DATA and result.observed is not None and result.limit is not None:
        # Of data only what is too few lies below its limit.
        return result.observed < result.limit
    return tolerates_down_to(result.id)


def _as_waived(result: CheckResult, waiver: Waiver) -> CheckResult:
    reach = "down to" if _has_floor(result) else "up to"
    why = "; ".join(filter(None, (_short(waiver.reason), _short(waiver.issue))))
    said = f"waived until {waiver.expires.isoformat()} {reach} {waiver.ceiling:g}: {why}"
    facts: dict[str, Any] = {
        "ceiling": waiver.ceiling,
        "expires": waiver.expires.isoformat(),
        "reason": _short(waiver.reason),
        "issue": _short(waiver.issue),
        "author": _short(waiver.author),
        "was": result.outcome.value,
    }
    return replace(
        result,
        outcome=Outcome.WAIVED,
        message=f"{result.message} ({said})",
        evidence={**result.evidence, "waiver": facts},
    )


def _short(text: str | None) -> str | None:
    if text is None:
        return None
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def _use(waiver: Waiver, met: Sequence[tuple[WaiverState, float | None]], today: date) -> WaiverUse:
    """Of several answers (one a column, say) the one that it covers least."""
    if today > waiver.expires:
        return WaiverUse(waiver=waiver, state=WaiverState.EXPIRED, observed=_farthest(waiver, met))
    for state in (WaiverState.EXCEEDED, WaiverState.USED):
        of_state = [each for each in met if each[0] is state]
        if of_state:
            return WaiverUse(waiver=waiver, state=state, observed=_farthest(waiver, of_state))
    return WaiverUse(waiver=waiver, state=WaiverState.UNUSED)


def _farthest(waiver: Waiver, met: Sequence[tuple[WaiverState, float | None]]) -> float | None:
    values = [value for _, value in met if value is not None]
    if not values:
        return None
    return min(values) if tolerates_down_to(waiver.check) else max(values)
