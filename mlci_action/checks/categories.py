"""Are there categories that the reference lacks, beyond the few that chance brings?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.format import NAME as FORMAT
from mlci_action.checks.format import find_new_forms
from mlci_action.checks.formed_columns import named_sharper
from mlci_action.checks.rises import Rise, risen
from mlci_action.checks.text_cells import (
    NOTHING,
    cells,
    holds_dates,
    is_category,
    named_by,
    shown,
    text_of,
    unseen,
)
from mlci_action.domain.cells import CellTest
from mlci_action.domain.data_limits import CategoryLimits
from mlci_action.domain.profile import TableProfile

NAME = "categories"
ID = f"data.{NAME}"
HELD = "no more new categories than chance brings"


def unknown_columns(batch: TableProfile, limits: CategoryLimits) -> list[str]:
    """Columns that are to be closed and are not there."""
    return [name for name in limits.columns if name not in batch.by_name]


def find_categories(data: Compared) -> Iterator[Finding]:
    """New categories of closed columns, all of them; of others, those that came too often."""
    judged = []
    for pair in data.pairs:
        if _is_closed(data, pair):
            yield from _closed(data, pair)
        elif _has_categories(pair):
            judged.append(pair)
    new = _unexplained(data, judged)
    found: dict[str, dict[str, int]] = {}
    for rise, _ in risen([rise for pair in judged for rise in _rises(pair, new[pair.name])]):
        name = rise.of.pair.name
        texts = {text: n for text, n in rise.of.texts.items() if text in new[name]}
        found.setdefault(name, {}).update(texts)
    for pair in judged:
        if found.get(pair.name):
            yield _finding(data, pair, found[pair.name])


def _unexplained(data: Compared, pairs: list[ColumnPair]) -> dict[str, dict[str, int]]:
    """By column the new texts that no sharper check names."""
    if not any(unseen(pair) for pair in pairs):
        return {pair.name: {} for pair in pairs}
    sharper = named_sharper(data)
    forms = named_by(data, (FORMAT, lambda data: find_new_forms(data, sharper)))
    return {
        pair.name: {
            text: n
            for text, n in unseen(pair, sharper.get(pair.name, NOTHING)).items()
            if text not in forms.get(pair.name, NOTHING)
        }
        for pair in pairs
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class _New:
    pair: ColumnPair
    texts: Mapping[str, int]


def _has_categories(pair: ColumnPair) -> bool:
    summary = text_of(pair.reference.text)
    return is_category(summary) and not holds_dates(summary)


def _rises(pair: ColumnPair, new: Mapping[str, int]) -> Iterator[Rise[_New]]:
    """Each category, known ones too, and together all that came once on either side."""
    before = dict(text_of(pair.reference.text).values)
    now = dict(text_of(pair.batch.text).values)
    for text, n in before.items():
        yield _rise(pair, {text: now.get(text, 0)}, n)
    for text, n in new.items():
        if n > 1:
            yield _rise(pair, {text: n}, 0)
    gone = sum(n == 1 and text not in now for text, n in before.items())
    yield _rise(pair, {text: n for text, n in new.items() if n == 1}, gone)


def _rise(pair: ColumnPair, texts: Mapping[str, int], before: int) -> Rise[_New]:
    return Rise(
        of=_New(pair=pair, texts=texts),
        before=before,
        rows_before=pair.reference.filled,
        now=sum(texts.values()),
        rows_now=pair.batch.filled,
    )


def _is_closed(data: Compared, pair: ColumnPair) -> bool:
    """A column that the owner names, and with `closed` every column of categories."""
    limits = data.limits.categories
    if limits is None or not limits.is_closed(pair.name):
        return False
    return pair.name in limits.columns or is_category(text_of(pair.reference.text))


def _closed(data: Compared, pair: ColumnPair) -> Iterator[Finding]:
    """Every new value, a number or one that another check names as well: the owner has said so."""
    numbers, before = pair.batch.numbers, pair.reference.numbers
    if not (text_of(pair.reference.text).complete and (before is None or before.complete)):
        yield Finding(
            column=pair.name,
            message=f"column {pair.name!r} cannot be closed: the reference has too many different "
            "values for all to be known",
            settled=True,
        )
        return
    texts = unseen(pair)
    known = set() if before is None else {value for value, _ in before.values}
    new = {} if numbers is None else {x: n for x, n in numbers.values if x not in known}
    if texts or new:
        yield _finding(data, pair, texts, new, settled=True)


def _finding(
    data: Compared,
    pair: ColumnPair,
    texts: Mapping[str, int],
    numbers: Mapping[float, int] | None = None,
    *,
    settled: bool = False,
) -> Finding:
    new = {**texts, **{f"{number:.10g}": n for number, n in (numbers or {}).items()}}
    rows = sum(new.values())
    many = f"{len(new):,} categories" if len(new) > 1 else "a category"
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r} holds {many} in {cells(rows)}, {data.examples(new)}, that "
        f"none of {pair.reference.filled:,} in the reference has",
        kind=Kind.FORM if settled else Kind.COUNT,
        rows=rows,
        observed=rows / pair.batch.filled,
        limit=0.0 if settled else None,
        cells=CellTest(
            column=pair.name,
            texts=frozenset(texts),
            numbers=frozenset(numbers or ()),
            exact=True,
        ),
        settled=settled,
        evidence={**shown(data, new), "categories": len(new)},
    )
