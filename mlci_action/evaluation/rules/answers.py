"""Which answers would share an id? What ids leave out of names is made up for where two agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

from mlci_action.domain.comparison import ComparisonRow
from mlci_action.domain.results import CheckResult

# A result and the row of the comparison that it judges, if there is one.
Answer = tuple[ComparisonRow | None, CheckResult]


def told_apart(answers: Sequence[Answer]) -> list[Answer]:
    """The same with ids of their own: names (of slices, of columns) lose case and signs in them."""
    times = Counter(result.id for _, result in answers)
    return [
        (row, result)
        if times[result.id] == 1
        else (row, replace(result, id=f"{result.id}~{_fingerprint(result)}"))
        for row, result in answers
    ]


def _fingerprint(result: CheckResult) -> str:
    named = result.slice if result.sensitive is None else result.sensitive
    return f"{crc32(repr(named).encode()):08x}"
