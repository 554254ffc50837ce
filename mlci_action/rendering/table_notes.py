"""What stands below a table: why numbers are not there, and how many rows are not shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlci_action.rendering.markdown import bullets, code_span, escape_cell

_MOST, _NAME, _NOTE = 5, 40, 160


def notes_below(notes: Iterable[tuple[str, str]]) -> str:
    """Each note once, behind the names of all rows that it is about."""
    names: dict[str, dict[str, None]] = {}
    for name, note in notes:
        names.setdefault(note, {})[name] = None
    items = [
        f"{', '.join(code_span(name, _NAME) for name in list(of)[:_MOST])}: "
        f"{escape_cell(note, _NOTE)}"
        for note, of in names.items()
    ]
    return bullets(items, _MOST, "more notes")


def left_out_below(items: Sequence[object], most: int, what: str) -> str:
    """How many of `what` only report.json has."""
    left_out = len(items) - len(items[:most])
    return f"{left_out:,} more {what} in report.json." if left_out else ""
