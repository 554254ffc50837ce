"""What is one rule of a policy, and which of two is the stricter?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mlci_action.domain.limits import Margin
from mlci_action.domain.outcomes import Severity
from mlci_action.domain.policy import Move

Key: TypeAlias = tuple[str, ...]

_LISTED = "listed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule as one side has it.

    text: as a reader sees it, None where the key says nothing. strictness: of two the larger is
    the stricter, None where neither is. added, removed: what it is to have the rule where the other
    side has none, None where that goes without saying. instead: the key that counts where this one
    is missing. entry: says no more than that there are rules below its key.
    """

    text: str | None
    strictness: float | None = None
    added: Move | None = None
    removed: Move | None = None
    instead: Key | None = None
    entry: bool = False


Rules: TypeAlias = dict[Key, Rule]
Found: TypeAlias = Iterator[tuple[Key, Rule]]


def moved(before: Rule | None, after: Rule | None) -> Move | None:
    """What it is to have `after` in place of `before`; None where nothing is to be told."""
    if before is None or after is None:
        return after.added if after else before.removed if before else None
    if before.text == after.text:
        return None
    if before.strictness is None or after.strictness is None:
        return Move.OTHER
    if before.strictness == after.strictness:
        return Move.OTHER
    return Move.TIGHTER if after.strictness > before.strictness else Move.LOOSER


def at_most(limit: float, *, instead: Key | None = None) -> Rule:
    """A limit that is stricter when small; none is no limit."""
    return Rule(
        text=_number(limit),
        strictness=-limit,
        added=Move.TIGHTER,
        removed=Move.LOOSER,
        instead=instead,
    )


def at_least(limit: float) -> Rule:
    """A limit that is stricter when large; none is no limit."""
    return Rule(text=_number(limit), strictness=limit, added=Move.TIGHTER, removed=Move.LOOSER)


def in_place_of_chance(limit: float, *, instead: Key | None = None) -> Rule:
    """A limit without which the data are held against what chance explains.

    Which of the two is stricter depends on the data, but for a limit that nothing or all can break.
    """
    added = Move.TIGHTER if limit == 0 else Move.LOOSER if limit >= 1 else Move.OTHER
    return Rule(
        text=_number(limit),
        strictness=-limit,
        added=added,
        # What nothing can break was there to do without chance.
        removed=Move.TIGHTER if limit >= 1 else Move.LOOSER,
        instead=instead,
    )


def severity(value: Severity) -> Rule:
    """Whether what stands beside it is required; without anything beside it says nothing."""
    return Rule(text=value.value, strictness=float(value is Severity.FAIL))


def word(value: StrEnum | str, strictest_last: tuple[str, ...]) -> Rule:
    """One of some words, of which a later one is the stricter."""
    return Rule(text=str(value), strictness=float(strictest_last.index(str(value))))


def member() -> Rule:
    """A thing that is judged because it is listed."""
    return Rule(text=_LISTED, strictness=1.0, added=Move.TIGHTER, removed=Move.LOOSER)


def allowed() -> Rule:
    """A thing that is tolerated because it is listed."""
    return Rule(text=_LISTED, strictness=0.0, added=Move.LOOSER, removed=Move.TIGHTER)


def entry(text: str) -> Rule:
    """That something is looked at, by rules or without any."""
    return Rule(text=text, added=Move.TIGHTER, removed=Move.LOOSER, entry=True)


def note(value: object) -> Rule:
    """What is neither stricter nor looser; where one side lacks the key, its section tells it."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return Rule(text=_number(value))
    return Rule(text=None if value is None else str(value))


def margin(key: Key, value: Margin | None, *, least: bool = False) -> Found:
    """Both limits of a margin: a bare number in the file is the absolute one."""
    rule = at_least if least else at_most
    if value is not None and value.absolute is not None:
        yield key, rule(value.absolute)
    if value is not None and value.relative is not None:
        yield (*key, "relative"), rule(value.relative)


def _number(value: float) -> str:
    """All digits: two limits that differ must not look alike."""
    return repr(float(value)).removesuffix(".0")
