"""How is a problem of mlci.yml said? One line each, all of them in one error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from mlci_action.errors import SettingsError

KeyPath: TypeAlias = tuple[str | int, ...]

NO_VALUE = "has no value; give it one or remove the key"

_HINT = "run `mlci schema` for the JSON Schema of mlci.yml"
_SHOWN_LENGTH = 60


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Problem:
    """What is wrong with which key, and in which line (counted from 1) it stands."""

    line: int
    where: str = ""
    text: str


def dotted(where: KeyPath) -> str:
    """A key path as people write it: `slices.by[1]`; keys that are no plain text are quoted."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in where)
    return "".join(parts).removeprefix(".")


def _key(text: str) -> str:
    return text if text.isprintable() and 0 < len(text) <= _SHOWN_LENGTH else quoted(text)


def quoted(value: object) -> str:
    """A value from the file in a message: on one line, and not a page of it."""
    text = repr(value)
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."


def settings_error(path: str, problems: Iterable[Problem]) -> SettingsError:
    """All problems in the order of the file, `path:line: key: what is wrong`."""
    lines = tuple(
        ": ".join(filter(None, (f"{path}:{problem.line}", problem.where, problem.text)))
        for problem in sorted(set(problems))
    )
    message = lines[0] if len(lines) == 1 else f"{path} has {len(lines)} problems"
    return SettingsError(message, hint=_HINT, problems=lines)
