"""What does it cost to ask the models? Measured, and what may be asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlci_action.domain.behaviour import Value
from mlci_action.domain.outcomes import Severity

BATCH_ROWS = 1_000
NO_MODEL = "predictions have no latency, and load nothing: only their size can be limited"
A_COMMAND = "of a command that predicts only the size of its model can be limited"


class Measure(StrEnum):
    """What is measured; the values are the words of mlci.yml."""

    LATENCY = "latency"
    BATCH_LATENCY = "batch_latency"
    MODEL_SIZE = "model_size"
    MEMORY = "memory"
    LOAD_TIME = "load_time"

    @property
    def unit(self) -> str:
        """Of its values: ms, MB (a million bytes) or s."""
        return _UNITS[self]

    @property
    def max_rule(self) -> str:
        """The word for its own limit: `max_ms`, `max_mb` or `max_seconds`."""
        return _MAX_RULES[self.unit]

    @property
    def repeated(self) -> bool:
        """Whether it is measured round by round, so that its ratio has an interval."""
        return self in (Measure.LATENCY, Measure.BATCH_LATENCY)


_UNITS = {
    Measure.LATENCY: "ms",
    Measure.BATCH_LATENCY: "ms",
    Measure.MODEL_SIZE: "MB",
    Measure.MEMORY: "MB",
    Measure.LOAD_TIME: "s",
}
_MAX_RULES = {"ms": "max_ms", "MB": "max_mb", "s": "max_seconds"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCosts:
    """One model's costs; None and empty where they could not be measured.

    n_bytes: of the model's file. load_seconds: one per loading. peak_bytes: the most memory that
    its process had. single: seconds for one row, by round. batch: seconds for `Costs.batch_rows`.
    """

    n_bytes: int
    load_seconds: tuple[float, ...] = ()
    peak_bytes: int | None = None
    single: tuple[float, ...] = ()
    batch: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """Of both models, in turn in the same run: their i-th rounds were measured one after another.

    candidate_note, baseline_note: why all but a model's size could not be measured; empty when it
    was, when nothing else was asked for, or when there is no baseline.
    """

    candidate: ModelCosts
    baseline: ModelCosts | None = None
    batch_rows: int = 0
    candidate_note: str = ""
    baseline_note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CostRow:
    """One measure of both models as reports show it.

    measure: latency, batch_latency, model_size, memory or load_time. unit: ms, MB or s. candidate,
    baseline: medians over n rounds; the p95 beside them where there are rounds. ratio: candidate
    over baseline with its interval.
    """

    measure: str
    unit: str
    n: int
    candidate: float | None
    baseline: float | None = None
    candidate_p95: float | None = None
    baseline_p95: float | None = None
    ratio: Value | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What one measure may be at most: `max` in its unit (of p95 where there are rounds)."""

    measure: Measure
    max: float | None = None
    max_ratio: float | None = None
    severity: Severity = Severity.FAIL


@dataclass(frozen=True, kw_only=True, slots=True)
class Budgets:
    """All that is limited; empty: nothing is measured but the size.

    batch_rows: how many rows `batch_latency` is measured for.
    """

    budgets: tuple[Budget, ...] = ()
    batch_rows: int = BATCH_ROWS

    def of(self, measure: Measure) -> Budget | None:
        """The budget of one measure, or None."""
        return next((each for each in self.budgets if each.measure is measure), None)

    @property
    def ask_a_process(self) -> bool:
        """Whether anything is limited that only a running model shows."""
        return any(budget.measure is not Measure.MODEL_SIZE for budget in self.budgets)
