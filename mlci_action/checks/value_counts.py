"""How often does each value of a column come, numbers and text together, as far as is kept?"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mlci_action.domain.profile import ColumnProfile, NumberSummary, TextSummary

Value: TypeAlias = float | str


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueCounts:
    """`listed` values, each kind most frequent first, of `cells` cells that hold numbers or text.

    `numbers_left` and `texts_left` are the most cells that a value which is not listed can fill.
    """

    listed: Mapping[Value, int]
    cells: int
    numbers_left: int
    texts_left: int

    def at_most(self, value: Value) -> int:
        """The cells that hold `value`: exact where it is listed."""
        left = self.texts_left if isinstance(value, str) else self.numbers_left
        return self.listed.get(value, left)

    @property
    def top(self) -> int:
        """The cells of the most frequent value."""
        return max(self.listed.values(), default=0)

    def most_frequent(self, most: int) -> list[Value]:
        """The values that fill the most cells."""
        return heapq.nlargest(most, self.listed, key=self.listed.__getitem__)


def value_counts(column: ColumnProfile) -> ValueCounts:
    """The numbers and the text of one column."""
    numbers, text = column.numbers, column.text
    listed: dict[Value, int] = {}
    listed.update(() if numbers is None else numbers.values)
    listed.update(() if text is None else text.values)
    return ValueCounts(
        listed=listed,
        cells=(0 if numbers is None else numbers.count) + (0 if text is None else text.count),
        numbers_left=0 if numbers is None else _left(numbers, numbers.values),
        texts_left=0 if text is None else _left(text, text.values),
    )


def _left(summary: NumberSummary | TextSummary, values: Sequence[tuple[Value, int]]) -> int:
    """No value that was left out is more frequent than the last one kept, or than all the rest."""
    if summary.complete:
        return 0
    kept = [count for _, count in values]
    return min(min(kept, default=summary.count), max(summary.count - sum(kept), 0))
