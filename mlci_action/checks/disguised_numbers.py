"""Do numbers stand for missing values: -999 and its like, which no column has by nature?

A number of that kind is meant when the reference never had it, it lies beyond the reference's
numbers, and it stands there alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlci_action.checks.ecdf import ecdf
from mlci_action.checks.findings import ColumnPair, Compared, Finding
from mlci_action.checks.number_words import quoted, rows, values_of
from mlci_action.checks.tails import reach
from mlci_action.domain.cells import CellTest
from mlci_action.domain.profile import NumberSummary

_NINES = tuple(float(10**digits - 1) for digits in range(2, 13))
_ENDS_OF_TYPES = (
    *(float(2**31 - 1), float(-(2**31)), float(2**63 - 1), float(-(2**63))),
    # The largest float32 and float64 (R, GDAL), and what netCDF fills with.
    *(3.4028234663852886e38, -3.4028234663852886e38),
    *(sys.float_info.max, -sys.float_info.max),
    9.969209968386869e36,
)
_HUGE = tuple(sign * 10.0**power for power in (20, 30, 36) for sign in (1, -1))
# Small ones are counted as well: that they are rare elsewhere says less.
_SMALL = frozenset({-1.0, -9.0})
_TWO_DIGITS = frozenset({99.0, -99.0})
MAGIC = frozenset((*_SMALL, *_NINES, *(-nines for nines in _NINES), *_ENDS_OF_TYPES, *_HUGE))

ENOUGH = 50  # numbers of the reference
_ENOUGH_FOR_SMALL = 200
_CELLS_BELOW_ZERO = 2  # where nothing was negative, and nothing else is
_SMALL_CELLS_BELOW_ZERO = 3
_NEAR = 1.0  # ranges beyond the reference's end, for two cells
_FAR = 3.0  # for one
_SINGLE_ALPHA = 0.01  # of one table: a long tail brings one that far by chance


def find_disguised_numbers(data: Compared) -> Iterator[Finding]:
    """Columns with numbers that stand for nothing, all such numbers of a column in one finding."""
    for pair in data.pairs:
        found = _disguised(data, pair)
        if found:
            yield _finding(data, pair, found)


def disguised_in(data: Compared, pair: ColumnPair) -> Mapping[float, int]:
    """What is found in one column, with counts, so that no other check names it once more."""
    return _disguised(data, pair) if data.limits.runs("disguised") else {}


def _disguised(data: Compared, pair: ColumnPair) -> dict[float, int]:
    before, now = pair.reference.numbers, pair.batch.numbers
    if before is None or now is None or before.count < ENOUGH or not now.count:
        return {}
    candidates = _candidates(before, now)
    seen = _Seen(before=before, now=now, magic=candidates, columns=len(data.pairs))
    return {value: n for value, n in candidates.items() if seen.disguises(value)}


def _finding(data: Compared, pair: ColumnPair, found: Mapping[float, int]) -> Finding:
    count = sum(found.values())
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r} holds in {rows(count)} a number that usually stands for a "
        f"missing value, and that the reference never has{quoted(data, found)}",
        rows=count,
        cells=CellTest(column=pair.name, numbers=frozenset(found)),
        evidence=values_of(data, found),
    )


def _candidates(before: NumberSummary, now: NumberSummary) -> dict[float, int]:
    """Magic numbers beyond the reference's ends, with their counts in the batch."""
    counts: dict[float, int] = {}
    for extremes in (now.smallest, now.largest):
        for value in set(extremes) & MAGIC:
            counts[value] = max(counts.get(value, 0), extremes.count(value))
    counts.update((value, n) for value, n in now.values if value in MAGIC)
    return {
        value: counts[value]
        for value in sorted(counts)
        if value < before.smallest[0] or value > before.largest[-1]
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """One column's candidates between what was and what else is."""

    before: NumberSummary
    now: NumberSummary
    magic: Mapping[float, int]
    columns: int

    def disguises(self, value: float) -> bool:
        """Whether this number means that nothing is known."""
        if value < 0 and self._only_magic_is_negative():
            if value in _SMALL:
                enough = self.before.count >= _ENOUGH_FOR_SMALL
                return enough and self.magic[value] >= _SMALL_CELLS_BELOW_ZERO
            if self.magic[value] >= _CELLS_BELOW_ZERO:
                return True
        single = self.magic[value] == 1
        ranges = _FAR if single or value in _TWO_DIGITS else _NEAR
        return (
            self._ranges_off(value) >= ranges
            and self._stands_alone(value)
            and not (single and self._in_tail(value))
        )

    def _only_magic_is_negative(self) -> bool:
        magic = sum(n for value, n in self.magic.items() if value < 0)
        return self.before.negative == 0 and self.now.negative <= magic

    def _ranges_off(self, value: float) -> float:
        """How many of its ranges beyond the reference's nearest end; 0 for one without a range."""
        low, high = self.before.smallest[0], self.before.largest[-1]
        width = high - low
        return max(value - high, low - value) / width if width > 0 else 0.0

    def _in_tail(self, value: float) -> bool:
        """Whether the reference has so long a tail that one number may well come out there."""
        per_side = _SINGLE_ALPHA / (2 * self.columns)
        far = reach(self.before, n_now=self.now.count, per_side=per_side)
        side = far.low if value < far.median else far.high
        return side is not None and abs(value - far.median) <= side

    def _stands_alone(self, value: float) -> bool:
        """Fewer other numbers lie on its half of the way: else the whole column has moved there."""
        if value > self.before.largest[-1]:
            half = self.before.largest[-1] / 2 + value / 2
            there = ecdf(self.now).above(half) - sum(n for v, n in self.magic.items() if v > half)
        else:
            half = self.before.smallest[0] / 2 + value / 2
            there = ecdf(self.now).under(half) - sum(n for v, n in self.magic.items() if v < half)
        return there < self.magic[value]
