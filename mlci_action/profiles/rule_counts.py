"""What is counted of one rule, whatever kind it is?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ASKED_BY = "data.integrity"
MOST_ROW_NUMBERS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleCount:
    """`rows` break the rule, of `asked` that have what it asks about; `at` are the first of them.

    `note` says what was not looked at.
    """

    rows: int
    asked: int
    at: Sequence[int] = ()
    note: str = ""
