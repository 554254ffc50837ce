"""Does a number lie far beyond all that the reference has, where none of its kind would lie?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mlci_action.checks.disguised_numbers import disguised_in
from mlci_action.checks.ecdf import ecdf
from mlci_action.checks.findings import ColumnPair, Compared, Finding
from mlci_action.checks.number_words import finite, quoted, rows, times, values_of
from mlci_action.checks.row_order import free_pairs, in_row_order, is_named_as_key
from mlci_action.checks.tails import ENOUGH, reach
from mlci_action.domain.cells import CellTest
from mlci_action.domain.profile import NumberSummary

NAME = "outliers"
ID = f"data.{NAME}"
HELD = "no number lies far beyond those of the reference"

ALPHA = 0.0002  # of one table; of each side of each column its part
_ENOUGH_WITHOUT_TAIL = 200
_RANGES_WITHOUT_TAIL = 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bounds:
    """Where both sides end, and the reference's range, which tells how far something is."""

    low: float
    high: float
    smallest: float
    largest: float

    def ranges_off(self, value: float) -> float:
        """How many times the reference's range a number lies beyond its ends."""
        width = self.largest - self.smallest
        return finite(max(value - self.largest, self.smallest - value) / width)


def find_outliers(data: Compared) -> Iterator[Finding]:
    """Columns with numbers beyond the bound on either side, as few as luck does not bring."""
    for pair in free_pairs(data):
        before, now = pair.reference.numbers, pair.batch.numbers
        if before is None or now is None or not (before.count and now.count):
            continue
        bounds = _bounds(pair, before, now, columns=len(data.pairs))
        if bounds is None:
            continue
        found = [value for value in now.largest[::-1] if value > bounds.high]
        found += [value for value in now.smallest if value < bounds.low]
        # Numbers that stand for missing values are named as such, once.
        if not set(found) <= disguised_in(data, pair).keys():
            known = ecdf(now)
            sides = {"above": known.above(bounds.high), "below": known.under(bounds.low)}
            if pair.may_be_luck(sum(sides.values())):
                continue
            yield _finding(data, pair, found, bounds, sides)


def _finding(
    data: Compared, pair: ColumnPair, found: list[float], bounds: _Bounds, sides: Mapping[str, int]
) -> Finding:
    farthest = max(map(bounds.ranges_off, found))
    where = " and ".join(f"far {side} in {rows(n)}" for side, n in sides.items() if n)
    ends = [end for end, n in zip((bounds.high, bounds.low), sides.values(), strict=True) if n]
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r} lies {where}, up to {times(farthest)} times the "
        f"reference's whole range beyond it{quoted(data, found)}",
        rows=sum(sides.values()),
        observed=farthest,
        limit=min(map(bounds.ranges_off, ends)),
        cells=CellTest(
            column=pair.name,
            above=bounds.high if sides["above"] else None,
            below=bounds.low if sides["below"] else None,
        ),
        evidence=values_of(data, found),
    )


def _bounds(
    pair: ColumnPair, before: NumberSummary, now: NumberSummary, *, columns: int
) -> _Bounds | None:
    """None for a reference that does not tell how far is far."""
    smallest, largest = before.smallest[0], before.largest[-1]
    width = largest - smallest
    if before.count < ENOUGH or not 0 < width < math.inf:
        return None
    far = reach(before, n_now=now.count, per_side=ALPHA / (2 * columns))
    if is_named_as_key(pair.name):
        # Ids come in any order and have no tail: only what is of another size is none of them.
        far = replace(far, low=None, high=None)
    far_off = _RANGES_WITHOUT_TAIL * width if before.count >= _ENOUGH_WITHOUT_TAIL else math.inf
    low = far.median - smallest + far_off if far.low is None else far.low
    high = largest - far.median + far_off if far.high is None else far.high
    bottom = top = far.median
    if in_row_order(pair.reference):
        # It goes on where the reference ended, and in a longer batch so much farther.
        middle, longer = ecdf(now).median, max(1.0, now.count / before.count)
        bottom, top = min(bottom, middle), max(top, middle)
        low, high = low * longer, high * longer
    return _Bounds(low=bottom - low, high=top + high, smallest=smallest, largest=largest)
