"""What is a table like? A summary of each column, small enough to keep beside a model.

Made in one pass over the rows (`mlci_action/profiles`), stored as JSON, and all that later batches
are compared with: a reference file is summed up first, so it gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

PROFILE_VERSION = 1
MOST_VALUES = 5_000  # distinct values of a column that are all kept; of more, only the top ones
TOP_VALUES = 200
MOST_SHAPES = 200
EXTREMES = 50
QUANTILES = 65
SKETCHED_ROWS = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class AtReference:
    """How a batch's numbers lie on the scale of the reference: counts of its cells.

    `below` and `up_to` are counted at the reference's `points`; `under` and `over` lie beyond its
    smallest and largest number.
    """

    below: tuple[int, ...]
    up_to: tuple[int, ...]
    under: int
    over: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberSummary:
    """The finite numbers of a column, text that reads as a number included.

    `sd` is the root of the mean square about the mean. `points` are at most 65 distinct quantiles,
    ascending; `below` and `up_to` count the cells below each and up to it, so ties are seen from
    both sides. `smallest` and `largest` are the 50 at each end, ascending. `values` are the most
    frequent ones with their counts, and all there are when `complete`. `distinct` is exact when
    complete, else estimated; `unique`: no value comes twice. `at_reference` is there when the
    summary was made with a reference at hand.
    """

    count: int
    whole: int
    negative: int
    mean: float
    sd: float
    points: tuple[float, ...]
    below: tuple[int, ...]
    up_to: tuple[int, ...]
    smallest: tuple[float, ...]
    largest: tuple[float, ...]
    values: tuple[tuple[float, int], ...]
    complete: bool
    distinct: int
    unique: bool
    at_reference: AtReference | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TextSummary:
    """The cells of a column that hold text other than numbers; blank ones and dates included.

    `values` and `shapes` come with their counts, most frequent first; `complete` and
    `shapes_complete` say that none was left out. A shape writes every digit as 9, every lower-case
    letter as a and every upper-case one as A. `damaged` counts cells whose encoding is broken,
    `dates` those that are a date, by family (`iso`, `slash`, `dot`, `dash`, `named`), `impossible`
    those that have a date's form and name no day. `first` and `last` are the earliest and latest
    day, in days since 1970.
    """

    count: int
    values: tuple[tuple[str, int], ...]
    complete: bool
    distinct: int
    unique: bool
    shapes: tuple[tuple[str, int], ...]
    shapes_complete: bool
    damaged: int = 0
    dates: tuple[tuple[str, int], ...] = ()
    impossible: int = 0
    first: float | None = None
    last: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeSummary:
    """The cells of a column that a file stores as moments, in days since 1970."""

    count: int
    first: float
    last: float


@dataclass(frozen=True, kw_only=True, slots=True)
class RowOrder:
    """How a column's values follow each other from row to row.

    `longest_run` is the number of equal values in a row, `run_start` the row (from 0) it begins at.
    `rising` and `falling` count the steps from one number to the next; `rank_correlation` is
    Spearman's of the numbers with the row number, None without enough of them.
    """

    longest_run: int
    run_start: int
    rising: int = 0
    falling: int = 0
    rank_correlation: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnProfile:
    """One column: `rows` cells, of which `missing` hold nothing.

    `dtype` is the type in the file, for messages. The other cells are numbers, text, moments, or
    nothing that is looked into (lists, bytes).
    """

    name: str
    dtype: str
    rows: int
    missing: int
    order: RowOrder
    numbers: NumberSummary | None = None
    text: TextSummary | None = None
    times: TimeSummary | None = None

    @property
    def filled(self) -> int:
        """Cells that hold something."""
        return self.rows - self.missing

    @property
    def opaque(self) -> int:
        """Cells that hold something that is not looked into."""
        parts = (self.numbers, self.text, self.times)
        return self.filled - sum(part.count for part in parts if part is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Correlation:
    """Pearson's r of two columns' scores on the reference's quantiles, over `n` complete rows."""

    columns: tuple[str, str]
    r: float
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """How well `columns` give the target away: `skill` is the out-of-fold share that is explained.

    `kind` is `copy` (one-to-one), `single` (one column predicts it), `sum` (a linear combination of
    the columns is the target) or `order` (the row number predicts it; `columns` is empty). Columns
    that nearly are leaks are listed too, so that one by chance above the bar is not new.
    """

    columns: tuple[str, ...]
    kind: str
    skill: float


@dataclass(frozen=True, kw_only=True, slots=True)
class RowRepeats:
    """`repeated` of `rows` rows equal an earlier one in every column but `ignoring`.

    Large tables are sampled by the hash of the row, so that equal rows stay together: `exact` says
    whether that was not necessary.
    """

    rows: int
    repeated: int
    exact: bool = True
    ignoring: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelConflicts:
    """`conflicting` of `rows` labelled rows have another label than most with equal features.

    `groups` is the number of different features among them; `exact` is as for `RowRepeats`.
    """

    rows: int
    conflicting: int
    groups: int
    exact: bool = True


@dataclass(frozen=True, kw_only=True)
class TableProfile:
    """One table: its columns in their order, and what only holds between columns.

    `correlations` and `leaks` are measured on a sample of rows when the table is large.
    `row_sketch` are the 256 smallest hashes of rows, ascending: two tables with many rows in common
    share many of them. `origin` says in words what was summed up.
    """

    version: int = PROFILE_VERSION
    rows: int
    columns: tuple[ColumnProfile, ...]
    repeats: RowRepeats | None = None
    conflicts: LabelConflicts | None = None
    correlations: tuple[Correlation, ...] = ()
    target: str | None = None
    leaks: tuple[Leak, ...] = ()
    row_sketch: tuple[int, ...] = ()
    origin: str = ""
    digest: str = ""

    @cached_property
    def by_name(self) -> Mapping[str, ColumnProfile]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}
