"""Does a target hold classes, and how many rows has each?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlci_action.checks.value_counts import Value, value_counts
from mlci_action.domain.profile import ColumnProfile

FEW = 20  # classes, whatever the number of rows
_ROWS_PER_TEXT = 20  # on average, where there are more
_ROWS_EACH = 5
_TWO = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Classes:
    """Classes with their rows, of `cells` labelled ones.

    `closed`: text or two numbers, of which none is rare: one that is not among them is new. Else
    the numbers may count something, or there may be more classes that are as rare.
    """

    counts: Mapping[Value, int]
    cells: int
    closed: bool


def classes_of(column: ColumnProfile, *, declared: bool = False) -> Classes | None:
    """The classes of a target; None when it has none, or more than can be listed.

    Few different texts or whole numbers are classes; any values are where the owner `declared` so.
    """
    counts = value_counts(column)
    if not counts.cells or counts.numbers_left or counts.texts_left:
        return None
    numbers, text = column.numbers, column.text
    distinct = len(counts.listed)
    is_text = text is not None and _TWO * text.count >= counts.cells
    most = max(FEW, counts.cells / _ROWS_PER_TEXT) if is_text else FEW
    few = distinct <= most and _TWO * distinct <= counts.cells
    whole = numbers is None or numbers.whole == numbers.count
    if not declared and not (few and (is_text or whole)):
        return None
    few_kinds = distinct > 1 and (is_text or (whole and distinct <= _TWO))
    return Classes(
        counts=counts.listed,
        cells=counts.cells,
        closed=few_kinds and min(counts.listed.values()) >= _ROWS_EACH,
    )
