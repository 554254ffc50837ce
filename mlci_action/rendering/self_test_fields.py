"""Which field of report.json is which field of the self-test? Both directions, and their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.domain.self_test import Sabotage, SelfTest, Trial
from mlci_action.rendering.schema_parts import (
    MAX_ITEMS,
    Schema,
    array,
    count,
    described,
    nullable,
    one_of,
    record,
    text,
)

_TO_NO_WORSE = [Outcome.PASSED.value, Outcome.INCONCLUSIVE.value, Outcome.FAILED.value]


def self_test_fields(found: SelfTest | None) -> dict[str, Any] | None:
    """Null where nothing was tried."""
    if found is None:
        return None
    return {
        "n": found.n,
        "trials": [
            {
                "sabotage": trial.sabotage,
                "caught": trial.caught,
                "by": trial.by,
                "verdict": trial.verdict,
            }
            for trial in found.trials
        ],
        "copy": found.copy,
        "equal": found.equal,
        "note": found.note,
        "skipped": found.skipped,
    }


def self_test_of(fields: Mapping[str, Any] | None) -> SelfTest | None:
    """The self-test in fields that fit the schema."""
    if fields is None:
        return None
    return SelfTest(
        n=fields["n"],
        trials=tuple(
            Trial(
                sabotage=Sabotage(trial["sabotage"]),
                caught=trial["caught"],
                by=tuple(trial["by"]),
                verdict=Verdict(trial["verdict"]),
            )
            for trial in fields["trials"]
        ),
        copy=fields["copy"],
        equal=fields["equal"],
        note=fields["note"],
        skipped=fields["skipped"],
    )


def self_test_schema() -> Schema:
    """What may stand there."""
    trial = {
        "sabotage": one_of(Sabotage),
        "caught": described("boolean", "Whether the policy held it back."),
        "by": array(text(), MAX_ITEMS, "The ids of the checks that did."),
        "verdict": one_of(Verdict),
    }
    fields = {
        "n": count(),
        "trials": array(record(trial), len(Sabotage), "Candidates made to be refused."),
        "copy": _to_no_worse("What the comparisons say to an identical copy of the baseline."),
        "equal": _to_no_worse("To another model that is exactly as good."),
        "note": text("", "What was not tried, and why."),
        "skipped": text("", "Why nothing was tried; empty otherwise."),
    }
    return nullable(record(fields))


def _to_no_worse(description: str) -> Schema:
    return nullable({"enum": _TO_NO_WORSE, "description": description})
