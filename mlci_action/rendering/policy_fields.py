"""Which field of report.json is which field of the policy? Both directions, and its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci_action.domain.policy import Move, PolicyChange, PolicyFacts
from mlci_action.rendering.schema_parts import (
    MAX_ITEMS,
    Schema,
    array,
    described,
    nullable,
    one_of,
    record,
    text,
)


def policy_fields(facts: PolicyFacts) -> dict[str, Any]:
    """Where the limits come from, and the first thousand rules that the change has otherwise."""
    return {
        "origin": facts.origin,
        "digest": facts.digest,
        "problem": facts.problem,
        "changes": [
            {
                "rule": change.rule,
                "move": change.move.value,
                "before": change.before,
                "after": change.after,
                "in_force": change.in_force,
            }
            for change in facts.changes[:MAX_ITEMS]
        ],
    }


def policy_of(fields: Mapping[str, Any]) -> PolicyFacts:
    """The facts in fields that fit the schema."""
    return PolicyFacts(
        origin=fields["origin"],
        digest=fields["digest"],
        problem=fields["problem"],
        changes=tuple(
            PolicyChange(
                rule=change["rule"],
                move=Move(change["move"]),
                before=change["before"],
                after=change["after"],
                in_force=change["in_force"],
            )
            for change in fields["changes"]
        ),
    )


def policy_schema() -> Schema:
    """The JSON Schema of these fields."""
    change = record(
        {
            "rule": text(r"^.", "The key as mlci.yml spells its path."),
            "move": one_of(Move),
            "before": nullable(text(description="The base branch's value.")),
            "after": nullable(text(description="The change's own value.")),
            "in_force": described("boolean", "Whether the change's own counts already."),
        }
    )
    return record(
        {
            "origin": text(description="Where the limits in force come from."),
            "digest": text(r"^(sha256:[0-9a-f]{64})?$", "Of the limits in force."),
            "problem": text(description="Why the base branch's limits are not known."),
            "changes": array(change, MAX_ITEMS, "What the change has otherwise, looser first."),
        }
    )
