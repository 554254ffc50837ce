"""What are the texts of a column like? Values, shapes, dates and damage, with their counts."""

from __future__ import annotations

import hashlib
import math
from collections import Counter

import numpy as np

from mlci_action.domain.profile import MOST_SHAPES, TOP_VALUES, TextSummary
from mlci_action.profiles.cells import Codes
from mlci_action.profiles.text_forms import FAMILIES, NO_FAMILY, damaged, dates_of, shapes_of
from mlci_action.profiles.value_counts import Counts, WordCounts

MOST_LETTERS = 200


class TextAccumulator:
    """Chunks of text cells in, their summary out."""

    def __init__(self) -> None:
        self._count = self._damaged = self._impossible = 0
        self._values = WordCounts()
        self._shapes = WordCounts(MOST_SHAPES)
        self._families: Counter[str] = Counter()
        self._first, self._last = math.inf, -math.inf

    def add(self, codes: Codes, words: list[str]) -> None:
        """Take in the cells of one chunk: their places in `words`, -1 where there is no text."""
        counts = np.bincount(codes + 1, minlength=len(words) + 1)[1:]
        present = np.flatnonzero(counts)
        if not len(present):
            return
        words = words if len(present) == len(words) else [words[i] for i in present]
        counts = counts[present]
        self._count += int(counts.sum())
        self._values.add([kept_text(word) for word in words], counts)
        self._add_forms(words, counts)

    def _add_forms(self, words: list[str], counts: Counts) -> None:
        shapes = shapes_of(words)
        of_shape = np.bincount(shapes.codes, weights=counts, minlength=len(shapes.shapes))
        self._shapes.add(shapes.shapes, of_shape.astype(np.int64))
        broken = damaged(words)
        if broken.any():
            self._damaged += int(counts[broken].sum())
        dates = dates_of(words, shapes)
        if dates is None:
            return
        known = np.isfinite(dates.days) & (dates.family != NO_FAMILY)
        for place, family in enumerate(FAMILIES):
            self._families[family] += int(counts[known & (dates.family == place)].sum())
        self._impossible += int(counts[(dates.family != NO_FAMILY) & ~known].sum())
        if known.any():
            self._first = min(self._first, float(dates.days[known].min()))
            self._last = max(self._last, float(dates.days[known].max()))

    def summary(self) -> TextSummary | None:
        """What was seen; None when there was no text."""
        if not self._count:
            return None
        values, shapes = self._values, self._shapes
        return TextSummary(
            count=self._count,
            values=values.most_frequent()
            if values.complete
            else tuple(pair for pair in values.most_frequent(TOP_VALUES) if pair[1] > 1),
            complete=values.complete,
            distinct=values.distinct(self._count),
            unique=not values.repeats,
            shapes=shapes.most_frequent(MOST_SHAPES),
            shapes_complete=shapes.complete,
            damaged=self._damaged,
            dates=tuple((name, n) for name in FAMILIES if (n := self._families[name])),
            impossible=self._impossible,
            first=self._first if math.isfinite(self._first) else None,
            last=self._last if math.isfinite(self._last) else None,
        )


def kept_text(word: str) -> str:
    """A text as a profile keeps it: a long one by its beginning and a digest of the whole."""
    if len(word) <= MOST_LETTERS:
        return word
    digest = hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{word[: MOST_LETTERS - 17]} {digest}"
