"""Are there values that say that there is no value: blanks, placeholders, magic numbers?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlci_action.checks.disguised_numbers import find_disguised_numbers
from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.missing_words import Stand, Stands, says_something, stands_in
from mlci_action.checks.rises import Rise, risen
from mlci_action.checks.text_cells import ENOUGH, cells, holds_dates, is_category, text_of
from mlci_action.domain.cells import CellTest

NAME = "disguised"
ID = f"data.{NAME}"
HELD = "no new placeholders stand for missing values"
_PLACEHOLDERS = (Stand.SIGN, Stand.ABBREVIATION)
_SAFE_REPEATS = 2  # cells that make an abbreviation more than somebody's name


def find_disguised(data: Compared) -> Iterator[Finding]:
    """Placeholders in text, then those among numbers."""
    yield from find_disguised_texts(data)
    yield from find_disguised_numbers(data)


def find_disguised_texts(data: Compared) -> Iterator[Finding]:
    """Placeholders of a kind that a column never had, and known ones that became more."""
    columns = [_seen(pair) for pair in data.pairs if _is_judged(pair)]
    new = {column.pair.name: _new_kinds(column) for column in columns}
    for column in columns:
        found = _texts(column.now, new[column.pair.name])
        # One blank among words may have been there all along; among numbers it stops the reader.
        if found and (_is_sure(column) or not column.pair.may_be_luck(sum(found.values()))):
            yield _finding(column.pair, found, 0, Kind.FORM)
    rises = [rise for column in columns for rise in _rises(column, new[column.pair.name])]
    together: dict[str, list[Rise[_Counted]]] = {}
    for rise, _ in risen(rises):
        together.setdefault(rise.of.pair.name, []).append(rise)
    for of_column in together.values():
        found = {text: n for rise in of_column for text, n in rise.of.texts.items()}
        before = sum(rise.before for rise in of_column)
        yield _finding(of_column[0].of.pair, found, before, Kind.COUNT)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    pair: ColumnPair
    before: Stands
    now: Stands


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counted:
    pair: ColumnPair
    texts: Mapping[str, int]


def _is_judged(pair: ColumnPair) -> bool:
    return pair.batch.text is not None and pair.reference.filled >= ENOUGH


def _seen(pair: ColumnPair) -> _Seen:
    before, now = text_of(pair.reference.text), text_of(pair.batch.text)
    return _Seen(pair=pair, before=stands_in(before), now=stands_in(now))


def _new_kinds(column: _Seen) -> list[Stand]:
    """The kinds of which one cell is enough, since no cell of the reference is of that kind."""
    reference, sure = text_of(column.pair.reference.text), _is_sure(column)
    kinds = [kind for kind in (Stand.BLANK, *_PLACEHOLDERS) if not _known(column.before, kind)]
    if column.before.count(*_PLACEHOLDERS):
        kinds = [kind for kind in kinds if kind is Stand.BLANK]
    named = column.now.texts.get(Stand.ABBREVIATION, {})
    once = max(named.values(), default=0) < _SAFE_REPEATS
    if once and not sure and not is_category(reference):
        kinds = [kind for kind in kinds if kind is not Stand.ABBREVIATION]
    if sure and not _known(column.before, Stand.WORD):
        kinds.append(Stand.WORD)
    return kinds


def _is_sure(column: _Seen) -> bool:
    """Whether no word can be meant as a value, since all was numbers or dates."""
    reference = text_of(column.pair.reference.text)
    return not says_something(reference) or holds_dates(reference)


def _known(stands: Stands, kind: Stand) -> bool:
    return bool(stands.count(kind) or stands.hidden.get(kind, 0))


def _rises(column: _Seen, new: list[Stand]) -> Iterator[Rise[_Counted]]:
    """One hypothesis for each text that is not new by its kind; of blanks, one for all."""
    for kind in Stand:
        if kind in new:
            continue
        before, now = _by_token(column.before, kind), _by_token(column.now, kind)
        for token in before.keys() | now.keys():
            texts = column.now.texts.get(kind, {})
            yield Rise(
                of=_Counted(
                    pair=column.pair,
                    texts={text: n for text, n in texts.items() if _token(text) == token},
                ),
                before=before[token] or column.before.hidden.get(kind, 0),
                rows_before=column.pair.reference.filled,
                now=now[token],
                rows_now=column.pair.batch.filled,
            )


def _by_token(stands: Stands, kind: Stand) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text, n in stands.texts.get(kind, {}).items():
        counts[_token(text)] += n
    return counts


def _token(text: str) -> str:
    return text.strip().casefold()


def _texts(stands: Stands, kinds: list[Stand]) -> dict[str, int]:
    return {text: n for kind in kinds for text, n in stands.texts.get(kind, {}).items()}


def _finding(pair: ColumnPair, found: Mapping[str, int], before: int, kind: Kind) -> Finding:
    rows = sum(found.values())
    # These words are no data: each stands in the lists of `missing_words`.
    tokens = sorted({_token(text) for text in found})
    said = ", ".join("blank text" if token == "" else repr(token) for token in tokens[:5])
    known = f"{before:,} of {pair.reference.filled:,}" if before else "none"
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r} holds {cells(rows)} that may stand for a missing value "
        f"({said}), and {known} in the reference",
        kind=kind,
        rows=rows,
        observed=rows / pair.batch.filled,
        cells=CellTest(column=pair.name, texts=frozenset(text.strip() for text in found)),
        evidence={"placeholders": tokens[:5]},
    )
