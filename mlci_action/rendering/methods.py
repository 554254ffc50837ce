"""How was each number made, and what does its interval rest on?"""

from __future__ import annotations

from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.metric import Metric
from mlci_action.domain.report import Report
from mlci_action.rendering.figures import NONE, number, side_by_side
from mlci_action.rendering.markdown import bullets, code_span, escape_cell
from mlci_action.rendering.metric_fields import computed_by, metric_fields
from mlci_action.rendering.wording import metric_words

_MOST = 100


def methods(report: Report) -> str:
    """One line for each row that is about all rows, and what holds for all of them."""
    comparison = report.comparison
    if comparison is None:
        return ""
    items = [escape_cell(note) for note in comparison.notes]
    for row in comparison.rows:
        facts = _facts(row) if row.slice is None else []
        if facts:
            items.append(f"{code_span(metric_words(row))}: {'; '.join(facts)}")
    flips = comparison.behaviour.flips
    if flips is not None:
        noted = dict.fromkeys(rate.note for rate in (flips.negative, flips.positive) if rate.note)
        items += [f"flips: {escape_cell(note)}" for note in noted]
    return bullets(items, _MOST, "more")


def _facts(row: ComparisonRow) -> list[str]:
    facts = [*_computed(row.metric), *([escape_cell(row.note)] if row.note else [])]
    interval = row.interval
    for who, own in (("baseline", row.baseline_interval), ("candidate", row.candidate_interval)):
        if own is not None and NONE not in (ends := side_by_side(*own)):
            facts.append(f"{who} by itself {' to '.join(ends)}")
    if interval is not None:
        facts.append(f"interval by {code_span(interval.method)}")
        if (se := number(interval.se)) != NONE:
            facts.append(f"standard error {se}")
        if (df := number(interval.df)) != NONE:
            facts.append(f"{df} degrees of freedom")
        if interval.note and interval.note not in row.note:
            facts.append(escape_cell(interval.note))
    return facts


def _computed(metric: Metric) -> list[str]:
    """What a metric is that has a name of the user's own, or parameters."""
    fields = metric_fields(metric)
    if not fields:
        return []
    asked = [
        f"{name} {code_span(value) if isinstance(value, str) else number(value)}"
        for name, value in fields.get("parameters", {}).items()
    ]
    words = code_span(computed_by(metric))
    return [f"{words} with {', '.join(asked)}" if asked else words]
