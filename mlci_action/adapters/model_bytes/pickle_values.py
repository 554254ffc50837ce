"""What does a pickle put together, as far as it can be told without making any of it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

_LONGEST_NAME = 120
MADE_UP = "(a name that is made up while loading)"
_RECONSTRUCTORS = ("copyreg._reconstructor", "copy_reg._reconstructor")


class Unknown:
    """Anything that is of no interest here."""


@dataclass(frozen=True, slots=True)
class Named:
    """What an import gives: `module.name`."""

    name: str


@dataclass(slots=True)
class Made:
    """What calling `of` gives; `state` is what it was built up with later."""

    of: Named
    arguments: tuple[Value, ...]
    state: Value = None


@dataclass(slots=True)
class Mapping:
    """The entries of a dict whose keys are texts, the first few of them."""

    entries: dict[str, Value] = field(default_factory=dict)


Value: TypeAlias = "str | int | tuple[Value, ...] | Named | Made | Mapping | Unknown | None"

UNKNOWN = Unknown()


def imported(module: Value, name: Value) -> Named:
    """The object of that name in a module."""
    if isinstance(module, str) and isinstance(name, str):
        return Named(shown(f"{module}.{name}"))
    return Named(MADE_UP)


def called(what: Value, arguments: Value) -> Value:
    """What a call gives. Python 2's way to make an object is as good as a call of its class."""
    if not isinstance(what, Named):
        return UNKNOWN
    given = arguments if isinstance(arguments, tuple) else (UNKNOWN,)
    if what.name in _RECONSTRUCTORS and given and isinstance(given[0], Named):
        return Made(given[0], ())
    return Made(what, given)


def shown(name: str) -> str:
    """A name that somebody may have made up, fit for a message."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in name[:_LONGEST_NAME])
    return plain if len(name) <= _LONGEST_NAME else f"{plain}..."
