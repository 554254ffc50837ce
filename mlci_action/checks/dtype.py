"""Do columns still hold what they held: numbers, text, or moments?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.missing_words import says_something, stand_of
from mlci_action.checks.number_words import values_of
from mlci_action.checks.rises import Rise, risen
from mlci_action.checks.text_cells import (
    ENOUGH,
    MANY,
    cells,
    holds_dates,
    is_category,
    shown,
    text_of,
)
from mlci_action.checks.text_forms import one_skeleton
from mlci_action.domain.cells import CellTest
from mlci_action.domain.profile import ColumnProfile

NAME = "dtype"
ID = f"data.{NAME}"
HELD = "columns hold the kinds of values that they held"
_ENOUGH_NOW = 5  # cells of a batch without any text that make a column of text one of numbers


def find_dtype(data: Compared) -> Iterator[Finding]:
    """Cells of another kind than all cells of the reference; whole numbers that no longer are."""
    judged = [(pair, _kinds(pair.reference), _kinds(pair.batch)) for pair in data.pairs]
    rises = []
    for pair, before, now in judged:
        found = _not_looked_into(pair) or _other_kind(data, pair, before, now)
        if found is not None:
            yield found
        else:
            rises += [*_numbers_among_text(data, pair, before, now), *_not_whole(data, pair)]
    for rise, _ in risen(rises):
        # What is not all of one kind before is a hypothesis too, but no finding.
        if rise.before == 0 and rise.rows_before >= ENOUGH:
            yield rise.of


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kinds:
    """How many cells of a column are of each kind; blank and placeholder text is of none."""

    numbers: int
    text: int
    moments: int

    @property
    def all(self) -> int:
        """The cells that say something."""
        return self.numbers + self.text + self.moments


def _kinds(column: ColumnProfile) -> _Kinds:
    return _Kinds(
        numbers=0 if column.numbers is None else column.numbers.count,
        text=says_something(text_of(column.text)),
        moments=0 if column.times is None else column.times.count,
    )


def _not_looked_into(pair: ColumnPair) -> Finding | None:
    """Lists, bytes, times of day and the like where there were none: nothing else sees them."""
    if pair.reference.filled < ENOUGH or pair.reference.opaque or not pair.batch.opaque:
        return None
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r} holds {pair.batch.opaque:,} cells of the type "
        f"{pair.batch.dtype}, which is neither number nor text, and none in the reference",
        rows=pair.batch.opaque,
    )


def _other_kind(data: Compared, pair: ColumnPair, before: _Kinds, now: _Kinds) -> Finding | None:
    if before.all < ENOUGH or not now.all:
        return None
    if before.all == before.numbers and now.all > now.numbers:
        return _not_numbers(data, pair, now)
    if before.all == before.moments and now.all > now.moments:
        return _not_moments(pair, now)
    if before.all == before.text and now.moments:
        return _moments(pair, now)
    if before.all == before.text and now.numbers and _surely_numbers(pair, before, now):
        return _numbers(data, pair, now)
    return None


def _not_numbers(data: Compared, pair: ColumnPair, now: _Kinds) -> Finding:
    """Text or moments where all was numbers."""
    name = pair.name
    if now.moments and not now.text:
        message = f"column {name!r} held numbers alone, and {now.moments:,} cells are moments now"
        return Finding(column=name, message=message, rows=now.moments)
    summary = text_of(pair.batch.text)
    texts = [text for text, _ in summary.values if stand_of(text) is None]
    infinite = all(text.strip().lower().lstrip("+-") in {"inf", "infinity"} for text in texts)
    if infinite and texts:
        what = "are infinite"
    else:
        what = f"are text {data.examples(texts)}: units, thousands separators, or another column"
    return Finding(
        column=name,
        message=f"column {name!r} held numbers alone, and {_part(now.text, now)} {what}",
        rows=now.text,
        observed=now.text / now.all,
        cells=CellTest(column=name, texts=frozenset(texts), exact=True)
        if summary.complete
        else CellTest(column=name, all_text=True),
        evidence=shown(data, texts),
    )


def _not_moments(pair: ColumnPair, now: _Kinds) -> Finding:
    """Text of dates may come of another file format alone; numbers and other text do not."""
    name, text = pair.name, text_of(pair.batch.text)
    if not now.numbers and holds_dates(text):
        message = f"column {name!r} held moments, and its dates are text now: was the file CSV?"
        return Finding(column=name, message=message, rows=now.text, warns=True)
    other = now.numbers + now.text
    message = f"column {name!r} held moments alone, and {_part(other, now)} are numbers or text"
    return Finding(column=name, message=message, rows=other, observed=other / now.all)


def _moments(pair: ColumnPair, now: _Kinds) -> Finding:
    """The same the other way round."""
    name = pair.name
    dates = holds_dates(text_of(pair.reference.text))
    message = f"column {name!r} held {_what(pair)}, and {_part(now.moments, now)} are moments now"
    return Finding(column=name, message=message, rows=now.moments, warns=dates)


def _surely_numbers(pair: ColumnPair, before: _Kinds, now: _Kinds) -> bool:
    """All of the batch; or one cell where all texts had one form with digits, or none had any."""
    if now.all == now.numbers:
        return now.numbers >= _ENOUGH_NOW
    text = text_of(pair.reference.text)
    if before.text < MANY or not text.shapes_complete or pair.may_be_luck(now.numbers):
        return False
    shapes = [shape for shape, _ in text.shapes]
    form = one_skeleton(shapes)
    words = is_category(text) and not any("9" in shape for shape in shapes)
    return words or (form is not None and "9" in form)


def _numbers_among_text(
    data: Compared, pair: ColumnPair, before: _Kinds, now: _Kinds
) -> Iterator[Rise[Finding]]:
    if now.numbers and now.text:
        yield Rise(
            of=_numbers(data, pair, now, Kind.COUNT),
            before=before.numbers,
            rows_before=before.all,
            now=now.numbers,
            rows_now=now.all,
        )


def _numbers(data: Compared, pair: ColumnPair, now: _Kinds, kind: Kind = Kind.FORM) -> Finding:
    name = pair.name
    numbers = pair.batch.numbers
    values = [] if numbers is None else [value for value, _ in numbers.values]
    return Finding(
        column=name,
        message=f"column {name!r} held {_what(pair)}, and {_part(now.numbers, now)} are numbers "
        "now: codes for names, a lost unit or separator, or another column",
        kind=kind,
        rows=now.numbers,
        observed=now.numbers / now.all,
        cells=CellTest(column=name, above=-sys.float_info.max),
        evidence=values_of(data, values),
    )


def _not_whole(data: Compared, pair: ColumnPair) -> Iterator[Rise[Finding]]:
    """Numbers with a fraction where all were whole."""
    before, now = pair.reference.numbers, pair.batch.numbers
    if before is None or now is None:
        return
    rows = now.count - now.whole
    broken = [value for value, _ in now.values if not value.is_integer()]
    finding = Finding(
        column=pair.name,
        message=f"column {pair.name!r} held whole numbers alone, and {rows:,} of {now.count:,} "
        "have a fraction now: another unit, or values filled in",
        kind=Kind.COUNT,
        rows=rows,
        observed=rows / now.count,
        cells=CellTest(column=pair.name, numbers=frozenset(broken)) if broken else None,
        evidence=values_of(data, broken),
    )
    yield Rise(
        of=finding,
        before=before.count - before.whole,
        rows_before=before.count,
        now=rows,
        rows_now=now.count,
    )


def _what(pair: ColumnPair) -> str:
    """The text of the reference, in words."""
    text = text_of(pair.reference.text)
    if {value.casefold() for value, _ in text.values} <= {"true", "false"}:
        return "true and false"
    return "dates as text" if holds_dates(text) else "text alone"


def _part(count: int, now: _Kinds) -> str:
    return f"all of {cells(now.all)}" if count == now.all else f"{count:,} of {cells(now.all)}"
