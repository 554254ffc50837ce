"""How is a number of the data told in a message? As a count of rows, and itself where it may be."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from mlci_action.checks.findings import Compared

MOST_QUOTED = 5


def rows(count: int) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} row{'' if count == 1 else 's'}"


def times(multiple: float) -> str:
    """How many times something goes into something, for reading: `1.3`, `40`, `2,000`, `6e+13`."""
    if multiple >= 1e7:  # noqa: PLR2004 -- more digits than anybody reads
        return f"{multiple:.0e}"
    return f"{multiple:,.0f}" if multiple >= 10 else f"{multiple:.1f}"  # noqa: PLR2004


def finite(value: float) -> float:
    """The nearest number that JSON can hold."""
    return max(-sys.float_info.max, min(value, sys.float_info.max))


def quoted(data: Compared, values: Iterable[float | str]) -> str:
    """`: 1, 2, 3` where values may be shown, else nothing."""
    shown = _shown(data, values)
    return f": {', '.join(f'{v:g}' if isinstance(v, float) else repr(v) for v in shown)}" * bool(
        shown
    )


def values_of(data: Compared, values: Iterable[float | str]) -> dict[str, Any]:
    """The same as evidence."""
    shown = _shown(data, values)
    return {"values": shown} if shown else {}


def _shown(data: Compared, values: Iterable[float | str]) -> list[float | str]:
    return list(dict.fromkeys(values))[:MOST_QUOTED] if data.show_values else []
