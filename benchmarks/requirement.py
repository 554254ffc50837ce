"""What is asked of a figure, and does it hold at so many simulated test sets?"""

from __future__ import annotations

import math
from dataclasses import dataclass

# The requirement is stated for this many; a smaller run is granted what its noise adds.
STATED_SETS = 2000
_ERRORS_GRANTED = 4.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One measured figure and its bounds, all shares; without a bound it is only shown."""

    cell: str
    what: str
    measured: float
    sets: int
    low: float | None = None
    high: float | None = None
    note: str = ""

    @property
    def bounded(self) -> bool:
        """Whether anything is asked of it."""
        return self.low is not None or self.high is not None

    @property
    def holds(self) -> bool:
        """Whether it lies within its bounds; what could not be measured does not."""
        above = self.low is None or self.measured >= self.low - self._granted(self.low)
        return above and (
            self.high is None or self.measured <= self.high + self._granted(self.high)
        )

    def _granted(self, bound: float) -> float:
        if not 0 < bound < 1 or self.sets >= STATED_SETS:
            return 0.0
        spread = math.sqrt(bound * (1 - bound))
        return _ERRORS_GRANTED * spread * (1 / math.sqrt(self.sets) - 1 / math.sqrt(STATED_SETS))


def table(lines: list[Line], *, only_broken: bool) -> str:
    """One line of text for each, in percent."""
    shown = [line for line in lines if not (only_broken and line.holds)]
    return "\n".join(
        f"{_mark(line):5} {line.cell:34} {line.what:38} {100 * line.measured:8.2f} "
        f"{_bounds(line):14} {line.sets:>6}  {line.note}".rstrip()
        for line in shown
    )


def _mark(line: Line) -> str:
    if not line.bounded:
        return "-"
    return "ok" if line.holds else "FAILS"


def _bounds(line: Line) -> str:
    match line.low, line.high:
        case None, None:
            return ""
        case low, None:
            return f">= {100 * (low or 0):g}"
        case None, high:
            return f"<= {100 * (high or 0):g}"
    return f"{100 * (line.low or 0):g} to {100 * (line.high or 0):g}"
