"""How many digits does a number deserve? Numbers as people read them, with an ASCII minus."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mlci_action.domain.behaviour import FoundSlice, Value
from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.costs import CostRow
from mlci_action.domain.robustness import RobustnessRow

NONE = "-"
_SIGNIFICANT, _BRIEF = 4, 3
_LARGE, _SMALL = 1e9, 1e-5  # outside of these, powers of ten are easier to read
_MOST_DECIMALS, _MOST_DECIMALS_OF_LOSS = 7, 5
_UNIT_LOWEST = 0.01  # shares and the like read best side by side with one number of decimals


@dataclass(frozen=True, kw_only=True, slots=True)
class RowFigures:
    """One comparison as text; a number that does not exist is `-`."""

    baseline: str
    candidate: str
    diff: str
    interval: str
    n: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CostFigures:
    """One measure of both models as text, without its unit; a number that does not exist is `-`."""

    baseline: str
    candidate: str
    baseline_p95: str
    candidate_p95: str
    ratio: str
    interval: str
    n: str


def row_figures(row: ComparisonRow) -> RowFigures:
    """Both scores at the same decimals; difference and interval with two digits that count."""
    low = row.interval.low if row.interval else None
    high = row.interval.high if row.interval else None
    change = Value(value=row.diff, low=low, high=high)
    return _figures(row.baseline, row.candidate, change, row.n)


def found_figures(found: FoundSlice) -> RowFigures:
    """The same for a region that was found."""
    return _figures(found.baseline, found.candidate, found.diff, found.n)


def robustness_figures(row: RobustnessRow) -> RowFigures:
    """A measure on changed rows, all at the same decimals; the difference is the rise.

    Without a rise the interval is the candidate's own.
    """
    rise = row.rise or Value(value=None)
    ends = row.rise or row.candidate
    baseline = row.baseline.value if row.baseline else None
    known = [baseline, row.candidate.value, rise.value, ends.low, ends.high]
    decimals = min(_decimals(known, 2), _MOST_DECIMALS_OF_LOSS)
    low, high = _fixed(ends.low, decimals), _fixed(ends.high, decimals)
    return RowFigures(
        baseline=_fixed(baseline, decimals),
        candidate=_fixed(row.candidate.value, decimals),
        diff=_fixed(rise.value, decimals, sign="+"),
        interval=NONE if NONE in {low, high} else f"{low} to {high}",
        n=f"{row.n:,}",
    )


def cost_figures(row: CostRow) -> CostFigures:
    """All four numbers at the same decimals, the ratio at its own."""
    values = [row.baseline, row.candidate, row.baseline_p95, row.candidate_p95]
    decimals = _decimals(values, _BRIEF)
    baseline, candidate, *p95 = (_fixed(value, decimals) for value in values)
    ratio = row.ratio or Value(value=None)
    low, high = ratio.low, ratio.high
    shown, *ends = _alike([ratio.value, low, high])
    return CostFigures(
        baseline=baseline,
        candidate=candidate,
        baseline_p95=p95[0],
        candidate_p95=p95[1],
        ratio=shown,
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


def percents(*shares: float | None) -> tuple[str, ...]:
    """Shares in percent without its sign, all at the decimals that the largest deserves."""
    found = [None if share is None else 100 * share for share in shares]
    decimals = _decimals(found, 2)
    return tuple(_fixed(value, decimals) for value in found)


def side_by_side(first: float | None, second: float | None) -> tuple[str, str]:
    """Two numbers that belong together, at the same decimals."""
    one, other = _alike([first, second])
    return one, other


def with_interval(value: Value) -> str:
    """A number on its own with its interval, where it has one: `0.97 (0.90 to 1.05)`."""
    shown, low, high = _alike([value.value, value.low, value.high])
    return shown if NONE in {shown, low, high} else f"{shown} ({low} to {high})"


def _figures(baseline: float | None, candidate: float | None, change: Value, n: int) -> RowFigures:
    scores = _decimals([baseline, candidate], _SIGNIFICANT)
    digits = _decimals([change.value, change.low, change.high], 2)
    decimals = max(scores, min(digits, scores + 3))
    ends = (_fixed(change.low, decimals), _fixed(change.high, decimals))
    return RowFigures(
        baseline=_fixed(baseline, scores),
        candidate=_fixed(candidate, scores),
        diff=_fixed(change.value, decimals, sign="+"),
        interval=NONE if NONE in ends else f"{ends[0]} to {ends[1]}",
        n=f"{n:,}",
    )


def _alike(values: list[float | None]) -> list[str]:
    """Numbers that belong together, at the decimals that the largest deserves."""
    decimals = _decimals(values, _BRIEF)
    return [_fixed(value, decimals) for value in values]


def _decimals(values: list[float | None], significant: int) -> int:
    """Decimals that give the largest of `values` its significant digits."""
    sizes = [abs(value) for value in values if value is not None and math.isfinite(value)]
    largest = max(sizes, default=0.0)
    if largest == 0:
        return significant
    if _UNIT_LOWEST <= largest <= 1 and significant >= _BRIEF:
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
