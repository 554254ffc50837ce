"""How do numbers stand in columns on a console? Below their names where it is too narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlci_action.domain.outcomes import Outcome
from mlci_action.rendering.console import OUTCOME_COLORS, item, paint
from mlci_action.rendering.plain import display_width, wrapped

_NARROWEST_NAME = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One row: a name, its numbers, what came of it, and all of it as a sentence.

    A row without cells is a title over those below it.
    """

    name: str
    cells: tuple[str, ...] = ()
    sentence: str = ""
    indent: str = ""
    words: str = ""
    outcome: Outcome | None = None


def number_table(
    headers: Sequence[str], lines: Sequence[Line], width: int, *, color: bool
) -> list[str]:
    """Numbers to the right, the words at the end; `headers` name the first column and the cells.

    What comes of a row stands in a last column, `Verdict`, where any row has words.
    """
    of_names, *of_cells = headers
    rows = [line for line in lines if line.cells]
    columns = list(zip(of_cells, *(line.cells for line in rows), strict=True))
    widths = [max(map(display_width, column)) for column in columns]
    words = max((display_width(line.words) for line in rows), default=0)
    words = max(words, len("Verdict")) if words else 0
    room = width - sum(widths) - len(widths) - (words + 1 if words else 0)
    if room < _NARROWEST_NAME:
        return [text for line in lines for text in _stacked(line, width, color=color)]
    longest = max((display_width(line.indent + line.name) for line in rows), default=0)
    room = min(room, max(longest, len(of_names)))
    table = [_joined(of_names, room, of_cells, widths, "Verdict" if words else "")]
    for line in lines:
        table += _placed(line, room, widths, width, color=color)
    return table


def _placed(line: Line, room: int, widths: Sequence[int], width: int, *, color: bool) -> list[str]:
    if not line.cells:
        return item("", line.name, width)
    first, *rest = wrapped(line.name, room - len(line.indent), after="_ =,")
    text = _joined(line.indent + first, room, line.cells, widths, line.words)
    painted = paint(line.words, OUTCOME_COLORS.get(line.outcome), color=color)
    text = text.removesuffix(line.words) if line.words else text.rstrip()
    return [text + painted, *(line.indent + part for part in rest)]


def _joined(name: str, room: int, cells: Sequence[str], widths: Sequence[int], words: str) -> str:
    padded = [
        " " * (size - display_width(cell)) + cell for cell, size in zip(cells, widths, strict=True)
    ]
    padding = " " * (room - display_width(name))
    return " ".join([name + padding, *padded, *([words] if words else [])])


def _stacked(line: Line, width: int, *, color: bool) -> list[str]:
    """The same row below its name, for a console or for numbers that leave no room for columns."""
    if not line.cells:
        return item("", line.name, width)
    words = paint(line.words, OUTCOME_COLORS.get(line.outcome), color=color)
    return [
        *item(line.indent, f"{line.name}:", width),
        *item(line.indent + "  ", line.sentence, width),
        *([f"{line.indent}  {words}"] if words else []),
    ]
