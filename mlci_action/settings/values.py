"""What does mlci.yml say? The whole file as one frozen value, every name resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlci_action.domain.costs import Budgets
from mlci_action.domain.data_limits import DataChecks, DuplicateLimits, MissingLimits
from mlci_action.domain.decision import DeployPolicy
from mlci_action.domain.fingerprint import Part
from mlci_action.domain.integrity import IntegrityRule
from mlci_action.domain.limits import (
    Evidence,
    FairnessLimits,
    FlipLimits,
    MetricLimits,
    SliceLimits,
)
from mlci_action.domain.robustness import RobustnessLimits
from mlci_action.domain.sources import BaselineSource
from mlci_action.domain.trust import Trust
from mlci_action.domain.waivers import Waiver

__all__ = [
    "DataChecks",
    "DataSettings",
    "DuplicateLimits",
    "HowAsked",
    "MissingLimits",
    "ModelSettings",
    "OwnEnvironment",
    "ReadSettings",
    "Settings",
    "TrainSettings",
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
class HowAsked:
    """How a model is asked, where its bytes do not tell.

    load, features: `module:function` or `file.py:function`, run in the user's Python: the first
    gets the model's path and gives an object that predicts, the second gets the raw rows and gives
    what the model takes. predict: a command instead of both, with {model}, {input} and {output}.
    columns: the columns that the model gets, in its order. classes: the labels that its codes 0, 1,
    2, ... stand for.
    """

    load: str | None = None
    features: str | None = None
    predict: str | None = None
    columns: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None

    @property
    def code(self) -> tuple[str, ...]:
        """What of it is code of the change."""
        return tuple(each for each in (self.load, self.features, self.predict) if each is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """Where the candidate is: a path or a glob, relative to the config file.

    Where `threshold` is given, a score from there on makes a row positive, whatever label the
    model itself gives. `predictions` says that the file holds what a model said, and no model.
    """

    model: str
    predictions: bool = False
    threshold: float | None = None
    how: HowAsked = HowAsked()


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnEnvironment:
    """In which environment the baseline is asked when the candidate's does not do.

    requirements: a pip requirements file, or `git:REF:PATH`. python: an interpreter, or a version.
    """

    requirements: str | None = None
    python: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSettings:
    """How the user's code is run: further environment variables it may see, and its limits.

    memory_mb: of one process, None: what the machine has free. network: whether it may use one.
    """

    env: tuple[str, ...] = ()
    timeout_seconds: float = 900.0
    memory_mb: float | None = None
    network: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainSettings:
    """How a model is made from its inputs.

    inputs: globs whose files' names tell what they are; parts: globs that the file sorts itself.
    All paths are relative to the config file. min_rows, min_drift: shares
    (0 to 1) below which changed data alone is no reason to train, None: any change is one.
    """

    command: str
    output: str
    inputs: tuple[str, ...] = ()
    parts: Mapping[Part, tuple[str, ...]] = field(default_factory=dict)
    min_rows: float | None = None
    min_drift: float | None = None
    env: tuple[str, ...] = ()
    timeout_seconds: float = 3600.0
    explain_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All of mlci.yml. `path` is the file's name as messages show it.

    `baseline` holds the sources in the order they are tried, empty when there is none.
    `baseline_threshold` is as the candidate's, None: the same; `baseline_how` has taken over what
    the file says of the candidate alone.
    """

    path: str
    data: DataSettings
    candidate: ModelSettings
    baseline: tuple[BaselineSource, ...] = ()
    baseline_threshold: float | None = None
    baseline_how: HowAsked = HowAsked()
    baseline_environment: OwnEnvironment = OwnEnvironment()
    baseline_max_age_days: float | None = None
    metrics: tuple[MetricLimits, ...] = ()
    slices: SliceLimits | None = None
    fairness: FairnessLimits | None = None
    flips: FlipLimits | None = None
    robustness: RobustnessLimits | None = None
    budgets: Budgets = field(default_factory=Budgets)
    evidence: Evidence = field(default_factory=Evidence)
    deploy: DeployPolicy = field(default_factory=DeployPolicy)
    worker: WorkerSettings = WorkerSettings()
    trust: Trust = field(default_factory=Trust)
    train: TrainSettings | None = None
    waivers: tuple[Waiver, ...] = ()

    @property
    def asks_models(self) -> bool:
        """Whether anything in it can only be answered by asking the models."""
        asked = (self.metrics, self.fairness, self.flips, self.robustness, self.budgets.budgets)
        return any(asked)

    @property
    def set_aside(self) -> tuple[str, ...]:
        """The columns that hold no feature: whose the row is, when it was, how much it counts."""
        data, evidence = self.data, self.evidence
        named = (data.id, data.time, data.sample_weight, evidence.unit, evidence.time)
        return tuple(name for name in named if name is not None)
