"""What is a profile by definition? Exact ones from plain lists: slow, and independent of the maker.

    compared([numbers([1, 2, None], "a")], [text(["x", "1"], "a")], target="y")

A cell is a number, a text, a bool, a date or datetime, or None. A text that reads as a number is
one; a bool is the text `True` or `False`.
"""

from __future__ import annotations

import math
import re
import statistics
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import TypedDict, TypeVar, Unpack

from mlci_action.checks.findings import ColumnPair, Compared
from mlci_action.domain.data_limits import DataChecks
from mlci_action.domain.profile import (
    EXTREMES,
    MOST_SHAPES,
    MOST_VALUES,
    QUANTILES,
    SKETCHED_ROWS,
    TOP_VALUES,
    AtReference,
    ColumnProfile,
    Correlation,
    Leak,
    NumberSummary,
    RowOrder,
    RowRepeats,
    TableProfile,
    TextSummary,
    TimeSummary,
)
from mlci_action.domain.shapes import shape_of
from tests.unit.checks.profile_dates import Day, day_of

Cell = float | str | bool | date | None
T = TypeVar("T", float, str)

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*\Z", re.ASCII)
_ENOUGH_FOR_RANKS = 3


class TableFields(TypedDict, total=False):
    """What a table has besides columns."""

    repeats: RowRepeats | None
    correlations: tuple[Correlation, ...]
    target: str | None
    leaks: tuple[Leak, ...]
    row_sketch: tuple[int, ...]
    origin: str


class ComparedFields(TypedDict, total=False):
    """What a comparison has besides two tables."""

    limits: DataChecks
    target: str | None
    id: str | None
    time: str | None
    show_values: bool


def numbers(
    values: Iterable[Cell], name: str = "x", *, reference: ColumnProfile | None = None
) -> ColumnProfile:
    """A column; with a reference, its numbers are counted at the reference's points as well."""
    cells = [_cell(value) for value in values]
    found = [cell for cell in cells if isinstance(cell, float)]
    texts = [cell for cell in cells if isinstance(cell, str)]
    days = [cell for cell in cells if isinstance(cell, date)]
    return ColumnProfile(
        name=name,
        dtype=_dtype(cells),
        rows=len(cells),
        missing=sum(cell is None for cell in cells),
        order=_order(cells, found),
        numbers=_numbers(found, None if reference is None else reference.numbers),
        text=_text(texts),
        times=_times(days),
    )


text = numbers
times = numbers


def table(
    *columns: ColumnProfile, rows: int | None = None, **fields: Unpack[TableFields]
) -> TableProfile:
    """A table of columns; without `rows` it has as many as its longest column."""
    longest = max((column.rows for column in columns), default=0)
    return TableProfile(rows=longest if rows is None else rows, columns=columns, **fields)


def compared(
    reference: Sequence[ColumnProfile] | TableProfile,
    batch: Sequence[ColumnProfile] | TableProfile,
    **fields: Unpack[ComparedFields],
) -> Compared:
    """A batch of columns beside the reference's; tables are taken as they are."""
    before = reference if isinstance(reference, TableProfile) else table(*reference)
    now = batch if isinstance(batch, TableProfile) else table(*batch)
    return Compared(reference=before, batch=now, **fields)


def edited(
    reference: Sequence[ColumnProfile],
    batch: Sequence[ColumnProfile],
    **fields: Unpack[ComparedFields],
) -> Compared:
    """The same, of two tables that hold the same rows but for what was changed in some."""
    rows = tuple(range(SKETCHED_ROWS))
    return compared(table(*reference, row_sketch=rows), table(*batch, row_sketch=rows), **fields)


def pair(before: Iterable[Cell], now: Iterable[Cell], name: str = "x") -> ColumnPair:
    """One column before and now, the batch counted at the reference's points."""
    reference = numbers(before, name)
    return ColumnPair(reference=reference, batch=numbers(now, name, reference=reference))


def _cell(value: Cell) -> float | str | date | None:
    """What a cell holds; infinity is a word, as a reader of the file would see one."""
    match value:
        case None | date():
            return value
        case bool():
            return str(value)
        case str():
            return float(value) if _NUMBER.match(value) and math.isfinite(float(value)) else value
        case _:
            found = None if math.isnan(value) else float(value)
            return str(found) if found is not None and math.isinf(found) else found


def _dtype(cells: Sequence[float | str | date | None]) -> str:
    filled = [cell for cell in cells if cell is not None]
    if any(isinstance(cell, str) for cell in filled):
        return "bool" if set(filled) <= {"True", "False"} else "text"
    if any(isinstance(cell, date) for cell in filled):
        return "timestamp[us]"
    whole = all(isinstance(cell, float) and cell.is_integer() for cell in filled)
    return "int64" if whole and len(filled) == len(cells) else "double"


