"""Does a column say the same in every row, or in a long stretch of rows, that did not before?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from scipy.special import gammaln

from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.number_words import quoted, rows, values_of
from mlci_action.checks.row_order import free_pairs
from mlci_action.checks.value_counts import Value, ValueCounts, value_counts
from mlci_action.domain.cells import CellTest

NAME = "constant"
ID = f"data.{NAME}"
HELD = "no column stands still that varied before"

ALPHA = 0.0001  # of one table
_LONG_RUN = 50
_LONG_SHARE = 0.02  # of the batch's rows
_TIMES_LONGER = 5  # than the reference's longest run
_GROUPED = 0.9  # of a value's cells in one run: the rows were sorted by it
_AS_USUAL = 2.0  # times its usual share at most


def find_constant(data: Compared) -> Iterator[Finding]:
    """Columns of one value, else those with a stretch of one value."""
    pairs = free_pairs(data)
    for pair in pairs:
        before, now = value_counts(pair.reference), value_counts(pair.batch)
        if not (before.cells and now.cells):
            continue
        level = math.log(ALPHA / len(pairs))
        if _is_constant(pair, now):
            if _log_chance(before, now.cells) < level:
                yield _constant(data, pair, now)
        elif _is_stretch(pair, before, now, level):
            yield _stretch(data, pair, now)


def _is_constant(pair: ColumnPair, now: ValueCounts) -> bool:
    return now.top == now.cells == pair.batch.filled


def _log_chance(before: ValueCounts, run: int) -> float:
    """The log of the chance that `run` cells all hold the reference's most frequent value.

    Exact, given how often it comes in both together: a short reference proves little.
    """
    top, others = before.top, before.cells - before.top
    return float(
        gammaln(top + run + 1)
        - gammaln(top + 1)
        - gammaln(top + run + others + 1)
        + gammaln(top + others + 1)
    )


def _is_stretch(pair: ColumnPair, before: ValueCounts, now: ValueCounts, level: float) -> bool:
    order, a, b = pair.batch.order, pair.reference.rows, pair.batch.rows
    run = order.longest_run
    longest = pair.reference.order.longest_run * max(1.0, b / a)
    return (
        run >= max(_LONG_RUN, _LONG_SHARE * b)
        and run > _TIMES_LONGER * longest
        and math.log(b) + _log_chance(before, run) < level
        and not _is_grouped(before, now, run)
    )


def _is_grouped(before: ValueCounts, now: ValueCounts, run: int) -> bool:
    """The stretch is all there is of a value that is no more frequent than usual.

    Then the batch was sorted by this column, and no value took the place of another.
    """
    return any(
        _GROUPED * count <= run <= count
        and count / now.cells <= _AS_USUAL * before.at_most(value) / before.cells
        for value, count in now.listed.items()
    )


def _constant(data: Compared, pair: ColumnPair, now: ValueCounts) -> Finding:
    values = now.most_frequent(1)
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r} holds one value in all its {rows(now.cells)}, and several "
        f"in the reference{quoted(data, values)}",
        kind=Kind.COUNT,
        rows=now.cells,
        cells=_cells(pair, values[0]),
        evidence=values_of(data, values),
    )


def _cells(pair: ColumnPair, value: Value) -> CellTest:
    if isinstance(value, str):
        return CellTest(column=pair.name, texts=frozenset({value}), exact=True)
    return CellTest(column=pair.name, numbers=frozenset({value}))


def _stretch(data: Compared, pair: ColumnPair, now: ValueCounts) -> Finding:
    run, start = pair.batch.order.longest_run, pair.batch.order.run_start
    # The run's value is not kept: it is the one that fills as many cells, if only one does.
    values = [value for value, count in now.listed.items() if count >= run]
    shown = values if len(values) == 1 else []
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r} stands still for {rows(run)} from row {start + 1:,} on, and "
        f"for {pair.reference.order.longest_run:,} at most in the reference{quoted(data, shown)}",
        kind=Kind.COUNT,
        rows=run,
        observed=run,
        limit=pair.reference.order.longest_run,
        cells=CellTest(column=pair.name, rows=(start, start + run)),
        evidence=values_of(data, shown),
    )
