"""Are there days far beyond those of the reference, or dates that name no day?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.rises import Rise, risen
from mlci_action.checks.text_cells import ENOUGH, shown, text_of
from mlci_action.domain.cells import CellTest
from mlci_action.domain.profile import ColumnProfile

NAME = "dates"
ID = f"data.{NAME}"
HELD = "no date lies far beyond the reference's, and each names a day"
SPANS = 2.0  # how many times the reference's own span a date may lie beyond it
LEAST_YEARS = 20.0
_DAYS_A_YEAR = 365.2425
_A_LEAP_YEAR = 2000
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_PARTS = re.compile(r"\s*(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})")


def find_dates(data: Compared) -> Iterator[Finding]:
    """Dates beyond twice the reference's span and 20 years, then those that name no day."""
    for pair in data.pairs:
        yield from _far(data, pair)
    rises = []
    for pair in data.pairs:
        now, before = _impossible(pair.batch), _impossible(pair.reference)
        if now and not before and _days(pair.reference).count >= ENOUGH:
            yield _no_day(data, pair)
        elif before:
            rises.append(
                Rise(
                    of=pair,
                    before=before,
                    rows_before=pair.reference.filled,
                    now=now,
                    rows_now=pair.batch.filled,
                )
            )
    for rise, _ in risen(rises):
        yield _no_day(data, rise.of, Kind.COUNT)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Days:
    """How many cells are dates, from the first day to the last, in days since 1970."""

    count: int
    first: float = 0.0
    last: float = 0.0


def _days(column: ColumnProfile) -> _Days:
    text, times = text_of(column.text), column.times
    found = []
    if text.first is not None and text.last is not None:
        count = sum(n for _, n in text.dates)
        found.append(_Days(count=count, first=text.first, last=text.last))
    if times is not None and times.count:
        found.append(_Days(count=times.count, first=times.first, last=times.last))
    return _Days(
        count=sum(days.count for days in found),
        first=min((days.first for days in found), default=0.0),
        last=max((days.last for days in found), default=0.0),
    )


def _far(data: Compared, pair: ColumnPair) -> Iterator[Finding]:
    before, now = _days(pair.reference), _days(pair.batch)
    if before.count < ENOUGH or not now.count:
        return
    limit = max(SPANS * (before.last - before.first), LEAST_YEARS * _DAYS_A_YEAR)
    for beyond, where, sign in (
        (before.first - now.first, "before the first", -1),
        (now.last - before.last, "after the last", 1),
    ):
        if beyond > limit:
            edge = before.last + limit if sign > 0 else before.first - limit
            texts = {
                text: n
                for text, n in text_of(pair.batch.text).values
                if (day := _middle_of_year(text)) is not None and (day - edge) * sign > 0
            }
            rows = sum(texts.values()) or None
            many = "dates" if rows is None else _dates(rows)
            yield Finding(
                column=pair.name,
                message=f"column {pair.name!r} holds {many} up to "
                f"{beyond / _DAYS_A_YEAR:,.0f} years {where} in the reference, which "
                f"spans {(before.last - before.first) / _DAYS_A_YEAR:,.1f}",
                rows=rows,
                observed=beyond / _DAYS_A_YEAR,
                limit=limit / _DAYS_A_YEAR,
                cells=_cells(pair, texts),
                evidence=shown(data, texts),
            )


def _no_day(data: Compared, pair: ColumnPair, kind: Kind = Kind.FORM) -> Finding:
    texts = [text for text, _ in text_of(pair.batch.text).values if _names_no_day(text)]
    now, before = _impossible(pair.batch), _impossible(pair.reference)
    known = f"{before:,} of {pair.reference.filled:,}" if before else "none"
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r} holds {_dates(now)} that no calendar has, and {known} in "
        "the reference: a 13th month, or a day that its month lacks",
        kind=kind,
        rows=now,
        observed=now / pair.batch.filled,
        cells=_cells(pair, texts),
        evidence=shown(data, texts),
    )


def _dates(count: int) -> str:
    return f"{count:,} date{'' if count == 1 else 's'}"


def _impossible(column: ColumnProfile) -> int:
    return text_of(column.text).impossible


def _cells(pair: ColumnPair, texts: dict[str, int] | list[str]) -> CellTest | None:
    return CellTest(column=pair.name, texts=frozenset(texts), exact=True) if texts else None


def _middle_of_year(text: str) -> float | None:
    found = _YEAR.search(text)
    return None if found is None else (int(found.group()) - 1970 + 0.5) * _DAYS_A_YEAR


def _names_no_day(text: str) -> bool:
    parts = _PARTS.match(text)
    if parts is None:
        return False
    a, b, c = parts.groups()
    year_first = len(a) > 2  # noqa: PLR2004 - digits of a day or month
    pairs = [(int(b), int(c))] if year_first else [(int(a), int(b)), (int(b), int(a))]
    return not any(_exists(month, day) for month, day in pairs)


def _exists(month: int, day: int) -> bool:
    try:
        date(_A_LEAP_YEAR, month, day)
    except ValueError:
        return False
    return True
