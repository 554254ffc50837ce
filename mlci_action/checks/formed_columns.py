"""Which shapes do the texts of a column have, apart from what sharper checks name?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mlci_action.checks.disguised import NAME as DISGUISED
from mlci_action.checks.disguised import find_disguised_texts
from mlci_action.checks.encoding import NAME as ENCODING
from mlci_action.checks.encoding import find_encoding
from mlci_action.checks.findings import ColumnPair, Compared
from mlci_action.checks.missing_words import Stand, stand_of
from mlci_action.checks.spelling import NAME as SPELLING
from mlci_action.checks.spelling import find_slips
from mlci_action.checks.text_cells import (
    ENOUGH,
    NOTHING,
    Named,
    holds_dates,
    is_category,
    named_by,
    text_of,
)
from mlci_action.domain.profile import TextSummary
from mlci_action.domain.shapes import shape_of


@dataclass(frozen=True, kw_only=True, slots=True)
class FormedColumn:
    """The texts of one column before and now, by shape; what sharper checks name is left out.

    `values` are the batch's texts with their counts, None when not all of them are known.
    """

    pair: ColumnPair
    before: Counter[str]
    now: Counter[str]
    values: Mapping[str, int] | None

    @property
    def reference(self) -> TextSummary:
        """What the reference knows of its texts."""
        return text_of(self.pair.reference.text)

    @property
    def repeats(self) -> bool:
        """Whether its texts are categories, which have names and no common form."""
        return is_category(self.reference) and not holds_dates(self.reference)


def named_sharper(data: Compared) -> Mapping[str, Named]:
    """The cells that checks name which say more of a text than its form."""
    return named_by(
        data,
        (ENCODING, find_encoding),
        (DISGUISED, find_disguised_texts),
        (SPELLING, find_slips),
    )


def formed_columns(data: Compared, sharper: Mapping[str, Named]) -> list[FormedColumn]:
    """The columns of text that the reference knows well; `sharper` says what is named already."""
    return [
        _column(pair, sharper.get(pair.name, NOTHING))
        for pair in data.pairs
        if text_of(pair.reference.text).count >= ENOUGH and pair.batch.text is not None
    ]


def _column(pair: ColumnPair, named: Named) -> FormedColumn:
    before, now = text_of(pair.reference.text), text_of(pair.batch.text)
    said = [(text, n) for text, n in before.values if stand_of(text) is None]
    known = {text for text, _ in before.values}
    left = [
        (text, n)
        for text, n in now.values
        if text not in named and not _is_placeholder(text, known)
    ]
    return FormedColumn(
        pair=pair,
        before=_shapes_of(before, said) if before.shapes_complete else Counter(),
        now=_shapes_of(now, left),
        values=dict(left) if now.complete else None,
    )


def _is_placeholder(text: str, known: Collection[str]) -> bool:
    """Placeholders are no form, whether or not a check names them; of words, known ones."""
    stand = stand_of(text)
    return stand is not None and (stand is not Stand.WORD or text in known)


def _shapes_of(summary: TextSummary, kept: list[tuple[str, int]]) -> Counter[str]:
    """The shapes of the texts that are kept; of those not listed, all but blanks and signs."""
    shapes = Counter({shape: n for shape, n in summary.shapes if stand_of(shape) is None})
    if summary.complete and (not summary.shapes_complete or len(kept) < len(summary.values)):
        shapes = Counter()
        for text, n in kept:
            shapes[shape_of(text)] += n
    return shapes
