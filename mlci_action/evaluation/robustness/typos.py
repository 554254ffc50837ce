"""How is text mistyped? A letter changes places, is lost, comes twice, or is of the other case."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from mlci_action.domain.robustness import PerturbationLimits
from mlci_action.evaluation.robustness.cells import Changing, is_text

_LETTER = re.compile(r"[^\W\d_]")
_PAIR = re.compile(r"(?=([^\W\d_])(?!\1)[^\W\d_])")
_SLIPS = 4


def mistyped(asked: Changing, limits: PerturbationLimits) -> pd.Series | str:
    """The m cells, some with one slip of the keyboard each; or why that cannot be."""
    cells = asked.cells
    if not is_text(asked.column):
        return "holds no text"
    texts = cells.astype(object).where(cells.notna(), "")
    lettered = np.array([bool(_LETTER.search(text)) for text in texts])
    if not lettered.any():
        return "holds no letters"
    where = np.flatnonzero(asked.some(limits.share, lettered))
    slipped = [_slip(text, asked.random) for text in texts.iloc[where]]
    if isinstance(cells.dtype, pd.CategoricalDtype):
        new = [text for text in dict.fromkeys(slipped) if text not in cells.dtype.categories]
        cells = cells.cat.add_categories(new)
    cells.iloc[where] = slipped
    return cells


def _slip(text: str, random: np.random.Generator) -> str:
    """The text with one slip; doubling a letter always makes one."""
    made = (_made(text, int(kind), random) for kind in random.permutation(_SLIPS))
    return next(slipped for slipped in made if slipped != text and slipped.strip())


def _made(text: str, kind: int, random: np.random.Generator) -> str:
    found = (_PAIR if kind == 0 else _LETTER).finditer(text)
    places = [match.start() for match in found]
    if not places:
        return text
    at = int(random.choice(places))
    letter = text[at]
    if kind == 0:
        return text[:at] + text[at + 1] + letter + text[at + 2 :]
    made = ("", 2 * letter, letter.swapcase())[kind - 1]
    return text[:at] + made + text[at + 1 :]
