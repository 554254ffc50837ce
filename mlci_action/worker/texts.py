"""How may a text that a file claims be shown? Short, and only with letters of a name."""

from __future__ import annotations

import re

_OTHERS = re.compile(r"[^A-Za-z0-9_.+:-]+")
_LONGEST = 60


def word(text: str) -> str:
    """A name or a version without anything that it does not need."""
    return _OTHERS.sub(" ", text).strip()[:_LONGEST]
