"""Which field of report.json is which field of a waiver? Both directions, and its schema."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from mlci_action.domain.waivers import Waiver, WaiverState, WaiverUse
from mlci_action.rendering.schema_parts import Schema, nullable, number, one_of, record, text


def waiver_fields(use: WaiverUse) -> dict[str, Any]:
    """One waiver and what became of it."""
    waiver = use.waiver
    return {
        "check": waiver.check,
        "column": waiver.column,
        "slice": waiver.slice,
        "ceiling": waiver.ceiling,
        "expires": waiver.expires.isoformat(),
        "reason": waiver.reason,
        "issue": waiver.issue,
        "author": waiver.author,
        "state": use.state.value,
        "observed": use.observed,
    }


def waiver_of(fields: Mapping[str, Any]) -> WaiverUse:
    """The waiver in fields that fit the schema; ValueError for a day that there is not."""
    return WaiverUse(
        waiver=Waiver(
            check=fields["check"],
            column=fields["column"],
            slice=fields["slice"],
            ceiling=fields["ceiling"],
            expires=date.fromisoformat(fields["expires"]),
            reason=fields["reason"],
            issue=fields["issue"],
            author=fields["author"],
        ),
        state=WaiverState(fields["state"]),
        observed=fields["observed"],
    )


def waiver_schema() -> Schema:
    """The JSON Schema of these fields."""
    return record(
        {
            "check": text(r"^.", "The id of the check."),
            "column": nullable(text()),
            "slice": nullable(text()),
            "ceiling": {"type": "number", "description": "How far it is tolerated."},
            "expires": text(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "The last day that it counts."),
            "reason": text(),
            "issue": nullable(text()),
            "author": nullable(text()),
            "state": one_of(WaiverState),
            "observed": number("The value that it was held against."),
        }
    )
