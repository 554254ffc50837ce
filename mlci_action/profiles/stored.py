"""How is a profile stored? As JSON that a later run reads, and takes nothing in it on trust."""

from __future__ import annotations

import functools
import json
import math
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mlci_action.domain.profile import PROFILE_VERSION, TableProfile
from mlci_action.errors import DatasetError

MAX_CHARACTERS = 64_000_000
_HINT = "take profile.json as the gate wrote it, or name a table as data.reference"
_LARGEST = 2**63


def to_json(profile: TableProfile) -> str:
    """The text of profile.json; the same profile gives the same bytes."""
    document = _adapter().dump_python(profile, mode="json", exclude={"by_name"})
    for column in document["columns"]:
        if column["numbers"] is not None:
            # How one batch lies beside another is of no use to a third.
            column["numbers"]["at_reference"] = None
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def from_json(text: str, *, path: str) -> TableProfile:
    """The profile in `text`, the file `path` in messages. DatasetError when it is none."""
    if len(text) > MAX_CHARACTERS:
        raise DatasetError(f"{path!r} is larger than {MAX_CHARACTERS:,} characters", hint=_HINT)
    try:
        document = json.loads(text, parse_constant=_no_number, parse_int=_moderate)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path!r} is not a profile: {error}", hint=_HINT) from error
    if isinstance(document, dict) and document.get("version") != PROFILE_VERSION:
        found = document.get("version")
        raise DatasetError(
            f"{path!r} is a profile of version {found!r}, not {PROFILE_VERSION}",
            hint="let this version of the gate write it anew",
        )
    try:
        profile = _adapter().validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DatasetError(
            f"{path!r} is not a profile: {where}: {first['msg']}", hint=_HINT
        ) from error
    _must_add_up(profile, path)
    return profile


def looks_like_profile(start: bytes) -> bool:
    """Whether a file that starts so may be one."""
    return start.lstrip()[:12].startswith(b'{"version":')


def _must_add_up(profile: TableProfile, path: str) -> None:
    """Counts that no table has would turn tests into nonsense without a word."""
    for column in profile.columns:
        parts = (column.numbers, column.text, column.times)
        filled = sum(part.count for part in parts if part is not None)
        numbers = column.numbers
        ordered = numbers is None or (
            len(numbers.points) == len(numbers.below) == len(numbers.up_to) > 0
            and list(numbers.points) == sorted(set(numbers.points))
            and all(map(math.isfinite, numbers.points))
        )
        counts_fit = column.missing >= 0 and column.missing + filled <= column.rows == profile.rows
        if not (ordered and counts_fit):
            raise DatasetError(
                f"{path!r} is not a profile: the counts of {column.name!r} do not add up",
                hint=_HINT,
            )


@functools.cache
def _adapter() -> TypeAdapter[TableProfile]:
    return TypeAdapter(TableProfile)


def _no_number(name: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError(f"{name} is not a number")


def _moderate(digits: str) -> int:
    value = int(digits) if len(digits) < 20 else _LARGEST  # noqa: PLR2004 - longer than any of ours
    if not abs(value) < _LARGEST:
        raise ValueError("a number is out of range")
    return value
