"""What separates the cells of a CSV file? What gives every line as many cells as the first."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from mlci_action.adapters.tables.header import looks_like_a_row
from mlci_action.adapters.tables.options import WHITESPACE
from mlci_action.errors import DatasetError

_CANDIDATES = (",", ";", "\t", "|")
_SPELLINGS = {"\\t": "\t", "tab": "\t"}
_MAX_RECORDS = 100
_FEW_RECORDS = 2
_RUNS = re.compile(r"[ \t]+")


def find_separator(text: str, asked: str | None, columns: Sequence[str] | None) -> str:
    """The one asked for, or what fits the first lines; of several, what gives most cells."""
    if asked is not None:
        return _checked(asked)
    if columns is not None and len(columns) == 1:
        return ","
    fits = {
        one: cells for one in (*_CANDIDATES, WHITESPACE) if (cells := _fitting_cells(text, one))
    }
    single = {one: cells for one, cells in fits.items() if one != WHITESPACE}
    # What has the right number of names; else a row of numbers, which split otherwise would pass
    # for names; else what is not blanks, which are part of texts.
    for choice in (
        {one: cells for one, cells in fits.items() if len(cells) == len(columns or ())},
        {one: cells for one, cells in single.items() if looks_like_a_row(cells)},
        {one: cells for one, cells in fits.items() if looks_like_a_row(cells)},
        single,
    ):
        if choice:
            return max(choice.items(), key=lambda one: len(one[1]))[0]
    return _of_header(text, runs=WHITESPACE in fits)


def _checked(asked: str) -> str:
    separator = _SPELLINGS.get(asked, asked)
    if separator != WHITESPACE and (len(separator) != 1 or separator in '"\r\n'):
        raise DatasetError(
            f"data.separator is one character or {WHITESPACE!r}, not {asked!r}",
            hint="leave it out, and it is found",
        )
    return separator


def _of_header(text: str, *, runs: bool) -> str:
    """A comma, unless the header line has none and another separator it has."""
    header = next(csv_records(text, ","), [""])
    if len(header) > 1:
        return ","
    counts = {one: header[0].count(one) for one in _CANDIDATES}
    return WHITESPACE if runs and not any(counts.values()) else max(counts, key=counts.__getitem__)


def _fitting_cells(text: str, separator: str) -> Sequence[str]:
    """The cells of the first line, when there are several and the lines under it have as many."""
    found = list(islice(csv_records(text, separator), _MAX_RECORDS))
    # The last one may be cut.
    asked = found[:-1] if len(found) > _FEW_RECORDS else found
    fits = len({len(record) for record in asked}) == 1 and len(asked[0]) > 1
    if separator == WHITESPACE and len(found) < _FEW_RECORDS:
        return ()
    return asked[0] if fits else ()


def csv_records(text: str, separator: str) -> Iterator[list[str]]:
    """The records of `text`, as far as Python's reader takes them."""
    lines: Iterator[str] = io.StringIO(text, newline="")
    if separator == WHITESPACE:
        lines = (_RUNS.sub(" ", line.strip()) for line in lines)
    try:
        for record in csv.reader(lines, delimiter=" " if separator == WHITESPACE else separator):
            if len(record) > 1 or "".join(record).strip():
                yield record
    except csv.Error:
        return
