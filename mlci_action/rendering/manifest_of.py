"""What of a finished report is a verdict bound to?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlci_action.domain.fingerprint import TrainingRecord
from mlci_action.domain.ledger import Ledger
from mlci_action.domain.manifest import DataEntry, FileEntry, Manifest, MetricEntry, Promoted
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.report import Report
from mlci_action.rendering.facts import measured, part, told

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def manifest_of(
    report: Report,
    *,
    model: FileEntry,
    format: ModelFormat,  # noqa: A002 - as the manifest names it
    clean: bool | None,
    commit: str | None = None,
    python: str | None = None,
    environment: Mapping[str, str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    training: TrainingRecord | None = None,
    history: tuple[Promoted, ...] = (),
    ledger: Ledger | None = None,
) -> Manifest:
    """The manifest of a run that judged `model`; its `files` are those of the bundle, none yet.

    clean: whether the working copy is the commit. commit: where the report names none, as on a
    laptop. history: what `Manifest.followed_by` of the baseline says. ledger: what was known
    before; this look is added.
    """
    provenance, data = report.provenance, _data(report)
    before = Ledger() if ledger is None else ledger
    looked = (entry.digest for entry in data if entry.role == "evaluation")
    seen = [before.with_judged(digest, model.digest) for digest in looked]
    return Manifest(
        verdict=report.decision.verdict,
        deploy=report.decision.deploy,
        reasons=report.decision.reasons,
        model=model,
        format=format,
        baseline=_digest(provenance, "baseline", "digest"),
        repository=told(provenance, "change", "repository") or None,
        commit=told(provenance, "change", "head_sha") or commit,
        clean=clean,
        data=data,
        python=python,
        environment=environment or {},
        parameters=parameters or {},
        seed=int(measured(provenance, "seed") or 0),
        confidence=measured(provenance, "confidence") or 0.95,
        metrics=_metrics(report),
        checks=_checks(report),
        policy=_policy(report),
        training=training,
        history=history,
        ledger=seen[0] if seen else before,
    )


def environment_text(manifest: Manifest) -> str:
    """The text of environment.txt: what is installed, as requirements; empty where nobody knows."""
    if not manifest.environment:
        return ""
    lines = [f"{name}=={version}" for name, version in sorted(manifest.environment.items())]
    return "\n".join([f"# Python {manifest.python or 'of an unknown version'}", *lines, ""])


def _data(report: Report) -> tuple[DataEntry, ...]:
    places = {"evaluation": report.data, "train": part(report.data, "train")}
    return tuple(
        DataEntry(role=role, path=told(facts, "path"), digest=digest, rows=int(rows))
        for role, facts in places.items()
        if isinstance(facts, Mapping)
        and (digest := _digest(facts, "digest")) is not None
        and (rows := measured(facts, "rows")) is not None
    )


def _metrics(report: Report) -> tuple[MetricEntry, ...]:
    rows = () if report.comparison is None else report.comparison.rows
    return tuple(
        MetricEntry(
            metric=row.metric.name,
            n=row.n,
            candidate=row.candidate,
            baseline=row.baseline,
            diff=row.diff,
            ci_low=None if row.interval is None else row.interval.low,
            ci_high=None if row.interval is None else row.interval.high,
            method=None if row.interval is None else row.interval.method,
        )
        for row in rows
        if row.slice is None and row.sensitive is None
    )


def _checks(report: Report) -> dict[Outcome, tuple[str, ...]]:
    found = {
        outcome: tuple(check.id for check in report.checks if check.outcome is outcome)
        for outcome in Outcome
    }
    return {outcome: ids for outcome, ids in found.items() if ids}


def _policy(report: Report) -> str | None:
    """Of the limits in force; without a base branch, of the settings file."""
    if report.policy is not None and _DIGEST.fullmatch(report.policy.digest):
        return report.policy.digest
    return _digest(report.provenance, "policy", "digest")


def _digest(facts: Mapping[str, object], *path: str) -> str | None:
    found = part(facts, *path)
    return found if isinstance(found, str) and _DIGEST.fullmatch(found) else None
