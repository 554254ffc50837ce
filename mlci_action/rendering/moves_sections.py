"""How is told why metrics moved? A table of what each part of the inputs brought."""

from __future__ import annotations

from collections.abc import Sequence

from mlci_action.domain.fingerprint import Part
from mlci_action.domain.moves import MetricMove
from mlci_action.domain.report import Report
from mlci_action.rendering.console import item
from mlci_action.rendering.figures import side_by_side
from mlci_action.rendering.markdown import NBSP, code_span, escape_cell, table
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.table_notes import left_out_below, notes_below
from mlci_action.rendering.terminal_table import Line, number_table
from mlci_action.rendering.wording import better_or_worse

_NAME, _NOTE, _MOST_LINES = 40, 240, 20
_SAID = (
    "Every combination of old and new parts was trained; the shares (Shapley values) of a row add "
    "up to its change."
)


def moves_title(report: Report) -> str:
    """What changed."""
    found = report.why_moved
    if found is None or not found.changed:
        return "Why it moved"
    return f"Why it moved: {_listed([part.value for part in found.changed])} changed"


def moves_table(report: Report, most: int) -> str:
    """What each part brought to each metric, at most so many; why that is not known."""
    found = report.why_moved
    if found is None or most == 0 or not (found.moves or found.note):
        return ""
    cells = [_cells(move) for move in found.moves[:most]]
    headers = ("Metric", "Change", *(part.value.capitalize() for part in Part), "n")
    align = ("left", *["right"] * (len(headers) - 1))
    explained = any(move.shares for move in found.moves)
    parts = [
        _SAID if explained else "",
        table(headers, cells, align) if cells else "",
        escape_cell(found.note, _NOTE),
        notes_below((move.metric, move.note) for move in found.moves if move.note),
        left_out_below(found.moves, most, "metrics"),
    ]
    return "\n\n".join(part for part in parts if part)


def moves_lines(report: Report, width: int, *, color: bool) -> list[str]:
    """The same for a console, with columns for the parts that changed alone."""
    found = report.why_moved
    if found is None or not (found.moves or found.note):
        return []
    headers = ("Why it moved", "Change", *(part.value for part in found.changed), "n")
    lines = [_line(move, found.changed) for move in found.moves[:_MOST_LINES]]
    shown = number_table(headers, lines, width, color=color) if lines else []
    said = [found.note, *(f"{one_line(m.metric, _NAME)}: {m.note}" for m in found.moves if m.note)]
    more = len(found.moves) - len(lines)
    said += [f"and {more:,} more metrics in the report"] if more else []
    return shown + [line for text in said if text for line in item("", text, width)]


def _cells(move: MetricMove) -> tuple[str, ...]:
    told = [
        better_or_worse(shown, value, sign=move.sign).replace(" ", NBSP)
        for shown, value in zip(_signed(move), _values(move), strict=True)
    ]
    return (code_span(move.metric, _NAME), *told, f"{move.n:,}")


def _line(move: MetricMove, changed: Sequence[Part]) -> Line:
    change, *shares = _signed(move)
    by_part = dict(zip(Part, shares, strict=True))
    brought = ", ".join(f"{part.value} {by_part[part]}" for part in changed)
    change = better_or_worse(change, move.diff, sign=move.sign)
    return Line(
        name=one_line(move.metric, _NAME),
        cells=(change, *(by_part[part] for part in changed), f"{move.n:,}"),
        sentence=f"{change}, of it {brought}, n {move.n:,}",
    )


def _values(move: MetricMove) -> list[float | None]:
    """The change, then the share of every part; None for those that did not change."""
    return [move.diff, *(move.shares.get(part) for part in Part)]


def _signed(move: MetricMove) -> list[str]:
    """All at the decimals that the largest of them deserves."""
    values = _values(move)
    largest = max(abs(value) for value in values if value is not None)
    shown = [side_by_side(value, largest)[0] for value in values]
    return [
        f"+{text}" if value is not None and value > 0 and text.strip("0.,") else text
        for text, value in zip(shown, values, strict=True)
    ]


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
