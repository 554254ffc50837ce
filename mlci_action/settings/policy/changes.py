"""What would a change do to the policy, rule by rule?"""

from __future__ import annotations

from mlci_action.domain.policy import Move, PolicyChange
from mlci_action.settings.policy.data_rules import CHECKS, OFF
from mlci_action.settings.policy.rule import Key, Rule, Rules, moved
from mlci_action.settings.problems import dotted

_LONGEST = 200
_FIRST = (Move.LOOSER, Move.OTHER, Move.TIGHTER)


def changes(base: Rules, own: Rules, both: Rules) -> tuple[PolicyChange, ...]:
    """Every rule that the change has otherwise, what it would loosen first.

    both: the rules in force; what the change has counts where it is what they have.
    """
    off = [
        key
        for side in (base, own)
        for key, rule in side.items()
        if key[: len(CHECKS)] == CHECKS and rule.text == OFF
    ]
    found: dict[Key, PolicyChange] = {}
    for key in dict.fromkeys((*base, *own)):
        # Of a check that is off on one side that alone is told, and not its limits.
        if any(_is_below(key, check) for check in off):
            continue
        before, after = _counting(base, own, key), _counting(own, base, key)
        move = moved(before, after)
        if move is not None:
            in_force = _text(_counting(both, {**base, **own}, key)) == _text(after)
            if in_force and before is None and after is not None and after.strictness is not None:
                # What a limit adds may depend on those beside it, which the merging has looked at.
                move = Move.TIGHTER
            found[key] = _change(key, move, before, after, in_force=in_force)
    told = [change for key, change in found.items() if not _is_told_below(key, base, own, found)]
    return tuple(sorted(told, key=lambda change: _FIRST.index(change.move)))


def _counting(side: Rules, other: Rules, key: Key) -> Rule | None:
    """The rule of one side, or what counts there in its place."""
    rule, theirs = side.get(key), other.get(key)
    if rule is not None or theirs is None or theirs.instead is None:
        return rule
    return side.get(theirs.instead)


def _is_told_below(key: Key, base: Rules, own: Rules, found: dict[Key, PolicyChange]) -> bool:
    """Whether a key only says that there are rules, and one of them is told."""
    rule = base.get(key) or own.get(key)
    return rule is not None and rule.entry and any(_is_below(other, key) for other in found)


def _is_below(key: Key, above: Key) -> bool:
    return len(key) > len(above) and key[: len(above)] == above


def _change(
    key: Key, move: Move, before: Rule | None, after: Rule | None, *, in_force: bool
) -> PolicyChange:
    return PolicyChange(
        rule=_short(dotted(key)) or "",
        move=move,
        before=_short(_text(before)),
        after=_short(_text(after)),
        in_force=in_force,
    )


def _text(rule: Rule | None) -> str | None:
    return None if rule is None else rule.text


def _short(text: str | None) -> str | None:
    if text is None or len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 3]}..."
