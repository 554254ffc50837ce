"""When are two labels the same? `1`, `1.0` and `"1"` are, in whichever type they come."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np

_WHOLE_NUMBER = re.compile(r"^(-?\d+)\.0+$")
_LONGEST = 40
_ZERO_OR_ONE = {"0": 0, "1": 1, "false": 0, "true": 1}


def label_text(label: object) -> str:
    """The text of a label, the same whichever type a file or a model chose to hold it in."""
    if isinstance(label, float | np.floating) and math.isfinite(label) and label == int(label):
        return str(int(label))
    return str(label)


def zero_or_one(text: str) -> int | None:
    """0 or 1 for the labels that mean no and yes by themselves (0, 1, False, True), else None."""
    return _ZERO_OR_ONE.get(_without_point_zero(text).lower())


def quoted(label: str) -> str:
    """A label for a message: quoted, and cut where a whole text stands in place of a label."""
    return repr(label if len(label) <= _LONGEST else f"{label[:_LONGEST]}…")


class LabelCodes:
    """Which code has a label? The classes' texts in code order, asked with any model's spelling.

    A model fitted on labels turned to text says "1.0" for 1: that is the same label as long as the
    classes do not have both.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self._codes = {text: code for code, text in enumerate(classes)}
        for code, text in enumerate(classes):
            self._codes.setdefault(_without_point_zero(text), code)

    def find(self, text: str) -> int | None:
        """The code of the label with this text, or None."""
        code = self._codes.get(text)
        return code if code is not None else self._codes.get(_without_point_zero(text))

    def unknown(self, texts: Iterable[str]) -> list[str]:
        """Those of `texts` that are no label here, in their order."""
        return [text for text in texts if self.find(text) is None]


def find_class(classes: Sequence[str], text: str) -> int | None:
    """The code of the class that a config file means by `text`: of two, `true` is True or 1."""
    code = LabelCodes(classes).find(text)
    bit = zero_or_one(text)
    if code is None and bit is not None and len(classes) == 2:  # noqa: PLR2004  no or yes
        code = next((i for i, label in enumerate(classes) if zero_or_one(label) == bit), None)
    return code


def _without_point_zero(text: str) -> str:
    whole = _WHOLE_NUMBER.match(text)
    return whole.group(1) if whole else text
