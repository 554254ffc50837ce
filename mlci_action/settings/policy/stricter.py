"""Which of two limits is the stricter? Where only one side has some, it is that side's."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from mlci_action.domain.limits import Margin
from mlci_action.domain.outcomes import Severity

T = TypeVar("T")


def lower(one: float | None, other: float | None) -> float | None:
    """The smaller of two limits, None for none."""
    given = [value for value in (one, other) if value is not None]
    return min(given, default=None)


def higher(one: float | None, other: float | None) -> float | None:
    """The larger of two limits, None for none."""
    given = [value for value in (one, other) if value is not None]
    return max(given, default=None)


def margin(one: Margin | None, other: Margin | None, *, least: bool = False) -> Margin | None:
    """Both limits of both margins, each the stricter: all that are set must hold."""
    if one is None or other is None:
        return one or other
    stricter = higher if least else lower
    return Margin(
        absolute=stricter(one.absolute, other.absolute),
        relative=stricter(one.relative, other.relative),
    )


def severity(*given: Severity) -> Severity:
    """`fail` where any says so."""
    return Severity.FAIL if Severity.FAIL in given else Severity.WARN


def united(
    base: Sequence[T], own: Sequence[T], key: Callable[[T], Hashable], both: Callable[[T, T], T]
) -> tuple[T, ...]:
    """All that either side has, the base's first; `both` makes one of two with the same key."""
    ours = {key(each): each for each in own}
    known = {key(each) for each in base}
    return (
        *(both(each, ours[key(each)]) if key(each) in ours else each for each in base),
        *(each for each in own if key(each) not in known),
    )
