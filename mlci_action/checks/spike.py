"""Does one value fill more of a column than chance explains: a default that slipped in?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mlci_action.checks.disguised_numbers import disguised_in
from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.number_words import quoted, values_of
from mlci_action.checks.rises import Rise, risen
from mlci_action.checks.row_order import free_pairs
from mlci_action.checks.value_counts import Value, ValueCounts, value_counts
from mlci_action.domain.cells import CellTest

NAME = "spike"
ID = f"data.{NAME}"
HELD = "no value fills more of its column than before"

LEAST_RISE = 0.01  # of the column's cells
# Other counts have five times as much: values of one source come together, so that rows are fewer
# than they seem.
ALPHA = 0.0001
_CLASSES = 20  # with no more values than these, a target's shares are label shift


@dataclass(frozen=True, kw_only=True, slots=True)
class _Of:
    """What was counted: one value of one column."""

    pair: ColumnPair
    value: Value


def find_spike(data: Compared) -> Iterator[Finding]:
    """Columns of which a value rose by more than a hundredth; all its risen values in one."""
    found: dict[str, list[tuple[Rise[_Of], float]]] = defaultdict(list)
    rises = [rise for pair in free_pairs(data) for rise in _rises(data, pair)]
    for rise, p in risen(rises, alpha=ALPHA):
        if rise.rise > LEAST_RISE:
            found[rise.of.pair.name].append((rise, p))
    for hits in found.values():
        # Numbers that stand for missing values are named as such, once.
        named = disguised_in(data, hits[0][0].of.pair)
        left = [hit for hit in hits if hit[0].of.value not in named]
        if left:
            yield _finding(data, sorted(left, key=lambda hit: -hit[0].rise))


def _rises(data: Compared, pair: ColumnPair) -> Iterator[Rise[_Of]]:
    """Every value that comes often enough, in both together, to rise by that much.

    Asking only for the most frequent values of the batch would choose those that rose by chance.
    """
    before, now = value_counts(pair.reference), value_counts(pair.batch)
    if pair.name == data.target and _is_class(before):
        return
    for value in _asked(pair, before, now):
        rise = Rise(
            of=_Of(pair=pair, value=value),
            # A value that the reference did not keep may have come as often as the rarest kept.
            before=before.at_most(value),
            rows_before=before.cells,
            now=now.listed.get(value, 0),
            rows_now=now.cells,
        )
        if rise.before + rise.now > LEAST_RISE * rise.rows_now:
            yield rise


def _asked(pair: ColumnPair, before: ValueCounts, now: ValueCounts) -> list[Value]:
    values = dict.fromkeys((*before.listed, *now.listed))
    # Text where only numbers were is another type, not another value, and the other way about.
    has = {str: pair.reference.text is not None, float: pair.reference.numbers is not None}
    return [value for value in values if has[str if isinstance(value, str) else float]]


def _is_class(before: ValueCounts) -> bool:
    return len(before.listed) <= _CLASSES


def _finding(data: Compared, hits: list[tuple[Rise[_Of], float]]) -> Finding:
    (worst, p), pair = hits[0], hits[0][0].of.pair
    values = [rise.of.value for rise, _ in hits]
    count = sum(rise.now for rise, _ in hits)
    more = f"; {len(hits) - 1:,} more of its values rose" if len(hits) > 1 else ""
    return Finding(
        column=pair.name,
        message=f"one value of column {pair.name!r} now fills {worst.now:,} of {worst.rows_now:,} "
        f"cells, {worst.before:,} of {worst.rows_before:,} in the reference{more}"
        f"{quoted(data, values)}",
        kind=Kind.COUNT,
        rows=count,
        observed=worst.rise,
        limit=LEAST_RISE,
        cells=CellTest(
            column=pair.name,
            numbers=frozenset(value for value in values if isinstance(value, float)),
            texts=frozenset(value for value in values if isinstance(value, str)),
            exact=True,
        ),
        evidence={"p": p, **values_of(data, values)},
    )
