"""Records of trainings, as files that anybody may have written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlci_action.domain.fingerprint import Fingerprint, TrainingRecord
from mlci_action.errors import MlciError
from mlci_action.rendering.training_record import record_from_json, record_to_json

_SHA = f"sha256:{'a' * 64}"
RECORD = TrainingRecord(
    model=_SHA,
    command="python train.py",
    fingerprint=Fingerprint(data={"däta/a.csv": _SHA}, code={"<command>": _SHA}),
    python="3.12.1",
    rows=7,
    parameters={"seed": 0, "p.yaml": {"depth": [1, None, 0.5]}},
)


def test_a_record_is_read_as_it_was_written_and_always_the_same_bytes() -> None:
    text = record_to_json(RECORD)
    assert record_from_json(text) == RECORD
    assert record_to_json(record_from_json(text)) == text


def edited(**changes: Any) -> str:  # noqa: ANN401
    document = json.loads(record_to_json(RECORD))
    document["training"] |= changes
    return json.dumps(document)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"record_version": 1, "training": null}',
        record_to_json(RECORD).replace('"record_version": 1', '"record_version": 2'),
        edited(model="sha256:short"),
        edited(rows=-1),
        edited(rows=float("nan")),
        edited(more=1),
        edited(fingerprint={"data": {}}),
        edited(fingerprint={part: {"a": "b"} for part in ("data", "code")}),
        edited(parameters={"x": "\ud800"}),
        "[" * 100_000,
        '{"record_version": 1, "record_version": 1}',
    ],
    ids=range(14),
)
def test_anything_else_is_no_record(text: str) -> None:
    with pytest.raises(MlciError):
        record_from_json(text)


def test_what_could_not_be_read_again_is_not_written() -> None:
    deep: Any = 0
    for _ in range(200):
        deep = [deep]
    endless = TrainingRecord(
        model=_SHA, command="", fingerprint=Fingerprint(), parameters={"x": deep}
    )
    with pytest.raises(MlciError, match="cannot be recorded"):
        record_to_json(endless)
