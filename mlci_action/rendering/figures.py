"""How many digits does a number deserve? Numbers as people read them, with an ASCII minus."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mlci_action.domain.comparison import ComparisonRow

NONE = "-"
_SIGNIFICANT = 4
_LARGE, _SMALL = 1e9, 1e-5  # outside of these, powers of ten are easier to read
_MOST_DECIMALS = 7
_UNIT_LOWEST = 0.01  # shares and the like read best side by side with one number of decimals


@dataclass(frozen=True, kw_only=True, slots=True)
class RowFigures:
    """One comparison row as text; a number that does not exist is `-`."""

    baseline: str
    candidate: str
    diff: str
    interval: str
    n: str


def row_figures(row: ComparisonRow) -> RowFigures:
    """Both scores at the same decimals; difference and interval with two digits that count."""
    low = row.interval.low if row.interval else None
    high = row.interval.high if row.interval else None
    scores = _decimals([row.baseline, row.candidate], _SIGNIFICANT)
    change = max(scores, min(_decimals([row.diff, low, high], 2), scores + 3))
    ends = (_fixed(low, change), _fixed(high, change))
    return RowFigures(
        baseline=_fixed(row.baseline, scores),
        candidate=_fixed(row.candidate, scores),
        diff=_fixed(row.diff, change, sign="+"),
        interval=NONE if NONE in ends else f"{ends[0]} to {ends[1]}",
        n=f"{row.n:,}",
    )


def number(value: float | None, significant: int = _SIGNIFICANT) -> str:
    """A number on its own, whole or with `significant` digits; thousands are separated."""
    if value is None or not math.isfinite(value):
        return NONE
    if abs(value) >= _LARGE or 0 < abs(value) < 1:
        return f"{value:.{significant}g}"
    if value == int(value):
        return f"{int(value):,}"
    return _fixed(value, _decimals([value], significant))


def _decimals(values: list[float | None], significant: int) -> int:
    """Decimals that give the largest of `values` its significant digits."""
    sizes = [abs(value) for value in values if value is not None and math.isfinite(value)]
    largest = max(sizes, default=0.0)
    if largest == 0:
        return significant
    if _UNIT_LOWEST <= largest <= 1 and significant == _SIGNIFICANT:
        return significant
    return min(_MOST_DECIMALS, max(0, significant - 1 - math.floor(math.log10(largest))))


def _fixed(value: float | None, decimals: int, sign: str = "") -> str:
    if value is None or not math.isfinite(value):
        return NONE
    if abs(value) >= _LARGE or 0 < abs(value) < _SMALL:
        return f"{value:{sign}.3g}"
    text = f"{value:{sign},.{decimals}f}"
    # A signed zero would name a direction that its digits do not show.
    return text if text.strip("+-0.,") else text.lstrip("+-")
