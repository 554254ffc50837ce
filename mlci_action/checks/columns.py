"""Are the columns those of the reference, under the same names and in the same order?"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from mlci_action.checks.findings import Compared, Finding
from mlci_action.checks.likeness import alike
from mlci_action.domain.profile import ColumnProfile

NAME = "columns"
ID = f"data.{NAME}"
HELD = "the columns are those of the reference, in the same order"


def find_columns(data: Compared) -> Iterator[Finding]:
    """Columns that are gone or go by another name, then new ones and another order."""
    gone = [c for c in data.reference.columns if c.name not in data.batch.by_name]
    new = [c for c in data.batch.columns if c.name not in data.reference.by_name]
    renamed = _renamed(gone, new)
    for column in gone:
        yield _gone(column, renamed.get(column.name))
    for column in new:
        if column.name not in renamed.values():
            yield Finding(
                column=column.name,
                message=f"column {column.name!r} is new: the reference has no such column",
                warns=True,
            )
    yield from _reordered(data)


def _gone(column: ColumnProfile, new_name: str | None) -> Finding:
    if new_name is None:
        message = f"column {column.name!r} of the reference is missing"
        return Finding(column=column.name, message=message)
    return Finding(
        column=column.name,
        message=f"column {column.name!r} of the reference seems to be called {new_name!r} now",
        evidence={"new_name": new_name},
    )


def _renamed(gone: Sequence[ColumnProfile], new: Sequence[ColumnProfile]) -> Mapping[str, str]:
    """Old name to new: by the name but for case, spaces and punctuation, else by what they hold."""
    by_name = _only_matches({(a.name, b.name) for a in gone for b in new if _same(a, b)})
    left = [column for column in gone if column.name not in by_name]
    free = [column for column in new if column.name not in by_name.values()]
    by_content = {(a.name, b.name) for a in left for b in free if alike(a, b)}
    return {**by_name, **_only_matches(by_content)}


def _same(one: ColumnProfile, other: ColumnProfile) -> bool:
    return _plain(one.name) == _plain(other.name) != ""


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _only_matches(pairs: set[tuple[str, str]]) -> dict[str, str]:
    """Pairs of which neither side has another partner: with two, nobody knows which."""
    olds, news = Counter(old for old, _ in pairs), Counter(new for _, new in pairs)
    return {old: new for old, new in sorted(pairs) if olds[old] == 1 and news[new] == 1}


def _reordered(data: Compared) -> Iterator[Finding]:
    now = [column.name for column in data.batch.columns if column.name in data.reference.by_name]
    before = [column.name for column in data.reference.columns if column.name in set(now)]
    moved = [(old, new) for old, new in zip(before, now, strict=False) if old != new]
    if moved:
        old, new = moved[0]
        yield Finding(
            column=None,
            message=f"columns stand in another order than in the reference: {len(moved):,} places "
            f"differ, first {new!r} where {old!r} stood",
            warns=True,
        )
