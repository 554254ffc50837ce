"""Do rows seem to belong together, though nothing says so?"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

_IDS = frozenset({"id", "ids", "uid", "uuid", "guid"})
# fmt: off
_WHO = frozenset({
    "account", "applicant", "borrower", "case", "client", "company", "customer", "device", "driver",
    "employee", "encounter", "family", "household", "machine", "member", "merchant", "patient",
    "person", "player", "policyholder", "seller", "sensor", "session", "speaker", "store",
    "student", "subject", "supplier", "tenant", "user", "vehicle", "vendor", "visitor",
})
# fmt: on
_NUMBER = frozenset({"code", "key", "no", "nr", "num", "number", "ref"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)
# Fewer values than this are the codes of a category, and too few units for an interval anyway.
_FEWEST_VALUES = 30


def says_id(name: str) -> bool:
    """Whether a column of that name tells who a row is about: `id`, `loan_id`, `customer`."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words:
        return False
    if words[-1] in _IDS:
        return True
    if len(words) == 1:
        return words[0].removesuffix("id") in _WHO
    return words[-2] in _WHO and words[-1] in _NUMBER


def repeated_ids(frame: pd.DataFrame, *, declared: str | None) -> str | None:
    """A note on the first column that seems to name what several rows are about, or None.

    `frame` holds the n scored rows; no `evidence.unit` is declared. The declared id is such a
    column as soon as it repeats. Another must have a name that says so and at least 30 values, and
    most rows must share theirs with another row.
    """
    names = [str(name) for name in frame.columns]
    ordered = sorted(range(len(names)), key=lambda at: names[at] != declared)
    for at in ordered:
        if names[at] != declared and not says_id(names[at]):
            continue
        note = _note(names[at], frame.iloc[:, at], declared=names[at] == declared)
        if note is not None:
            return note
    return None


def _note(name: str, column: pd.Series[Any], *, declared: bool) -> str | None:
    try:
        codes, _ = pd.factorize(column)
    except TypeError:  # lists and the like name nobody
        return None
    rows_of_value = np.bincount(codes[codes >= 0])
    values, rows = len(rows_of_value), int(rows_of_value.sum())
    shared = int(rows_of_value[rows_of_value > 1].sum())
    repeats = shared > 0 if declared else values >= _FEWEST_VALUES and shared > rows / 2
    if not repeats:
        return None
    unit = name if _PLAIN.fullmatch(name) else repr(name)
    return (
        f"{name!r} repeats ({values:,} values in {rows:,} rows): rows of one {unit} may depend on "
        f"each other; `evidence: {{unit: {unit}}}` takes that into account"
    )
