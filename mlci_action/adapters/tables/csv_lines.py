"""On which line of a text does a record stand? Quoted line ends are part of a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mlci_action.adapters.tables.options import WHITESPACE


def records(lines: Iterable[str], separator: str) -> Iterator[tuple[int, str]]:
    """The line that every record starts on, from 1, and its text; blank lines hold none."""
    runs = separator == WHITESPACE
    opening = re.compile('[ \t]"' if runs else f'{re.escape(separator)}"')
    blank = "\r\n" + " \t".replace("" if runs else separator, "")
    start, text, quoted = 0, "", False
    for number, line in enumerate(lines, start=1):
        if not text:
            if not line.strip(blank):
                continue
            start = number
        quoted = _ends_quoted(line.lstrip(" \t") if runs and not text else line, opening, quoted)
        text += line
        if not quoted:
            yield start, text
            text = ""
    if text:
        yield start, text


def _ends_quoted(line: str, opening: re.Pattern[str], quoted: bool) -> bool:  # noqa: FBT001
    """Whether a quote is open at the end of `line`: one opens at the start of a cell only."""
    if '"' not in line:
        return quoted
    at = 0
    if not quoted and line.startswith('"'):
        quoted, at = True, 1
    while True:
        if quoted:
            end = line.find('"', at)
            if end < 0:
                return True
            quoted, at = line.startswith('""', end), end + 1
            if quoted:
                at = end + 2
        else:
            found = opening.search(line, at)
            if found is None:
                return False
            quoted, at = True, found.end()
