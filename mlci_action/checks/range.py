"""Do more numbers lie beyond the reference's smallest and largest than chance explains?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from mlci_action.checks.disguised_numbers import disguised_in
from mlci_action.checks.ecdf import beyond_ends, ecdf
from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.number_words import finite, quoted, rows, times, values_of
from mlci_action.checks.rises import ALPHA, Rise, risen
from mlci_action.checks.row_order import free_pairs, in_row_order
from mlci_action.domain.cells import CellTest
from mlci_action.domain.profile import NumberSummary

NAME = "range"
ID = f"data.{NAME}"
HELD = "no more numbers lie beyond the reference's ends than chance explains"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Beyond:
    """One column's numbers beyond the reference's ends."""

    pair: ColumnPair
    before: NumberSummary
    now: NumberSummary
    under: int
    over: int
    left_out: Collection[float] = ()

    @property
    def values(self) -> list[float]:
        """The farthest numbers of each end, as far as they are kept."""
        over = [x for x in self.now.largest[::-1] if x > self.before.largest[-1]]
        under = [x for x in self.now.smallest if x < self.before.smallest[0]]
        return [x for x in over + under if x not in self.left_out]

    def without(self, counts: Mapping[float, int]) -> _Beyond:
        """The same but for numbers beyond the ends that are named elsewhere."""
        over = sum(n for x, n in counts.items() if x > self.before.largest[-1])
        under = sum(counts.values()) - over
        return replace(self, under=self.under - under, over=self.over - over, left_out=counts)


def find_range(data: Compared) -> Iterator[Finding]:
    """Columns that break a declared limit; without `closed`, those that chance does not explain."""
    limits = data.limits.range
    columns = list(_columns(data))
    if limits is not None and limits.closed:
        yield from (_closed(data, column) for column in columns if column.under + column.over)
    else:
        yield from _more_than_chance(data, columns)
    if limits is not None and limits.max_z is not None:
        for column in columns:
            yield from _z_scores(data, column, limits.max_z)


def _columns(data: Compared) -> Iterator[_Beyond]:
    for pair in free_pairs(data):
        before, now = pair.reference.numbers, pair.batch.numbers
        if before is not None and now is not None and before.count and now.count:
            under, over = beyond_ends(pair)
            yield _Beyond(pair=pair, before=before, now=now, under=under, over=over)


def _closed(data: Compared, column: _Beyond) -> Finding:
    return _finding(
        data, column, "none may", settled=True, observed=column.under + column.over, limit=0
    )


def _more_than_chance(data: Compared, columns: list[_Beyond]) -> Iterator[Finding]:
    """Each end is tested by itself: that the k largest of all are all new has this very p.

    By definition the reference has nothing beyond its own ends, so every test could reach the
    level, had it found enough: none may be left out of Bonferroni's count, as `risen` would.
    """
    free = [
        column.without(disguised_in(data, column.pair))
        for column in columns
        if not in_row_order(column.pair.reference)
    ]
    for column in free:
        ends = [
            Rise(
                of=column,
                before=0,
                rows_before=column.before.count,
                now=count,
                rows_now=column.now.count,
            )
            for count in (column.under, column.over)
            if count > 0
        ]
        found = [hit for end in ends for hit in risen([end], alpha=ALPHA / (2 * len(free)))]
        if found:
            p = min(p for _, p in found)
            yield _finding(data, column, f"by chance it would be {_chance(column)}", p=p)


def _chance(column: _Beyond) -> str:
    """What is to be expected on both ends together: each new largest is new with this chance."""
    expected = 2 * column.now.count / (column.before.count + 1)
    return f"about {rows(max(round(expected), 1))}"


def _finding(
    data: Compared,
    column: _Beyond,
    allowed: str,
    *,
    settled: bool = False,
    observed: float | None = None,
    limit: float | None = None,
    p: float | None = None,
) -> Finding:
    ends = {"below": column.under, "above": column.over}
    where = " and ".join(f"{rows(n)} {end}" for end, n in ends.items() if n)
    values = column.values
    return Finding(
        column=column.pair.name,
        message=f"column {column.pair.name!r} has {where} the reference's range, {allowed}"
        f"{quoted(data, values)}",
        kind=Kind.COUNT,
        rows=column.under + column.over,
        observed=observed,
        limit=limit,
        cells=CellTest(
            column=column.pair.name,
            above=column.before.largest[-1] if column.over else None,
            below=column.before.smallest[0] if column.under else None,
        ),
        settled=settled,
        evidence={
            **ends, **({} if p is None else {"p": p}), **values_of(data, values)
        },
    )  # fmt: skip


def _z_scores(data: Compared, column: _Beyond, max_z: float) -> Iterator[Finding]:
    """Standard scores on the reference's mean and standard deviation, as the owner asked."""
    mean, sd = column.before.mean, column.before.sd
    if sd == 0 and column.before.smallest[0] < column.before.largest[-1]:
        return  # a spread too large to be written down as a number
    high, low = mean + max_z * sd, mean - max_z * sd
    known = ecdf(column.now)
    count = known.above(high) + known.under(low)
    if not count:
        return
    far = max(abs(column.now.largest[-1] - mean), abs(column.now.smallest[0] - mean))
    z = finite(far / sd) if sd > 0 else None
    values = [x for x in column.now.largest[::-1] if x > high]
    values += [x for x in column.now.smallest if x < low]
    yield Finding(
        column=column.pair.name,
        message=f"column {column.pair.name!r} has {rows(count)} more than {max_z:g} standard "
        f"deviations from the reference's mean{'' if z is None else f', up to {times(z)}'}"
        f"{quoted(data, values)}",
        kind=Kind.COUNT,
        rows=count,
        observed=z,
        limit=max_z,
        cells=CellTest(column=column.pair.name, above=high, below=low),
        settled=True,
        evidence=values_of(data, values),
    )
