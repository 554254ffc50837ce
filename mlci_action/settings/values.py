"""What does mlci.yml say? The whole file as one frozen value, every name resolved."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlci_action.domain.data_limits import DataChecks, DuplicateLimits, MissingLimits
from mlci_action.domain.decision import DeployPolicy
from mlci_action.domain.integrity import IntegrityRule
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
    "ReadSettings",
    "Settings",
    "WorkerSettings",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadSettings:
    """How files of data are read, where their bytes do not tell.

    `columns` are the names of all columns of a file without a header line, None when it has one.
    `separator` is one character or the word `whitespace`, `sheet` the name of an Excel sheet.
    """

    columns: tuple[str, ...] | None = None
    separator: str | None = None
    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSettings:
    """Which rows are judged, what their columns mean, and what must hold for them.

    `evaluation`, `labels` (the target, where it has a file of its own) and `train` are a path, a
    glob or a URL each, `reference` may be a stored profile or `git:REF:PATH` as well, `schema` is a
    path or `module:Object`; all as written, and all read by the same `options`.
    `positive` is the label of the positive class as text; the other names are columns.
    `sample_weight` is the column with how much a row counts, None: all rows count the same.
    `integrity` are rules across columns; `show_values` allows reports to name values of the data.
    """

    evaluation: str
    target: str
    labels: str | None = None
    positive: str | None = None
    id: str | None = None
    time: str | None = None
    sample_weight: str | None = None
    options: ReadSettings = ReadSettings()
    train: str | None = None
    reference: str | None = None
    schema: str | None = None
    integrity: tuple[IntegrityRule, ...] = ()
    show_values: bool = False
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
