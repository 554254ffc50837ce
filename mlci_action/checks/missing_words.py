"""Which texts say that there is no value? Told by the text alone, and counted in a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mlci_action.domain.profile import TextSummary
from mlci_action.domain.shapes import shape_of


class Stand(StrEnum):
    """How a text says so."""

    BLANK = "blank"
    SIGN = "sign"
    ABBREVIATION = "abbreviation"
    WORD = "word"


# Hardly any column means these as a value: spreadsheets, databases (`\N` is MySQL's), R, C and
# pandas write them. Runs of `?`, `-`, `.` and dashes count as one of them.
_SIGNS = frozenset(
    {
        *("n/a", "n.a", "n.a.", "n\\a", "#n/a", "#n/a!", "#na", "<na>", "\\n", "<none>"),
        *("#value!", "#ref!", "#div/0!", "#null!", "#num!", "#name?"),
        *("(null)", "[null]", "<null>", "{null}", "-nan", "nan(ind)", "-nan(ind)", "1.#ind"),
    }
)
_RUNS = frozenset("?-.\N{EN DASH}\N{EM DASH}")
# The same without a sign: a surname or a code may read like this, so that one cell among many
# different texts proves nothing.
_ABBREVIATIONS = frozenset({"na", "null", "nil", "nan", "nat"})
# Some columns mean these, so they are only counted.
_WORDS = frozenset(
    {
        *("unknown", "unk", "none", "missing", "empty", "blank", "undefined", "unspecified"),
        *("unavailable", "undetermined", "not available", "not applicable", "not specified"),
        *("not known", "not reported", "not recorded", "not stated", "not given", "not provided"),
        *("no data", "nodata", "no value", "no answer", "no response", "no info", "tbd", "tba"),
        *("to be determined", "to be announced"),
    }
)
_STANDS = {
    "": Stand.BLANK,
    **dict.fromkeys(_SIGNS, Stand.SIGN),
    **dict.fromkeys(_ABBREVIATIONS, Stand.ABBREVIATION),
    **dict.fromkeys((word.replace(" ", "_") for word in _WORDS), Stand.WORD),
    **dict.fromkeys(_WORDS, Stand.WORD),
}
_FORMS: Mapping[Stand, frozenset[str]] = {
    Stand.SIGN: frozenset(map(shape_of, _SIGNS)),
    Stand.ABBREVIATION: frozenset(map(shape_of, _ABBREVIATIONS)),
    Stand.WORD: frozenset(map(shape_of, _WORDS)),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Stands:
    """Cells of one column that say that there is no value: their texts as they are, by kind.

    `hidden` is how many more of one text the profile may have left out.
    """

    texts: Mapping[Stand, Mapping[str, int]]
    hidden: Mapping[Stand, int]

    def count(self, *stands: Stand) -> int:
        """The cells of those kinds."""
        return sum(sum(self.texts.get(stand, {}).values()) for stand in stands)


def stand_of(text: str) -> Stand | None:
    """How it says that there is no value, None for a text that says something."""
    token = text.strip().casefold()
    stand = _STANDS.get(token)
    if stand is None and token[0] in _RUNS and token == token[0] * len(token):
        return Stand.SIGN
    return stand


def says_something(summary: TextSummary) -> int:
    """The text cells that are none of these, as far as the profile tells."""
    return summary.count - sum(n for text, n in summary.values if stand_of(text) is not None)


def stands_in(summary: TextSummary) -> Stands:
    """Those of a column, from its values; where these are not all, from its shapes as well."""
    texts: dict[Stand, dict[str, int]] = {}
    for text, n in summary.values:
        stand = stand_of(text)
        if stand is not None:
            texts.setdefault(stand, {})[text] = n
    if summary.complete:
        return Stands(texts=texts, hidden={})
    # The shape of a text without letters and digits is the text itself.
    for shape, n in summary.shapes:
        stand = None if set(shape) & set("aA9") else stand_of(shape)
        if stand is not None:
            texts.setdefault(stand, {}).setdefault(shape, n)
    least = min((n for _, n in summary.values), default=summary.count)
    hidden = {stand: least for stand in Stand if _may_hide(summary, stand)}
    return Stands(texts=texts, hidden=hidden)


def _may_hide(summary: TextSummary, stand: Stand) -> bool:
    if not summary.shapes_complete:
        return True
    shapes = {shape.strip().casefold() for shape, _ in summary.shapes}
    return not shapes.isdisjoint(_FORMS.get(stand, ()))
