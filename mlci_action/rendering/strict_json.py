"""Which JSON can be written out again as it was read? No twins, no NaN, nothing endless."""

from __future__ import annotations

import json
import math
import numbers
from collections.abc import Mapping
from typing import Any

from mlci_action.rendering.plain import ELLIPSIS, storable
from mlci_action.rendering.schema import MAX_DEPTH
from mlci_action.rendering.schema_parts import MAX_TEXT

_LARGEST_INTEGER = 2**63


def plain_values(value: object) -> object:
    """`value` in JSON's own kinds: NaN and infinity are null, long texts are cut.

    TypeError for what JSON has no word for.
    """
    match value:
        case None | bool():
            return value
        case str():
            return storable_text(value)
        case numbers.Integral():
            return int(value) if abs(int(value)) < _LARGEST_INTEGER else float(value)
        case numbers.Real():
            return float(value) if math.isfinite(value) else None
        case Mapping():
            return {storable_text(key): plain_values(item) for key, item in value.items()}
        case list() | tuple():
            return [plain_values(item) for item in value]
        case _:
            raise TypeError(f"a document holds JSON values, not {type(value).__name__}")


def storable_text(text: str) -> str:
    """`text` that UTF-8 can hold and a reader accepts."""
    cut = text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + ELLIPSIS
    return storable(cut)


def parsed(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """What `text` holds; ValueError says why it is not JSON that can be trusted to be one."""
    try:
        return json.loads(
            text,
            parse_constant=_no_number,
            parse_float=_finite,
            parse_int=_moderate,
            object_pairs_hook=_without_twins,
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def unsafe(value: object, depth: int = 0) -> str | None:
    """What in it is too large or cannot be written out again; None when nothing is."""
    if depth > MAX_DEPTH:
        return "it is nested too deeply"
    match value:
        case str() if storable_text(value) != value:
            return "a text is too long or is not Unicode"
        case dict():
            inner = [*value, *value.values()]
        case list():
            inner = value
        case _:
            return None
    return next((why for item in inner if (why := unsafe(item, depth + 1))), None)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("a number is out of range")
    return value


def _moderate(digits: str) -> int:
    if len(digits) > len(str(_LARGEST_INTEGER)) or not abs(int(digits)) < _LARGEST_INTEGER:
        raise ValueError("a number is out of range")
    return int(digits)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found
