"""Do the rules hold that the owner states about rows and between columns?"""

from __future__ import annotations

from collections.abc import Sequence

from mlci_action.domain.integrity import Dependency
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult, broken
from mlci_action.domain.row_pairs import PairRule
from mlci_action.profiles.integrity import BrokenRule

NAME = "integrity"
ID = f"data.{NAME}"
HELD = "the rules hold"


def check_integrity(rules: Sequence[BrokenRule]) -> tuple[CheckResult, ...]:
    """One result for each rule; one that could not be asked of any row is `errored`."""
    return tuple(_answer(rule) for rule in rules)


def _answer(found: BrokenRule) -> CheckResult:
    problem = found.problem
    if not problem and not found.asked:
        problem = f"data.integrity {found.rule.text!r}: no row has all the values that it needs"
    if problem:
        return _result(found, Outcome.ERRORED, problem)
    held = found.share <= found.rule.max_share
    outcome = Outcome.PASSED if held else broken(found.rule.severity)
    note = f"; {found.note}" if found.note else ""
    return _result(found, outcome, _message(found, held=held) + note)


def _message(found: BrokenRule, *, held: bool) -> str:
    text, limit = found.rule.text, found.rule.max_share
    if not found.rows:
        return f"{text!r} holds in {found.of:,} rows"
    within = ""
    if limit:
        within = f", {'within' if held else 'above'} the limit of {limit:.4g}"
    return f"{text!r}: {found.rows:,} of {found.of:,} rows {_broken(found)}{within}"


def _broken(found: BrokenRule) -> str:
    match found.rule.asks:
        case Dependency(left=left, right=right):
            return f"have another {_named(right)} than most with the same {_named(left)}"
        case PairRule(same=same):
            return f"are one of two with the same {_named(same)} that must not be together"
        case _:
            return "break it"


def _named(columns: Sequence[str]) -> str:
    return " and ".join(map(repr, columns))


def _result(found: BrokenRule, outcome: Outcome, message: str) -> CheckResult:
    asked = outcome is not Outcome.ERRORED
    return CheckResult(
        id=f"{ID}.{found.rule.name}",
        area=Area.DATA,
        outcome=outcome,
        severity=found.rule.severity,
        message=message,
        rows=found.rows if asked else None,
        observed=found.share if asked else None,
        limit=found.rule.max_share,
        evidence={"rows": list(found.at), "asked": found.asked} if asked else {},
    )
