"""How does a report become JSON, and a JSON that nobody vouches for a report again?"""

from __future__ import annotations

import json
import math
import numbers
from collections.abc import Mapping
from typing import Any

from mlci_action.domain.report import SCHEMA_VERSION, Report
from mlci_action.errors import MlciError
from mlci_action.rendering.fits import misfit
from mlci_action.rendering.plain import ELLIPSIS, storable
from mlci_action.rendering.report_fields import document_of, report_of
from mlci_action.rendering.schema import MAX_CHARACTERS, MAX_DEPTH, report_schema
from mlci_action.rendering.schema_parts import MAX_TEXT

_HINT = "take report.json as the gate wrote it; this one is damaged, edited or of another version"
_LARGEST_INTEGER = 2**63


def to_json(report: Report) -> str:
    """The text of report.json; the same report gives the same bytes. NaN and infinity are null."""
    document = _plain(document_of(report))
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str) -> Report:
    """The report that `text` holds; MlciError when it is anything but one. Trusts nothing in it."""
    if len(text) > MAX_CHARACTERS:
        raise MlciError(
            f"the report has {len(text):,} characters, more than the {MAX_CHARACTERS:,} allowed",
            hint="look at fewer slices",
        )
    document: Any = _parsed(text)
    problem = misfit(document, report_schema()) or _unsafe(document)
    if problem:
        raise MlciError(f"this is not a report of version {SCHEMA_VERSION}: {problem}", hint=_HINT)
    try:
        return report_of(document)
    except ValueError as error:
        raise MlciError(f"this is not a report: {error}", hint=_HINT) from error


def _plain(value: object) -> object:
    """`value` in JSON's own kinds; numbers of numpy are numbers too."""
    match value:
        case None | bool():
            return value
        case str():
            return _storable(value)
        case numbers.Integral():
            return int(value) if abs(int(value)) < _LARGEST_INTEGER else float(value)
        case numbers.Real():
            return float(value) if math.isfinite(value) else None
        case Mapping():
            return {_storable(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            raise TypeError(f"a report holds JSON values, not {type(value).__name__}")


def _storable(text: str) -> str:
    """`text` that UTF-8 can hold and the reader accepts."""
    cut = text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + ELLIPSIS
    return storable(cut)


def _parsed(text: str) -> object:
    try:
        return json.loads(
            text,
            parse_constant=_no_number,
            parse_float=_finite,
            parse_int=_moderate,
            object_pairs_hook=_without_twins,
        )
    except (ValueError, RecursionError) as error:
        what = str(error) or "it is nested too deeply"
        raise MlciError(f"the report is not JSON: {what}", hint=_HINT) from error


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


def _unsafe(value: object, depth: int = 0) -> str | None:
    """What of the free parts of a document is too large or cannot be written out again."""
    if depth > MAX_DEPTH:
        return "it is nested too deeply"
    match value:
        case str() if _storable(value) != value:
            return "a text is too long or is not Unicode"
        case dict():
            inner = [*value, *value.values()]
        case list():
            inner = value
        case _:
            return None
    return next((why for item in inner if (why := _unsafe(item, depth + 1))), None)
