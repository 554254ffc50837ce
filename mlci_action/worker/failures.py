"""How does the worker say what went wrong? Its exception becomes `error` in result.json."""

from __future__ import annotations

import re

_MAX_TEXT = 300
_FROM_PATH = re.compile(r" from '[^']*'(?=>)")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class WorkerFailure(Exception):
    """The model cannot be used: `message` continues the sentence "the candidate ..."."""

    def __init__(self, kind: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint


def shown(error: BaseException) -> str:
    """An exception as one short line: its type and its first line of text."""
    first_line = next(iter(str(error).strip().splitlines()), "")
    text = _FROM_PATH.sub("", first_line)[:_MAX_TEXT]
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def shown_without_values(error: BaseException, columns: list[str]) -> str:
    """As `shown`, but what it quotes is left out unless it is the name of a column.

    Libraries quote the cell that they stumble over, and a message ends up in a public comment. A
    KeyError and an AttributeError quote names.
    """
    text = shown(error)
    if isinstance(error, (KeyError, AttributeError, ImportError)):
        return text
    return _QUOTED.sub(lambda m: m.group() if m.group()[1:-1] in columns else "'…'", text)
