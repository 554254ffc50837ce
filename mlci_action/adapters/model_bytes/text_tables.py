"""Does a file begin as a table of text does: CSV, its likes, or a JSON object a line?"""

from __future__ import annotations

import codecs
import csv
import json
from itertools import islice

_SEPARATORS = (",", ";", "\t", "|")
_MAX_LINES = 50
_LONGEST_CELL = 200
_CONTROLS = frozenset(range(32)) - {9, 10, 13}
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
# What has lines as well, and is no table.
_OTHERS = ("<", "[", "%", "---", "#!", "import ", "from ", "@relation")


def looks_like_a_table(head: bytes) -> bool:
    """Whether the first lines are rows; `head` may be cut anywhere."""
    text = _text(head)
    if text is None or text.lower().startswith(_OTHERS):
        return False
    lines = [line for line in text.splitlines()[:_MAX_LINES] if line.strip()]
    if not lines:
        return False
    if lines[0].startswith("{"):
        return _is_flat_json(lines[0])
    whole = lines[:-1] if len(lines) > 1 and not text.endswith(("\n", "\r")) else lines
    return any(_fits(whole, each) for each in _SEPARATORS) or _is_one_column(whole)


def _text(head: bytes) -> str | None:
    codec = next((codec for mark, codec in _MARKS.items() if head.startswith(mark)), None)
    if codec is None and not _CONTROLS.isdisjoint(head):
        return None
    # Text in an older encoding is text too.
    return head.decode(codec or "utf-8", "replace").lstrip()


def _is_flat_json(line: str) -> bool:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(row, dict) and not any(isinstance(v, dict | list) for v in row.values())


def _fits(lines: list[str], separator: str) -> bool:
    try:
        rows = list(islice(csv.reader(lines, delimiter=separator), _MAX_LINES))
    except csv.Error:
        return False
    widths = {len(row) for row in rows}
    return len(widths) == 1 and min(widths) > 1


def _is_one_column(lines: list[str]) -> bool:
    words = [line.strip() for line in lines]
    return len(words) > 1 and all(
        len(word) <= _LONGEST_CELL and len(word.split()) == 1 for word in words
    )
