"""Is a new text a known one, written otherwise or with a slip?

A category that came for the first time is a slip when it is nearly another that comes often. Among
texts that hardly repeat, names say, near pairs are normal: there more of them than before count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mlci_action.checks.disguised import NAME as DISGUISED
from mlci_action.checks.disguised import find_disguised_texts
from mlci_action.checks.encoding import NAME as ENCODING
from mlci_action.checks.encoding import find_encoding
from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.missing_words import stand_of
from mlci_action.checks.near_texts import NearTexts, TooAlike
from mlci_action.checks.rises import ALPHA, Rise, risen
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

NAME = "spelling"
ID = f"data.{NAME}"
HELD = "no new text is a known one with a slip"
KNOWN_ROWS = 5  # a text that came as often is meant
TIMES = 5  # and its slips are that much rarer
LEAST_RISE = 0.01
LEAST_NEAR = 8  # fewer are not told from chance

_Sort = tuple[Callable[[str], list[str]], Callable[[], Iterator[tuple[str, str]]], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class New:
    """Texts of a column that the reference lacks, with their counts in the batch."""

    pair: ColumnPair
    texts: Mapping[str, int]


def find_spelling(data: Compared) -> Iterator[Finding]:
    """Slips in categories, then columns of other texts with more near ones than before."""
    yield from find_slips(data)
    others = [new for new in _new_texts(data) if not _has_categories(new.pair)]
    rises = [_near_before_and_now(new) for new in others]
    # Columns with too few near texts are hypotheses too.
    level = ALPHA / max(len(others), 1)
    for rise, p in risen([rise for rise in rises if rise is not None], alpha=level):
        if rise.rise > LEAST_RISE:
            yield _more_near(data, rise, p)


def find_slips(data: Compared) -> Iterator[Finding]:
    """Categories that are nearly a known one: as few cells as luck does not bring."""
    for new in _new_texts(data):
        slips = _slips(new) if _has_categories(new.pair) else {}
        if slips and not new.pair.may_be_luck(sum(slips.values())):
            yield _slipped(data, new.pair, slips)


def _new_texts(data: Compared) -> Iterator[New]:
    named = named_by(data, (ENCODING, find_encoding), (DISGUISED, find_disguised_texts))
    for pair in data.pairs:
        texts = unseen(pair, named.get(pair.name, NOTHING))
        if texts and not holds_dates(text_of(pair.reference.text)):
            yield New(pair=pair, texts=texts)


def _has_categories(pair: ColumnPair) -> bool:
    return is_category(text_of(pair.reference.text))


def _known(pair: ColumnPair) -> dict[str, int]:
    values = text_of(pair.reference.text).values
    return {text: n for text, n in values if stand_of(text) is None}


def _slips(new: New) -> dict[str, int]:
    """None of a sort that the reference itself has: there, they are names of different things."""
    counts = _known(new.pair)
    index = NearTexts(counts)
    # A slip is rarer than what it was meant as; another way of writing may come as often.
    scale = TIMES * new.pair.reference.filled / new.pair.batch.filled
    sorts: tuple[_Sort, ...] = (
        (index.written_otherwise, index.pairs_written_otherwise, 0.0),
        (index.one_slip_away, index.pairs_one_slip_apart, scale),
        (index.longer, index.pairs_cut, scale),
    )
    found: dict[str, int] = {}
    for near, pairs, times in sorts:
        try:
            of_sort = {
                text: n
                for text, n in new.texts.items()
                if _often(counts, near(text), max(KNOWN_ROWS, n * times))
            }
            natural = of_sort and any(_is_such(counts, *both, times=times) for both in pairs())
        except TooAlike:
            continue
        if not natural:
            found |= of_sort
    return found


def _often(counts: Mapping[str, int], texts: Iterable[str], least: float) -> bool:
    return any(counts[text] >= least for text in texts)


def _is_such(counts: Mapping[str, int], one: str, other: str, *, times: float) -> bool:
    rare, often = sorted((counts[one], counts[other]))
    return times == 0 or often >= max(KNOWN_ROWS, TIMES * rare)


def _near_before_and_now(new: New) -> Rise[New] | None:
    """Of texts that came once: how many have a near one in the reference?

    A new text is by nature a rare one, so in the reference it is compared with its like.
    """
    once = [text for text, n in new.texts.items() if n == 1]
    if len(once) < LEAST_NEAR or not text_of(new.pair.batch.text).complete:
        return None
    known = _known(new.pair)
    index = NearTexts(known)
    try:
        near = {text: 1 for text in once if _is_near(index, text)}
        if len(near) < LEAST_NEAR:
            return None
        pairs = (
            *index.pairs_written_otherwise(),
            *index.pairs_one_slip_apart(),
            *index.pairs_cut(),
        )
    except TooAlike:
        return None
    return Rise(
        of=New(pair=new.pair, texts=near),
        before=sum(known[text] == 1 for text in {text for both in pairs for text in both}),
        rows_before=sum(n == 1 for n in known.values()),
        now=len(near),
        rows_now=len(once),
    )


def _is_near(index: NearTexts, text: str) -> bool:
    return bool(index.written_otherwise(text) or index.one_slip_away(text) or index.longer(text))


def _slipped(data: Compared, pair: ColumnPair, texts: Mapping[str, int]) -> Finding:
    rows = sum(texts.values())
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r} holds {cells(rows)} {data.examples(texts)}, nearly "
        "a text of the reference, but not quite: slips in writing, most likely",
        rows=rows,
        observed=rows / pair.batch.filled,
        cells=CellTest(column=pair.name, texts=frozenset(texts), exact=True),
        evidence={**shown(data, texts), "texts": len(texts)},
    )


def _more_near(data: Compared, rise: Rise[New], p: float) -> Finding:
    pair, texts = rise.of.pair, rise.of.texts
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r}: of {rise.rows_now:,} new texts {rise.now:,} "
        f"{data.examples(texts)} are nearly one of the reference, where {rise.before:,} of "
        f"{rise.rows_before:,} are near each other: slips, most likely",
        kind=Kind.COUNT,
        rows=len(texts),
        observed=rise.rise,
        limit=LEAST_RISE,
        cells=CellTest(column=pair.name, texts=frozenset(texts), exact=True),
        evidence={**shown(data, texts), "p": p},
    )
