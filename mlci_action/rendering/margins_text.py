"""How is advice on margins shown on a console of 80 columns, and as JSON?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from mlci_action.domain.margins import MarginAdvice, Rates
from mlci_action.rendering.plain import one_line, wrapped
from mlci_action.rendering.terminal_table import Line, number_table

_HEADERS = ("Margin", "equal: passes", "fails", "worse by 2x: fails")


def margins_text(found: Sequence[MarginAdvice], width: int = 80) -> str:
    """For each metric its noise, then what the present margin and those proposed would do."""
    lines: list[str] = []
    for advice in found:
        lines += [*wrapped(_noise(advice), width), *_table(advice, width), ""]
    lines += wrapped(_READING, width)
    return "\n".join(lines)


def margins_json(found: Sequence[MarginAdvice]) -> list[dict[str, Any]]:
    """The same as JSON values."""
    return [asdict(advice) for advice in found]


_TENTH_OF_A_PERCENT = 0.001
_READING = (
    "equal: a candidate exactly as good as the baseline; what neither passes nor fails stays"
    " inconclusive. 'fails' is the false-alarm rate, the last column the power against a candidate"
    " that is worse by twice the margin."
)


def _noise(advice: MarginAdvice) -> str:
    name, n = one_line(advice.metric), f"{advice.n:,} rows"
    if advice.width is None or advice.noise is None:
        return f"{name} ({n}): no margin can be proposed: {one_line(advice.note)}"
    by = f"{advice.retrainings} retrainings" if advice.retrainings else "the rows alone"
    said = f"{name} ({n}): interval ±{advice.width:.3g}, noise {advice.noise:.3g} by {by}"
    return f"{said}; {one_line(advice.note)}" if advice.note else said


def _table(advice: MarginAdvice, width: int) -> list[str]:
    given = [] if advice.current is None else [("now", advice.current)]
    rows = [*given, *(("proposed", rates) for rates in advice.proposed)]
    if not rows:
        return []
    lines = [_row(name, rates) for name, rates in rows]
    return number_table(_HEADERS, lines, width, color=False)


def _row(name: str, rates: Rates) -> Line:
    cells = (_percent(rates.passes), _percent(rates.fails), _percent(rates.power))
    return Line(name=f"{rates.margin:.4g} ({name})", cells=cells, indent="  ")


def _percent(share: float) -> str:
    """Tenths of a percent, but never 0 % or 100 % for what is not."""
    if share < _TENTH_OF_A_PERCENT:
        return "<0.1 %"
    if share > 1 - _TENTH_OF_A_PERCENT:
        return ">99.9 %"
    return f"{100 * share:.1f} %"
