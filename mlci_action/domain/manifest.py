"""What is a verdict bound to? The bytes, data, code and limits that it was about.

No time and no place stand in it, so that the same inputs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlci_action.domain.fingerprint import TrainingRecord
from mlci_action.domain.ledger import Ledger
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.outcomes import Outcome, Verdict

MANIFEST_VERSION = 1
MAX_HISTORY = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class FileEntry:
    """One file or folder of a bundle: its path in it, with `/`, and what it must be.

    digest: `sha256:` and 64 hex digits, of a folder as `read_model_file` takes it.
    """

    path: str
    digest: str
    n_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DataEntry:
    """Rows that were used. role: `evaluation` or `train`; path: as the settings name it."""

    role: str
    path: str
    digest: str
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricEntry:
    """One metric over all rows, as the report has it; `diff` is candidate less baseline."""

    metric: str
    n: int
    candidate: float | None
    baseline: float | None = None
    diff: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    method: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Promoted:
    """A model that a bundle replaced. manifest, model: digests; commit: the code it came from."""

    manifest: str
    model: str
    commit: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What was judged, by which limits, and what came of it.

    model: its path in the bundle and its bytes. baseline: the digest of the model that it was
    compared with. repository, commit: the code under test; clean: whether the working copy was that
    commit, None where there is no git. environment: Python and libraries of the user's interpreter
    by name. parameters: what the model says it was made with. checks: their ids by what came of
    them. policy: the digest of the limits in force. training: how it came about, where `mlci train`
    made it. history: the models that it follows, newest first; its first is the parent. files: all
    others of the bundle.
    """

    verdict: Verdict
    deploy: bool
    reasons: tuple[str, ...]
    model: FileEntry
    format: ModelFormat
    baseline: str | None = None
    repository: str | None = None
    commit: str | None = None
    clean: bool | None = None
    data: tuple[DataEntry, ...] = ()
    python: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    confidence: float = 0.95
    metrics: tuple[MetricEntry, ...] = ()
    checks: Mapping[Outcome, tuple[str, ...]] = field(default_factory=dict)
    policy: str | None = None
    training: TrainingRecord | None = None
    history: tuple[Promoted, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    files: tuple[FileEntry, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether these bytes may be deployed."""
        return self.deploy and self.verdict in (Verdict.PASS, Verdict.INCONCLUSIVE)

    @property
    def parent(self) -> Promoted | None:
        """The promoted model that this one would replace."""
        return self.history[0] if self.history else None

    def followed_by(self, digest: str) -> tuple[Promoted, ...]:
        """The history of a model that would replace this one; `digest` is this manifest's own."""
        this = Promoted(manifest=digest, model=self.model.digest, commit=self.commit)
        return (this, *self.history)[:MAX_HISTORY]
