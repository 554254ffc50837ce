"""How does a text become lines of a console? Wrapped to its width, and coloured by its outcome."""

from __future__ import annotations

from mlci_action.domain.outcomes import Outcome
from mlci_action.rendering.plain import one_line, wrapped

RED, GREEN, YELLOW = 31, 32, 33
OUTCOME_COLORS: dict[Outcome | None, int] = {
    Outcome.PASSED: GREEN,
    Outcome.FAILED: RED,
    Outcome.ERRORED: RED,
    Outcome.WARNED: YELLOW,
    Outcome.INCONCLUSIVE: YELLOW,
}


def item(lead: str, text: str, width: int) -> list[str]:
    """`text` wrapped behind `lead`, further lines indented."""
    hang = " " * min(len(lead), 4)
    # The lead is part of what is wrapped: it stands on the first line only.
    first, *rest = wrapped((lead + one_line(text))[len(hang) :], width - len(hang))
    start = lead[: len(hang)]
    return [start + first, *(hang + line for line in rest)]


def paint(text: str, code: int | None, *, color: bool) -> str:
    """`text` in that colour, where colours are wanted."""
    return f"\x1b[{code}m{text}\x1b[0m" if color and code is not None else text
