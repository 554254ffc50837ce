"""What cannot always be found out about a file, and can be said in mlci.yml?"""

from __future__ import annotations

from dataclasses import dataclass

WHITESPACE = "whitespace"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadOptions:
    """How a table is to be read; None is found out."""

    # One character, or "whitespace" for runs of spaces and tabs.
    separator: str | None = None
    # UTF-8, or what the first bytes say.
    encoding: str | None = None
    # The names of a file that has no header line.
    columns: tuple[str, ...] | None = None
    # Of an Excel file; the first one.
    sheet: str | None = None


AS_FOUND = ReadOptions()
