"""What report.json holds of the self-test."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator, ValidationError

from mlci_action.domain.outcomes import Verdict
from mlci_action.domain.self_test import Sabotage, SelfTest, Trial
from mlci_action.rendering.self_test_fields import (
    self_test_fields,
    self_test_of,
    self_test_schema,
)

FOUND = SelfTest(
    n=4_000,
    trials=(
        Trial(sabotage=Sabotage.PERMUTED, caught=True, by=("metric.roc_auc.min",)),
        Trial(sabotage=Sabotage.CONSTANT, caught=False, verdict=Verdict.PASS),
    ),
    copy="passed",
    equal="inconclusive",
    note="inverted: the model already answers like that",
)
_VALIDATOR = Draft202012Validator(self_test_schema())


@pytest.mark.parametrize(
    "found", [None, FOUND, SelfTest(n=0, skipped="no model"), replace(FOUND, copy=None)], ids=str
)
def test_what_is_written_fits_the_schema_and_is_read_back(found: SelfTest | None) -> None:
    stored = json.loads(json.dumps(self_test_fields(found)))
    _VALIDATOR.validate(stored)
    assert self_test_of(stored) == found


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(self_test_schema())


@pytest.mark.parametrize(
    "wrong",
    [{"copy": "fine"}, {"n": -1}, {"trials": [{}]}, {"extra": 1}, {"skipped": "x" * 5_000},
     {"trials": self_test_fields(FOUND)["trials"] * 5}],  # type: ignore[index]
    ids=["copy", "n", "trial", "extra", "long", "many"],
)  # fmt: skip
def test_what_is_no_self_test_does_not_fit(wrong: dict[str, object]) -> None:
    stored = json.loads(json.dumps({**(self_test_fields(FOUND) or {}), **wrong}))
    with pytest.raises(ValidationError):
        _VALIDATOR.validate(stored)
