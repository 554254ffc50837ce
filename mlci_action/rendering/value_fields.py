"""Which field of report.json is which field of a value with its interval? Both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci_action.domain.behaviour import Value


def value_fields(value: Value) -> dict[str, Any]:
    """The value, the ends of its interval, and why there is none."""
    return {
        "value": value.value,
        "ci_low": value.low,
        "ci_high": value.high,
        "note": value.note,
    }


def value_of(fields: Mapping[str, Any]) -> Value:
    """The value in fields that fit the schema."""
    return Value(
        value=fields["value"], low=fields["ci_low"], high=fields["ci_high"], note=fields["note"]
    )


def maybe_fields(value: Value | None) -> dict[str, Any] | None:
    """Null where there is no value at all."""
    return None if value is None else value_fields(value)


def maybe_of(fields: Mapping[str, Any] | None) -> Value | None:
    """The value in fields that may be null."""
    return None if fields is None else value_of(fields)
