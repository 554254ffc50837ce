"""What does the worker tell of environment and parameters? Plain values, each of them bounded."""

from __future__ import annotations

import sys
from typing import Any

from mlci_action.adapters.answer_arrays import one_line

_MAX_DISTRIBUTIONS, _MAX_PARAMETERS, _MAX_LISTED = 5_000, 500, 20


def versions_told(told: object) -> dict[str, str]:
    """Those of what it told that are names and versions."""
    found = list(told.items())[:_MAX_DISTRIBUTIONS] if isinstance(told, dict) else []
    return {one_line(name): one_line(text) for name, text in found if isinstance(text, str)}


def parameters_told(told: object) -> dict[str, Any]:
    """Those of what it told that are plain values, or short lists of them."""
    found = list(told.items())[:_MAX_PARAMETERS] if isinstance(told, dict) else []
    return {one_line(name): _listed(value) for name, value in found if _is_plain(value)}


def _listed(value: Any) -> Any:  # noqa: ANN401 - a plain value, or a list of them
    if isinstance(value, list):
        return [_listed(item) for item in value[:_MAX_LISTED]]
    return one_line(value) if isinstance(value, str) else value


def _is_plain(value: object) -> bool:
    match value:
        case None | bool() | str():
            return True
        case int() | float():
            return abs(value) <= sys.float_info.max
        case list():
            return all(not isinstance(item, list) and _is_plain(item) for item in value)
        case _:
            return False
