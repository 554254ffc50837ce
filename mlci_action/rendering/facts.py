"""What do the free parts of a report tell? Their facts as text, whatever shape they arrive in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from mlci_action.domain.report import Report
from mlci_action.rendering.figures import NONE, number

_DIGEST_SHOWN = len("sha256:") + 12


def told(facts: Mapping[str, object], *path: str) -> str:
    """The text, number or yes/no at `path`, as text; empty when there is none."""
    match part(facts, *path):
        case bool() as answer:
            return "yes" if answer else "no"
        case str() as text:
            return text
        case int() | float() as value:
            return "" if number(value) == NONE else number(value)
        case _:
            return ""


def counted(facts: Mapping[str, object], *path: str) -> str:
    """The count at `path` with its thousands separated; empty when there is none."""
    match part(facts, *path):
        # A finished report may have been tampered with: only a count is shown, never a text.
        case int() as count if count >= 0 and not isinstance(count, bool):
            return f"{count:,}"
        case _:
            return ""


def measured(facts: Mapping[str, object], *path: str) -> float | None:
    """The finite number at `path`."""
    match part(facts, *path):
        case (int() | float()) as value if not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        case _:
            return None


def digest(facts: Mapping[str, object], *path: str) -> str:
    """The beginning of the digest at `path`: enough to tell two files apart."""
    return told(facts, *path)[:_DIGEST_SHOWN]


def part(facts: Mapping[str, object], *path: str) -> object:
    """What stands at `path`, None when nothing does."""
    found: object = facts
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def texts(facts: Mapping[str, object], *path: str) -> list[str]:
    """The texts listed at `path`."""
    return [item for item in _items(part(facts, *path)) if isinstance(item, str)]


def versions(facts: Mapping[str, object], *path: str) -> list[str]:
    """The libraries at `path`, by name: `numpy 2.4.6`."""
    match part(facts, *path):
        case Mapping() as found:
            return [f"{name} {told(found, name)}" for name in sorted(found, key=str)]
        case _:
            return []


def listed(facts: Mapping[str, object], *path: str) -> list[Mapping[str, object]]:
    """The mappings listed at `path`."""
    return [item for item in _items(part(facts, *path)) if isinstance(item, Mapping)]


def rows_scored(report: Report, scored: int) -> str:
    """How many rows the numbers rest on, and how many had no label to be scored on."""
    unlabelled = counted(report.data, "unlabelled")
    more = f" ({unlabelled} more have no label)" if unlabelled not in {"", "0"} else ""
    return f"{scored:,} rows scored{more}"


def _items(found: object) -> Sequence[object]:
    return found if isinstance(found, list | tuple) else ()
