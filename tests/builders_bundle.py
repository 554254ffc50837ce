"""A bundle on disk, as the gate leaves it: a test shows only what matters to it."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from mlci_action.adapters.bundle_writing import write_bundle
from mlci_action.adapters.bundles import Bundle
from mlci_action.adapters.model_files import read_model_file
from mlci_action.domain.manifest import DataEntry, FileEntry, Manifest, MetricEntry, Promoted
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.outcomes import Outcome, Verdict

MODEL = b"a model, byte by byte"


def sha256(content: bytes | str) -> str:
    """Of bytes or of a text, as manifests write it."""
    data = content.encode() if isinstance(content, str) else content
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def make_manifest(**fields: Any) -> Manifest:  # noqa: ANN401 - whatever a test wants to set
    """A manifest of a model file that passed; `fields` are those of Manifest."""
    entry = FileEntry(path="model.joblib", digest=sha256(MODEL), n_bytes=len(MODEL))
    known: dict[str, Any] = {
        "verdict": Verdict.PASS,
        "deploy": True,
        "reasons": ("every required check held",),
        "model": entry,
        "format": ModelFormat.OTHER,
        "repository": "octo/models",
        "commit": "c" * 40,
        "clean": True,
        "data": (
            DataEntry(role="evaluation", path="data/test.csv", digest=sha256("rows"), rows=500),
        ),
        "python": "3.11.2",
        "environment": {"numpy": "1.26.4", "scikit-learn": "1.5.2"},
        "parameters": {"C": 1.0, "solver": "lbfgs"},
        "metrics": (
            MetricEntry(
                metric="roc_auc",
                n=500,
                candidate=0.88,
                baseline=0.87,
                diff=0.01,
                ci_low=-0.002,
                ci_high=0.022,
                method="delong",
            ),
        ),
        "checks": {Outcome.PASSED: ("data.missing", "metric.roc_auc.max_regression")},
        "policy": sha256("policy"),
    }
    return Manifest(**{**known, **fields})


def make_bundle(
    folder: Path,
    *,
    model: bytes | Path = MODEL,
    deploy: bool = True,
    verdict: Verdict = Verdict.PASS,
    commit: str | None = "c" * 40,
    baseline: str | None = None,
    history: tuple[Promoted, ...] = (),
    profile: str = '{"rows": 500}\n',
    predictions: bytes | None = b"predictions",
    **fields: Any,  # noqa: ANN401 - those of Manifest
) -> Bundle:
    """A bundle in `folder`. model: its bytes, or a file or folder to take under its own name."""
    with tempfile.TemporaryDirectory() as scratch:
        source = model if isinstance(model, Path) else Path(scratch) / "model.joblib"
        if isinstance(model, bytes):
            source.write_bytes(model)
        found = read_model_file(source, who="the model")
        entry = FileEntry(path=source.name, digest=found.digest, n_bytes=found.n_bytes)
        about = {"verdict": verdict, "deploy": deploy, "commit": commit, "baseline": baseline}
        about |= {"history": history, "format": found.format, "model": entry}
        return write_bundle(
            make_manifest(**{**about, **fields}),
            model=source,
            profile=profile,
            predictions=predictions,
            environment="# Python 3.11.2\nnumpy==1.26.4\n",
            train_profile=None,
            folder=folder,
        )
