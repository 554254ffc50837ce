"""Which field of manifest.json is which field of a manifest? Both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci_action.domain.fingerprint import Fingerprint, Part, TrainingRecord
from mlci_action.domain.ledger import Ledger
from mlci_action.domain.manifest import (
    MANIFEST_VERSION,
    MAX_HISTORY,
    DataEntry,
    FileEntry,
    Manifest,
    MetricEntry,
    Promoted,
)
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.outcomes import Outcome, Verdict
from mlci_action.rendering.manifest_schema import MAX_MODELS, MAX_SETS

Fields = Mapping[str, Any]


def document_of(manifest: Manifest) -> dict[str, Any]:
    """The fields of manifest.json; of history and ledger what it can hold."""
    m = manifest
    ledger = m.ledger.bounded(MAX_SETS, MAX_MODELS)
    return {
        "manifest_version": MANIFEST_VERSION,
        "verdict": m.verdict.value,
        "deploy": m.deploy,
        "reasons": list(m.reasons),
        "model": {**_file_fields(m.model), "format": m.format.value},
        "baseline": m.baseline,
        "repository": m.repository,
        "commit": m.commit,
        "clean": m.clean,
        "data": [_data_fields(entry) for entry in m.data],
        "python": m.python,
        "environment": dict(m.environment),
        "parameters": dict(m.parameters),
        "seed": m.seed,
        "confidence": m.confidence,
        "metrics": [_metric_fields(entry) for entry in m.metrics],
        "checks": {outcome.value: list(ids) for outcome, ids in m.checks.items()},
        "policy": m.policy,
        "training": None if m.training is None else training_fields(m.training),
        "history": [_promoted_fields(one) for one in m.history[:MAX_HISTORY]],
        "ledger": [
            {"data": data, "models": list(models)} for data, models in ledger.judged.items()
        ],
        "files": [_file_fields(entry) for entry in sorted(m.files, key=lambda one: one.path)],
    }


def manifest_of_document(fields: Fields) -> Manifest:
    """The manifest in fields that fit the schema; ValueError where they contradict each other."""
    return Manifest(
        verdict=Verdict(fields["verdict"]),
        deploy=fields["deploy"],
        reasons=tuple(fields["reasons"]),
        model=_file_of(fields["model"]),
        format=ModelFormat(fields["model"]["format"]),
        baseline=fields["baseline"],
        repository=fields["repository"],
        commit=fields["commit"],
        clean=fields["clean"],
        data=tuple(DataEntry(**entry) for entry in fields["data"]),
        python=fields["python"],
        environment=fields["environment"],
        parameters=fields["parameters"],
        seed=fields["seed"],
        confidence=fields["confidence"],
        metrics=tuple(MetricEntry(**entry) for entry in fields["metrics"]),
        checks={Outcome(outcome): tuple(ids) for outcome, ids in fields["checks"].items()},
        policy=fields["policy"],
        training=None if fields["training"] is None else training_of(fields["training"]),
        history=tuple(Promoted(**entry) for entry in fields["history"]),
        ledger=_ledger_of(fields["ledger"]),
        files=tuple(_file_of(entry) for entry in fields["files"]),
    )


def training_fields(training: TrainingRecord) -> dict[str, Any]:
    """How a model came about, as JSON values."""
    return {
        "model": training.model,
        "command": training.command,
        "fingerprint": {part.value: dict(training.fingerprint.of(part)) for part in Part},
        "python": training.python,
        "rows": training.rows,
        "parameters": dict(training.parameters),
    }


def training_of(fields: Fields) -> TrainingRecord:
    """The record in fields that fit the schema."""
    return TrainingRecord(**{**fields, "fingerprint": Fingerprint(**fields["fingerprint"])})


def _file_fields(entry: FileEntry) -> dict[str, Any]:
    return {"path": entry.path, "digest": entry.digest, "size": entry.n_bytes}


def _file_of(fields: Fields) -> FileEntry:
    return FileEntry(path=fields["path"], digest=fields["digest"], n_bytes=fields["size"])


def _data_fields(entry: DataEntry) -> dict[str, Any]:
    return {
        "role": entry.role,
        "path": entry.path,
        "digest": entry.digest,
        "rows": entry.rows,
    }


def _metric_fields(entry: MetricEntry) -> dict[str, Any]:
    return {
        "metric": entry.metric,
        "n": entry.n,
        "candidate": entry.candidate,
        "baseline": entry.baseline,
        "diff": entry.diff,
        "ci_low": entry.ci_low,
        "ci_high": entry.ci_high,
        "method": entry.method,
    }


def _promoted_fields(one: Promoted) -> dict[str, Any]:
    return {"manifest": one.manifest, "model": one.model, "commit": one.commit}


def _ledger_of(entries: list[dict[str, Any]]) -> Ledger:
    judged = {entry["data"]: tuple(entry["models"]) for entry in entries}
    if len(judged) != len(entries):
        raise ValueError("an evaluation set stands twice in the ledger")
    return Ledger(judged=judged)
