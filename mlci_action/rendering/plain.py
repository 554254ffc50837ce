"""What of a foreign text can be shown? One line, without control or direction characters."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate, takewhile

ELLIPSIS = "…"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_SURROGATE = re.compile("[\ud800-\udfff]")
# Control, format (direction marks, zero width), surrogate, private use and unassigned characters:
# they hide text, turn it around or move a terminal's cursor.
_UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def one_line(text: str, limit: int = 400) -> str:
    """`text` on one line of at most `limit` characters; white space becomes a single space."""
    # Twice the limit leaves room for runs of white space, and a hostile megabyte is never walked.
    words = " ".join(text[: 2 * limit + 2].split())
    shown = "".join(
        REPLACEMENT if unicodedata.category(char) in _UNSHOWABLE else char for char in words
    )
    cut = len(shown) > limit or len(text) > 2 * limit + 2
    return shown[: limit - 1].rstrip() + ELLIPSIS if cut else shown


def storable(text: str) -> str:
    """`text` that UTF-8 can hold."""
    return _SURROGATE.sub(REPLACEMENT, text)


def display_width(text: str) -> int:
    """How many terminal columns `text` takes: wide characters take two, combining marks none."""
    return sum(_char_width(char) for char in text)


def wrapped(text: str, width: int, *, after: str = " ") -> list[str]:
    """`text` in lines of at most `width` columns, broken after one of `after` where it can be."""
    lines = []
    while display_width(text) > width:
        most = max(1, _characters_that_fit(text, width))
        # A space may hang over the edge: it is not shown.
        best = max(text.rfind(mark, 0, most + (mark == " ")) for mark in after) + 1
        cut = best if 2 * best > most else most
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*lines, text]


def _characters_that_fit(text: str, width: int) -> int:
    ends = accumulate(_char_width(char) for char in text)
    return sum(1 for _ in takewhile(lambda end: end <= width, ends))


def _char_width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
