"""How does the record of a training become a file, and a file that nobody vouches for a record?"""

from __future__ import annotations

import json
from typing import Any

from mlci_action.domain.fingerprint import TrainingRecord
from mlci_action.errors import MlciError
from mlci_action.rendering.fits import misfit
from mlci_action.rendering.manifest_fields import training_fields, training_of
from mlci_action.rendering.manifest_schema import manifest_schema
from mlci_action.rendering.schema_parts import Schema, record
from mlci_action.rendering.strict_json import parsed, plain_values, unsafe

RECORD_VERSION = 1
MAX_CHARACTERS = 16_000_000
_HINT = "run `mlci train` again; it is written there, and nowhere else"


def record_to_json(training: TrainingRecord) -> str:
    """The text of a record, the same for the same training; MlciError when it has no room."""
    document = plain_values(
        {"record_version": RECORD_VERSION, "training": training_fields(training)}
    )
    problem = _problem(document)
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False, sort_keys=True)
    if problem or len(text) >= MAX_CHARACTERS:
        raise MlciError(
            f"the training cannot be recorded: {problem or 'it is too long'}",
            hint="is there a name or a list without end in its inputs?",
        )
    return text + "\n"


def record_from_json(text: str) -> TrainingRecord:
    """The record that `text` holds; MlciError when it is anything but one. Trusts nothing."""
    if len(text) > MAX_CHARACTERS:
        raise MlciError("the training record is larger than any", hint=_HINT)
    try:
        document = parsed(text)
    except ValueError as error:
        raise MlciError(f"the training record is not JSON: {error}", hint=_HINT) from error
    problem = _problem(document)
    if problem:
        raise MlciError(f"this is no training record: {problem}", hint=_HINT)
    return training_of(document["training"])


def _problem(document: Any) -> str | None:  # noqa: ANN401 - any JSON value
    return misfit(document, _schema(), "record") or unsafe(document)


def _schema() -> Schema:
    # As it travels in a manifest, which may have none.
    of_training = manifest_schema()["properties"]["training"] | {"type": "object"}
    return record({"record_version": {"const": RECORD_VERSION}, "training": of_training})
