"""What did a check find? One value per column that is not as it was, before anybody judges it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mlci_action.checks.same_rows import same_rows
from mlci_action.domain.cells import CellTest
from mlci_action.domain.data_limits import DataChecks
from mlci_action.domain.profile import ColumnProfile, TableProfile
from mlci_action.domain.shapes import shape_of


class Kind(StrEnum):
    """How a finding was made: by a form never seen before, or by a count that rose."""

    FORM = "form"
    COUNT = "count"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong: the column (None: the table), and how many rows it concerns.

    `message` names the column and counts, and never a value: forms stand for values. `cells` says
    which cells are meant. `settled` marks a limit that the owner declared: no time order excuses
    it. `warns` marks what may be so on purpose: it never fails.
    """

    column: str | None
    message: str
    kind: Kind = Kind.FORM
    rows: int | None = None
    observed: float | None = None
    limit: float | None = None
    cells: CellTest | None = None
    settled: bool = False
    warns: bool = False
    evidence: Mapping[str, Any] = field(default_factory=dict)


_LUCK = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnPair:
    """One column of the batch beside the same column of the reference.

    `edited` says that both tables hold the same rows, so that what differs was changed.
    """

    reference: ColumnProfile
    batch: ColumnProfile
    edited: bool = False

    @property
    def name(self) -> str:
        """The column's name."""
        return self.batch.name

    def may_be_luck(self, cells: int) -> bool:
        """Whether so few odd cells would as soon have come to lie in the batch as elsewhere.

        Real text has a single odd cell here and there. In a batch as large as its reference that
        cell says nothing of a change: two do, and beside a reference ten times as large one does.
        """
        if self.edited:
            return False
        both = self.batch.filled + self.reference.filled
        return not both or (self.batch.filled / both) ** cells > _LUCK


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """A batch beside its reference. `target`, `id` and `time` are columns, None where none is.

    `show_values` lets messages quote cells; otherwise only their form is told.
    """

    batch: TableProfile
    reference: TableProfile
    limits: DataChecks = field(default_factory=DataChecks)
    target: str | None = None
    id: str | None = None
    time: str | None = None
    show_values: bool = False

    @property
    def pairs(self) -> tuple[ColumnPair, ...]:
        """The columns that both have, in the batch's order."""
        known, edited = self.reference.by_name, same_rows(self.reference, self.batch)
        return tuple(
            ColumnPair(reference=known[column.name], batch=column, edited=edited)
            for column in self.batch.columns
            if column.name in known
        )

    def examples(self, values: Iterable[str], most: int = 3) -> str:
        """A few cells in words: `of the form 'aaa 99'`, or the values where they may be shown."""
        kept = list(dict.fromkeys(values if self.show_values else map(shape_of, values)))
        shown = ", ".join(repr(value) for value in kept[:most])
        more = f" and {len(kept) - most:,} more" if len(kept) > most else ""
        return f"{'' if self.show_values else 'of the form '}{shown}{more}"