def _numbers(found: Sequence[float], reference: NumberSummary | None) -> NumberSummary | None:
    values = sorted(found)
    if not values:
        return None
    last = len(values) - 1
    at = {round(last * step / (QUANTILES - 1)) for step in range(QUANTILES)}
    points = tuple(sorted({values[place] for place in at}))
    counts = Counter(values)
    mean = math.fsum(values) / len(values)
    return NumberSummary(
        count=len(values),
        whole=sum(value.is_integer() for value in values),
        negative=sum(value < 0 for value in values),
        mean=mean,
        sd=math.dist(values, [mean] * len(values)) / math.sqrt(len(values)),
        points=points,
        below=_below(values, points),
        up_to=_up_to(values, points),
        smallest=tuple(values[:EXTREMES]),
        largest=tuple(values[-EXTREMES:]),
        values=_most_frequent(counts),
        complete=len(counts) <= MOST_VALUES,
        distinct=len(counts),
        unique=len(counts) == len(values),
        at_reference=None if reference is None else _at(values, reference),
    )


def _at(values: Sequence[float], reference: NumberSummary) -> AtReference:
    return AtReference(
        below=_below(values, reference.points),
        up_to=_up_to(values, reference.points),
        under=bisect_left(values, reference.smallest[0]),
        over=len(values) - bisect_right(values, reference.largest[-1]),
    )


def _below(values: Sequence[float], points: Sequence[float]) -> tuple[int, ...]:
    return tuple(bisect_left(values, point) for point in points)


def _up_to(values: Sequence[float], points: Sequence[float]) -> tuple[int, ...]:
    return tuple(bisect_right(values, point) for point in points)


def _most_frequent(counts: Counter[T]) -> tuple[tuple[T, int], ...]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ranked if len(ranked) <= MOST_VALUES else ranked[:TOP_VALUES])


def _text(texts: Sequence[str]) -> TextSummary | None:
    if not texts:
        return None
    counts = Counter(texts)
    shapes = sorted(Counter(map(shape_of, texts)).items(), key=lambda item: (-item[1], item[0]))
    found = [day for day in map(day_of, texts) if day is not None]
    named = [day.days for day in found if day.days is not None]
    families = Counter(day.family for day in found if day.days is not None)
    return TextSummary(
        count=len(texts),
        values=_most_frequent(counts),
        complete=len(counts) <= MOST_VALUES,
        distinct=len(counts),
        unique=len(counts) == len(texts),
        shapes=tuple(shapes[:MOST_SHAPES]),
        shapes_complete=len(shapes) <= MOST_SHAPES,
        damaged=sum(map(_is_damaged, texts)),
        dates=tuple(sorted(families.items(), key=lambda item: (-item[1], item[0]))),
        impossible=len(found) - len(named),
        first=min(named, default=None),
        last=max(named, default=None),
    )


def _is_damaged(cell: str) -> bool:
    """A replacement character, or UTF-8 that was read as Latin-1 or Windows-1252."""
    return "\ufffd" in cell or any(_was_utf8(cell, encoding) for encoding in ("latin-1", "cp1252"))


def _was_utf8(cell: str, encoding: str) -> bool:
    try:
        return cell.encode(encoding).decode("utf-8") != cell
    except UnicodeError:
        return False


def _times(days: Sequence[date]) -> TimeSummary | None:
    if not days:
        return None
    since = [_days_since_1970(day) for day in days]
    return TimeSummary(count=len(since), first=min(since), last=max(since))


def _days_since_1970(day: date) -> float:
    if isinstance(day, datetime):
        moment = day if day.tzinfo else day.replace(tzinfo=UTC)
        return moment.timestamp() / 86_400
    return float(Day(family="iso", year=day.year, month=day.month, day=day.day).days or 0)


def _order(cells: Sequence[float | str | date | None], found: Sequence[float]) -> RowOrder:
    run, start = _longest_run(cells)
    steps = [after - before for before, after in pairwise(found)]
    return RowOrder(
        longest_run=run,
        run_start=start,
        rising=sum(step > 0 for step in steps),
        falling=sum(step < 0 for step in steps),
        rank_correlation=_rank_correlation(found),
    )


def _longest_run(cells: Sequence[float | str | date | None]) -> tuple[int, int]:
    """A cell that holds nothing ends a run and begins none."""
    longest = start = length = 0
    for row, cell in enumerate(cells):
        if cell is None:
            length = 0
            continue
        length = length + 1 if row and length and cells[row - 1] == cell else 1
        if length > longest:
            longest, start = length, row - length + 1
    return longest, start


def _rank_correlation(values: Sequence[float]) -> float | None:
    """Spearman's, ties at their mean rank; None for fewer than three numbers or all equal ones."""
    if len(values) < _ENOUGH_FOR_RANKS or len(set(values)) == 1:
        return None
    ordered = sorted(values)
    first = {value: rank for rank, value in reversed(list(enumerate(ordered)))}
    counts = Counter(values)
    ranks = [first[value] + (counts[value] - 1) / 2 for value in values]
    return statistics.correlation([float(row) for row in range(len(ranks))], ranks)
