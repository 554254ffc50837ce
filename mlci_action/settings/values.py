"""What does mlci.yml say? The whole file as one frozen value, every name resolved."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlci_action.domain.data_limits import DataChecks, DuplicateLimits, MissingLimits
from mlci_action.domain.decision import DeployPolicy
from mlci_action.domain.limits import (
    Evidence,
    FairnessLimits,
    FlipLimits,
    MetricLimits,
    SliceLimits,
)
from mlci_action.domain.sources import BaselineSource

__all__ = [
    "DataChecks",
    "DataSettings",
    "DuplicateLimits",
    "MissingLimits",
    "ModelSettings",
    "Settings",
    "WorkerSettings",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSettings:
    """Which rows are judged, and what their columns mean.

    `evaluation` is a path, a glob or a URL and `schema` a path or `module:Object`, both as written.
    `positive` is the label of the positive class as text; the other names are columns.
    `sample_weight` is the column with how much a row counts, None: all rows count the same.
    """

    evaluation: str
    target: str
    positive: str | None = None
    id: str | None = None
    time: str | None = None
    sample_weight: str | None = None
    schema: str | None = None
    checks: DataChecks = field(default_factory=DataChecks)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """Where the candidate is: a path or a glob, relative to the config file.

    Where `threshold` is given, a score from there on makes a row positive, whatever label the
    model itself gives.
    """

    model: str
    threshold: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSettings:
    """How the user's code is run: further environment variables it may see, and its time limit."""

    env: tuple[str, ...] = ()
    timeout_seconds: float = 900.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All of mlci.yml. `path` is the file's name as messages show it.

    `baseline` holds the sources in the order they are tried, empty when there is none.
    `baseline_threshold` is as the candidate's, None: the same.
    """

    path: str
    data: DataSettings
    candidate: ModelSettings
    baseline: tuple[BaselineSource, ...] = ()
    baseline_threshold: float | None = None
    metrics: tuple[MetricLimits, ...] = ()
    slices: SliceLimits | None = None
    fairness: FairnessLimits | None = None
    flips: FlipLimits | None = None
    evidence: Evidence = field(default_factory=Evidence)
    deploy: DeployPolicy = field(default_factory=DeployPolicy)
    worker: WorkerSettings = WorkerSettings()

    @property
    def set_aside(self) -> tuple[str, ...]:
        """The columns that hold no feature: whose the row is, when it was, how much it counts."""
        data, evidence = self.data, self.evidence
        named = (data.id, data.time, data.sample_weight, evidence.unit, evidence.time)
        return tuple(name for name in named if name is not None)
