"""Do batches follow time? Then more differs between them than chance alone explains.

Between the first and the second half of real tables, most of which are sorted by something, four in
five differ in counts, and one in twenty-five in the form of cells. So counts only warn there until
the owner declares a limit.
"""

from __future__ import annotations

from mlci_action.checks.findings import ColumnPair, Compared
from mlci_action.checks.row_order import in_row_order

_OVERLAP = 0.1


def follow_time(data: Compared) -> str:
    """Why the batch is taken to be later than its reference, in words; empty when it is not."""
    if data.time is not None:
        return f"data.time is {data.time!r}"
    for pair in data.pairs:
        if _dates_go_on(pair):
            return f"the dates of {pair.name!r} begin where the reference's end"
        if _numbers_go_on(pair):
            return f"{pair.name!r} rises from row to row and goes on from the reference"
    return ""


def _dates_go_on(pair: ColumnPair) -> bool:
    before, now = _span(pair, of_batch=False), _span(pair, of_batch=True)
    if before is None or now is None or not before[1] > before[0]:
        return False
    begins_late = now[0] >= before[1] - _OVERLAP * (before[1] - before[0])
    return begins_late and now[1] > before[1]


def _span(pair: ColumnPair, *, of_batch: bool) -> tuple[float, float] | None:
    column = pair.batch if of_batch else pair.reference
    if column.times is not None:
        return column.times.first, column.times.last
    text = column.text
    mostly_dates = text is not None and 2 * sum(n for _, n in text.dates) > column.filled
    if text is None or not mostly_dates or text.first is None or text.last is None:
        return None
    return text.first, text.last


def _numbers_go_on(pair: ColumnPair) -> bool:
    before, now = pair.reference.numbers, pair.batch.numbers
    if (
        before is None
        or now is None
        or not (in_row_order(pair.reference) and in_row_order(pair.batch))
    ):
        return False
    return now.points[0] >= before.points[-1] > before.points[0]
