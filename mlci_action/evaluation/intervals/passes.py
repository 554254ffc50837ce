"""How are long arrays worked through? In pieces whose temporaries stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

ROWS_A_PASS = 1 << 14


def passes(n: int) -> Iterator[slice]:
    """Consecutive pieces of n rows."""
    for begin in range(0, n, ROWS_A_PASS):
        yield slice(begin, min(begin + ROWS_A_PASS, n))
