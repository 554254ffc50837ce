"""Is the batch a new draw of rows, or the reference's rows with some of them changed?

A pull request often edits a file. Then nothing is left to luck: an odd cell that the reference
lacks was put there.
"""

from __future__ import annotations

from mlci_action.domain.profile import ColumnProfile, TableProfile

_SHARED_ROWS = 1 / 3  # of both together: half of each, where they are equally long
_SHARED_NAMES = 0.5
_NEARLY_ALL = 0.9
_ENOUGH = 30


def same_rows(reference: TableProfile, batch: TableProfile) -> bool:
    """Whether most rows are in both, or most of what names a row is."""
    if _shared(reference.row_sketch, batch.row_sketch) >= _SHARED_ROWS:
        return True
    known = reference.by_name
    return any(
        _names_rows(known[column.name]) and _share_names(known[column.name], column)
        for column in batch.columns
        if column.name in known and _names_rows(column)
    )


def _shared(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Jaccard's share of two sets from the smallest hashes of each (Broder 1997)."""
    size = min(len(one), len(other))
    if size < _ENOUGH:
        return 0.0
    smallest = sorted({*one, *other})[:size]
    both = set(one) & set(other)
    return sum(item in both for item in smallest) / size


def _names_rows(column: ColumnProfile) -> bool:
    """Whether nearly every row has a text of its own, and all are known."""
    text = column.text
    return (
        text is not None
        and text.complete
        and text.distinct >= max(_ENOUGH, _NEARLY_ALL * column.rows)
    )


def _share_names(one: ColumnProfile, other: ColumnProfile) -> bool:
    if one.text is None or other.text is None:
        return False
    before = {text for text, _ in one.text.values}
    now = {text for text, _ in other.text.values}
    return len(before & now) >= _SHARED_NAMES * len(before | now)
