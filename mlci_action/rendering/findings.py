"""What did the data checks find, compared with what? The same for every output, as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlci_action.domain.outcomes import WORST_FIRST, Area, Outcome
from mlci_action.domain.places import Located, Place
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.facts import counted, listed, measured, told
from mlci_action.rendering.figures import number
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.wording import by_severity

_FOUND = (Outcome.FAILED, Outcome.WARNED)
_ORIGIN = 160


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftRow:
    """How much one column moved: `d` is judged, the distances are only shown."""

    column: str
    d: float | None
    low: float | None
    high: float | None
    p: float | None
    psi: float | None
    js: float | None
    w1: float | None
    importance: float | None
    drifted: bool


def findings(report: Report) -> list[CheckResult]:
    """What is wrong with the data: worst first, each check's columns together, most rows first."""
    found = by_severity(c for c in report.checks if c.area is Area.DATA and c.outcome in _FOUND)
    of_check = {id_: place for place, id_ in enumerate(dict.fromkeys(c.id for c in found))}
    return sorted(found, key=lambda c: (*_severity(c), of_check[c.id], -(c.rows or 0)))


def most_telling(found: Sequence[CheckResult], most: int) -> list[CheckResult]:
    """At most so many of `findings`, in their order: each check once before any a second time."""
    seen: dict[tuple[int, bool, str], int] = {}
    turns = []
    for place, check in enumerate(found):
        kind = (*_severity(check), check.id)
        seen[kind] = turn = seen.get(kind, 0) + 1
        turns.append((*_severity(check), turn, place))
    return [found[place] for place in sorted(place for *_, place in sorted(turns)[:most])]


def places_of(located: Iterable[Located]) -> Mapping[tuple[str, str | None], tuple[Place, ...]]:
    """The rows by check and column: all of a column in which a check finds two faults."""
    places: dict[tuple[str, str | None], dict[Place, None]] = {}
    for found in located:
        known = places.setdefault((found.check_id, found.column), {})
        known.update(dict.fromkeys(found.places))
    return {key: tuple(known) for key, known in places.items()}


def what_was_found(check: CheckResult) -> str:
    """Its message, without the column's name where that stands beside it."""
    if check.column is None:
        return check.message
    return check.message.removeprefix(f"column {check.column!r} ")


def compared_with(report: Report) -> str:
    """The data that those at hand were held against, or why there is none; empty when unknown."""
    origin = told(report.data, "reference", "origin")
    if origin:
        rows = counted(report.data, "reference", "rows")
        return f"compared with: {one_line(origin, _ORIGIN)}" + (f", {rows} rows" if rows else "")
    why = told(report.data, "reference", "why_none")
    return f"compared with no earlier data: {one_line(why, _ORIGIN)}" if why else ""


def drift_rows(report: Report) -> list[DriftRow]:
    """The columns whose drift was measured, in the order given; nothing in them is vouched for."""
    return [
        DriftRow(
            column=told(row, "column"),
            d=measured(row, "d"),
            low=measured(row, "low"),
            high=measured(row, "high"),
            p=measured(row, "p"),
            psi=measured(row, "psi"),
            js=measured(row, "js"),
            w1=measured(row, "w1"),
            importance=measured(row, "importance"),
            drifted=row.get("drifted") is True,
        )
        for row in listed(report.data, "drift")
    ]


def drift_words(report: Report) -> str:
    """How many columns moved; empty where none was measured."""
    rows = drift_rows(report)
    if not rows:
        return ""
    moved = sum(row.drifted for row in rows)
    return f"{moved:,} of {len(rows):,} {'column' if len(rows) == 1 else 'columns'} moved"


def smallest_drift_words(report: Report) -> str:
    """The smallest shift that these rows could show."""
    smallest = measured(report.data, "smallest_drift")
    return "" if smallest is None else f"a D below {number(smallest, 2)} would not be seen"


def _severity(check: CheckResult) -> tuple[int, bool]:
    return WORST_FIRST.index(check.outcome), not check.required
