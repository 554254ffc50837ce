"""What may stand in manifest.json? The published JSON Schema, and the sizes that bound it."""

from __future__ import annotations

from mlci_action.domain.bundle_names import MAX_PATH, PLAIN_PATH
from mlci_action.domain.manifest import MANIFEST_VERSION, MAX_HISTORY
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.rendering.schema_parts import (
    MAX_ITEMS,
    Schema,
    array,
    by_name,
    count,
    described,
    free,
    nullable,
    number,
    one_of,
    record,
    text,
)

MAX_CHARACTERS = 16_000_000
MAX_INPUTS = 50_000  # files that a training depends on
MAX_CHECKS = 50_000
MAX_SETS, MAX_MODELS = 1_000, 10_000  # evaluation sets of a ledger, and models of each
_MAX_LIBRARIES = 10_000
_DIGEST = "^sha256:[0-9a-f]{64}$"


def manifest_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of manifest.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mlci manifest",
        "description": "What a verdict of the gate is bound to. Digests are `sha256:...`.",
        **record(
            {
                "manifest_version": {"const": MANIFEST_VERSION},
                "verdict": one_of(Verdict),
                "deploy": described("boolean", "Whether these bytes may be deployed."),
                "reasons": array(text(), MAX_ITEMS, "Why; the first says it in one line."),
                "model": record({**_file(), "format": one_of(ModelFormat)}),
                "baseline": nullable(digest("Of the model that it was compared with.")),
                "repository": nullable(text("", "OWNER/NAME of the code under test.")),
                "commit": nullable(text("", "The commit under test.")),
                "clean": described(
                    ["boolean", "null"], "Whether the working copy was that commit."
                ),
                "data": array(_data(), MAX_ITEMS, "The rows that were used."),
                "python": nullable(text("", "The version of the user's interpreter.")),
                "environment": _map(text(), _MAX_LIBRARIES, "Its libraries, by name."),
                "parameters": free("What the model says that it was made with."),
                "seed": described("integer", "Of every random draw."),
                "confidence": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
                "metrics": array(_metric(), MAX_ITEMS, "Over all rows."),
                "checks": _checks(),
                "policy": nullable(digest("Of the limits in force.")),
                "training": nullable(_training()),
                "history": array(_promoted(), MAX_HISTORY, "What it follows, newest first."),
                "ledger": array(_judged(), MAX_SETS, "Who was judged by which evaluation set."),
                "files": array(record(_file()), MAX_ITEMS, "All others of the bundle."),
            }
        ),
        # A model that failed is never one to deploy.
        "if": {"properties": {"verdict": {"enum": [Verdict.FAIL.value, Verdict.ERROR.value]}}},
        "then": {"properties": {"deploy": {"const": False}}},
    }


def digest(description: str = "") -> Schema:
    """A SHA-256 as this project writes it. The length leaves no room for a line break."""
    return text(_DIGEST, description) | {"maxLength": len("sha256:") + 64}


def _map(values: Schema, max_items: int, description: str) -> Schema:
    return by_name(values, description) | {"maxProperties": max_items}


def _file() -> dict[str, Schema]:
    path = text(PLAIN_PATH, "Relative to the bundle, with `/`.") | {"maxLength": MAX_PATH}
    return {"path": path, "digest": digest(), "size": count()}


def _data() -> Schema:
    return record(
        {"role": text("^[a-z]+$"), "path": text(), "digest": digest(), "rows": count()},
    )


def _metric() -> Schema:
    return record(
        {
            "metric": text("^.+$"),
            "n": count(),
            "candidate": number(),
            "baseline": number(),
            "diff": number("candidate - baseline, in the metric's own unit."),
            "ci_low": number(),
            "ci_high": number(),
            "method": nullable(text("", "How the interval was made.")),
        }
    )


def _checks() -> Schema:
    ids = array(text(r"^\S+$"), MAX_CHECKS)
    outcomes = {outcome.value: ids for outcome in Outcome}
    return record(outcomes, optional=outcomes) | {"description": "Ids of checks, by outcome."}


def _training() -> Schema:
    inputs = _map(digest(), MAX_INPUTS, "Digests by name.")
    return record(
        {
            "model": digest("Of what was made."),
            "command": text(),
            "fingerprint": record(
                {"data": inputs, "code": inputs, "parameters": inputs, "dependencies": inputs}
            ),
            "python": nullable(text()),
            "rows": nullable(count()),
            "parameters": free("As the training's parameter files say."),
        }
    )


def _promoted() -> Schema:
    return record({"manifest": digest(), "model": digest(), "commit": nullable(text())})


def _judged() -> Schema:
    return record({"data": digest(), "models": array(digest(), MAX_MODELS)})
