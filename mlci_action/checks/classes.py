"""Does a target hold classes, and how many rows has each?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlci_action.checks.value_counts import Value, value_counts
from mlci_action.domain.profile import ColumnProfile

_MOST = 20  # classes, whatever the number of rows
_ROWS_EACH = 5
_TWO = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Classes:
    """Classes with their rows, of `cells` labelled ones.

    `certain`: text, or two numbers. Else the numbers may count something, and the next larger one
    is then no new class.
    """

    counts: Mapping[Value, int]
    cells: int
    certain: bool


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
    few = distinct <= max(_MOST, counts.cells / _ROWS_EACH) if is_text else distinct <= _MOST
    whole = numbers is None or numbers.whole == numbers.count
    if not declared and not (few and (is_text or (whole and _TWO * distinct <= counts.cells))):
        return None
    return Classes(
        counts=counts.listed, cells=counts.cells, certain=is_text or (whole and distinct <= _TWO)
    )
