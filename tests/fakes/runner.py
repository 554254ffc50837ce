"""What does GitHub's runner understand? Commands in a step's output, and the lines of its files.

After the grammar of https://docs.github.com/actions/reference/workflow-commands-for-github-actions:
`::name k=v::data` after leading blanks, the older `##[name k=v]data` anywhere in a line, and only
the token between `::stop-commands::token` and `::token::`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_KNOWN = frozenset(
    {
        *("add-mask", "add-path", "debug", "echo", "endgroup", "error", "group", "notice"),
        *("save-state", "set-env", "set-output", "stop-commands", "warning"),
    }
)
_NEW = re.compile(r"\s*::(?P<name>[^ :]+)(?: (?P<properties>.*?))?::(?P<data>.*)")
_OLD = re.compile(r"##\[(?P<name>[^ \]]+)(?: (?P<properties>[^\]]*))?\](?P<data>.*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command that the runner would carry out."""

    name: str
    data: str
    properties: Mapping[str, str] = field(default_factory=dict)


def commands(output: str) -> list[Command]:
    """The commands in what a step has printed; stopping and resuming are not among them."""
    found: list[Command] = []
    token: str | None = None
    for line in re.split(r"\r\n|\r|\n", output):
        command = _command(line, _KNOWN | ({token} if token else set()))
        if token is not None:
            token = None if command is not None and command.name == token else token
        elif command is not None and command.name == "stop-commands":
            token = command.data.lower()
        elif command is not None:
            found.append(command)
    if token is not None:
        raise AssertionError("commands were stopped and never resumed")
    return found


def file_values(text: str) -> dict[str, str]:
    """The keys and values of GITHUB_OUTPUT or GITHUB_ENV; a later one of the same name wins."""
    values = {}
    lines = iter(text.split("\n"))
    for line in lines:
        key, separator, rest = _first(line)
        if separator == "=":
            values[key] = rest
        elif separator == "<<":
            values[key] = "\n".join(_until(lines, rest))
        elif line:
            raise AssertionError(f"not a line that the runner takes: {line!r}")
    return values


def _first(line: str) -> tuple[str, str, str]:
    """`line` at whichever of `=` and `<<` comes first."""
    places = [(line.find(mark), mark) for mark in ("=", "<<") if mark in line]
    return line.partition(min(places)[1]) if places else (line, "", "")


def _until(lines: Iterator[str], delimiter: str) -> Iterator[str]:
    for line in lines:
        if line == delimiter:
            return
        yield line
    raise AssertionError(f"the delimiter {delimiter!r} never came")


def _command(line: str, known: frozenset[str]) -> Command | None:
    for found, mark, escapes in (
        (_NEW.match(line), ",", "\r\n:,%"),
        (_OLD.search(line), ";", "\r\n;]%"),
    ):
        if found is not None and found["name"].lower() in known:
            pairs = (pair.partition("=") for pair in (found["properties"] or "").split(mark))
            return Command(
                name=found["name"].lower(),
                data=_unescaped(found["data"], "\r\n%" if mark == "," else escapes),
                properties={key: _unescaped(value, escapes) for key, _, value in pairs if value},
            )
    return None


def _unescaped(text: str, characters: str) -> str:
    # The percent sign stands last: unescaped first, it would make escapes of what was text.
    for character in characters:
        text = text.replace(f"%{ord(character):02X}", character)
    return text
