"""How is a judged difference said in one line, with digits that a reader can use?"""

from __future__ import annotations

import math

from scipy.special import ndtri, stdtrit

from mlci_action.domain.comparison import ComparisonRow, Interval
from mlci_action.evaluation.intervals.methods import IDENTICAL

_MOST_DECIMALS = 9
_DECIMALS_OF_A_VALUE = 6
# The normal quantile of 80 %: the chance to settle that the needed rows are planned for.
_POWER = float(ndtri(0.8))


def level(confidence: float) -> str:
    """`95 %`."""
    return f"{round(100 * confidence, 6):g} %"


def decimals_of(row: ComparisonRow, margin: float) -> int:
    """Decimals that show two digits of the margin and three of the baseline: 3 for 0.01 of 0.87."""
    of_value = min(_decimals(abs(row.baseline or 0.0), 3), _DECIMALS_OF_A_VALUE)
    return max(_decimals(margin, 2), of_value)


def apart_from(value: float, limit: float) -> str:
    """The value with as many digits as it takes to tell it from the limit."""
    for digits in range(3, 18):
        text = f"{value:.{digits}g}"
        if float(text) != limit:
            return text
    return f"{value:g}"


def name_of(row: ComparisonRow) -> str:
    """`roc_auc`, or `equalized_odds_difference by 'sex'`."""
    return row.metric.name if row.sensitive is None else f"{row.metric.name} by {row.sensitive!r}"


def own_value(row: ComparisonRow, limit: float, confidence: float) -> str:
    """`roc_auc 0.871`, or where the value has an interval of its own with that."""
    value = f"{name_of(row)} {apart_from(row.candidate or 0.0, limit)}"
    if row.candidate_interval is None:
        return value
    low, high = row.candidate_interval
    return f"{value} ({level(confidence)} CI {low:.3g} to {high:.3g})"


def both_values(row: ComparisonRow, decimals: int, confidence: float) -> str:
    """`roc_auc 0.871 -> 0.880 (+0.009, 95 % CI 0.001 to 0.017)`."""
    values = f"{_number(row.baseline, decimals)} -> {_number(row.candidate, decimals)}"
    interval = _interval(row.interval, decimals, confidence)
    change = [] if row.diff is None else [_number(row.diff, decimals, sign="+")]
    inside = ", ".join([*change, *([interval] if interval else [])])
    return f"{name_of(row)} {values} ({inside})"


def movement(row: ComparisonRow, decimals: int, confidence: float) -> str:
    """`roc_auc fell by 0.021 (95 % CI -0.030 to -0.012)`."""
    interval = _interval(row.interval, decimals, confidence)
    if row.diff:
        verb = "fell by" if row.diff < 0 else "rose by"
        text = f"{name_of(row)} {verb} {_number(abs(row.diff), decimals)}"
    else:
        text = f"{name_of(row)} did not change"
    return f"{text} ({interval})" if interval else text


def rows_needed(row: ComparisonRow, margin: float, decimals: int, confidence: float) -> str:
    """What these rows can settle, and how many the margin needs: (t + 0.84)² · n · SE² / m²."""
    se = _standard_error(row.interval, confidence)
    if se is None:
        return ""
    df = None if row.interval is None or row.interval.se is None else row.interval.df
    factor = _quantile(confidence, df) + _POWER
    settled = factor * se
    text = f"these {row.n:,} rows can settle a margin of {settled:.{decimals}f} ({factor:.1f} SE); "
    if not margin > 0:
        return text + "no number of rows settles a margin of 0 if the models are equal"
    needed = row.n * (settled / margin) ** 2
    text += f"for your margin about {about(needed)} rows are needed if the models are equal"
    if settled <= margin:
        text += ", so the true difference is probably near your margin"
    return text


def about(rows: float) -> str:
    """Two digits say all that is known of a number of rows."""
    unit = 10 ** max(math.floor(math.log10(rows)) - 1, 0) if rows >= 1 else 1
    return f"{math.ceil(rows / unit) * unit:,}"


def _decimals(scale: float, digits: int) -> int:
    """Decimals that show so many significant digits of `scale`."""
    if not (math.isfinite(scale) and scale > 0):
        return 0
    return min(max(digits - 1 - math.floor(math.log10(scale)), 0), _MOST_DECIMALS)


def _number(value: float | None, decimals: int, *, sign: str = "-") -> str:
    """Adding zero turns a rounded -0 into 0, which has no minus."""
    return "none" if value is None else f"{round(value, decimals) + 0.0:{sign}.{decimals}f}"


def _interval(interval: Interval | None, decimals: int, confidence: float) -> str:
    if interval is not None and interval.method == IDENTICAL:
        return interval.note
    if interval is None or interval.low is None or interval.high is None:
        return ""
    low, high = _number(interval.low, decimals), _number(interval.high, decimals)
    return f"{level(confidence)} CI {low} to {high}"


def _standard_error(interval: Interval | None, confidence: float) -> float | None:
    """The interval's own, or for one that has none what its width stands for."""
    if interval is None or interval.low is None or interval.high is None:
        return None
    if interval.se is not None:
        return interval.se
    return (interval.high - interval.low) / (2 * _quantile(confidence))


def _quantile(confidence: float, df: float | None = None) -> float:
    share = 0.5 + confidence / 2
    return float(ndtri(share) if df is None else stdtrit(df, share))
