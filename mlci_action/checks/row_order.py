"""Does a column go along with its rows? Such columns move from batch to batch by their nature."""

from __future__ import annotations

import re

from mlci_action.checks.findings import ColumnPair, Compared
from mlci_action.domain.profile import ColumnProfile

_CLOSE = 0.95
# Fewer steps than this go one way in too many columns that only have few values (0 ... 0, 1 ... 1).
_MIN_STEPS = 20
_KEY = re.compile(r"(?i:(^|[\W_])(id|uid|uuid|guid|key))$|[a-z]I[Dd]$")


def in_row_order(column: ColumnProfile) -> bool:
    """Its numbers rise or fall with the row number, or nearly every step goes the same way.

    Asked of the reference: its rows say what kind of column it is, whereas a batch may have been
    sorted by any column, and being sorted would then hide its drift.
    """
    order = column.order
    rank = order.rank_correlation
    steps = order.rising + order.falling
    one_way = steps >= _MIN_STEPS and max(order.rising, order.falling) > _CLOSE * steps
    return one_way or (rank is not None and abs(rank) > _CLOSE)


def is_numbering(column: ColumnProfile) -> bool:
    """Whole numbers of which none comes twice: they tell rows apart, and measure nothing."""
    numbers = column.numbers
    return (
        numbers is not None
        and numbers.count > 1
        and numbers.unique
        and numbers.whole == numbers.count
    )


def is_named_as_key(name: str) -> bool:
    """Whether its name says that numbers in it stand for things: an id's size means nothing."""
    return _KEY.search(name) is not None


def free_pairs(data: Compared) -> tuple[ColumnPair, ...]:
    """The columns that both have, but for those declared to tell rows or moments apart."""
    return tuple(pair for pair in data.pairs if pair.name not in (data.id, data.time))
