"""Which field of report.json is which field of why metrics moved? Both directions, and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci_action.domain.fingerprint import Part
from mlci_action.domain.metric import Direction
from mlci_action.domain.moves import MetricMove, WhyMoved
from mlci_action.rendering.schema_parts import (
    MAX_ITEMS,
    Schema,
    array,
    by_name,
    count,
    described,
    nullable,
    one_of,
    record,
    text,
)


def moves_fields(found: WhyMoved | None) -> dict[str, Any] | None:
    """Null where nobody asked."""
    if found is None:
        return None
    return {
        "changed": list(found.changed),
        "moves": [
            {
                "metric": move.metric,
                "direction": move.direction,
                "n": move.n,
                "diff": move.diff,
                "shares": {part.value: share for part, share in move.shares.items()},
                "corners": dict(move.corners),
                "note": move.note,
            }
            for move in found.moves
        ],
        "note": found.note,
    }


def moves_of(fields: Mapping[str, Any] | None) -> WhyMoved | None:
    """The shares in fields that fit the schema."""
    if fields is None:
        return None
    return WhyMoved(
        changed=tuple(Part(part) for part in fields["changed"]),
        moves=tuple(
            MetricMove(
                metric=move["metric"],
                direction=Direction(move["direction"]),
                n=move["n"],
                diff=move["diff"],
                shares={Part(part): share for part, share in move["shares"].items()},
                corners=move["corners"],
                note=move["note"],
            )
            for move in fields["moves"]
        ),
        note=fields["note"],
    )


def moves_schema() -> Schema:
    """What may stand there."""
    a_number: Schema = {"type": "number"}
    shares = dict.fromkeys([part.value for part in Part], a_number)
    move = {
        "metric": text(r"^.+$"),
        "direction": one_of(Direction),
        "n": count(),
        "diff": described("number", "candidate - baseline, in the metric's own unit."),
        "shares": record(shares, optional=shares)
        | {"description": "What each part brought; they add up to diff. Empty where not known."},
        "corners": by_name(a_number, "The metric's value by the parts that are new, joined by +."),
        "note": text("", "Why there are no shares."),
    }
    fields = {
        "changed": array(one_of(Part), len(Part), "The parts of the inputs that changed."),
        "moves": array(record(move), MAX_ITEMS, "One per metric over all rows."),
        "note": text("", "Why the shares are not known; empty otherwise."),
    }
    return nullable(record(fields))
