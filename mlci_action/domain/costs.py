"""What does it cost to ask the models? Measured, and what may be asked of it."""

from __future__ import annotations

from dataclasses import dataclass

from mlci_action.domain.behaviour import Value
from mlci_action.domain.outcomes import Severity


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

    baseline_note: why the baseline's could not be measured, empty when they were or there is none.
    """

    candidate: ModelCosts
    baseline: ModelCosts | None = None
    batch_rows: int = 0
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

    measure: str
    max: float | None = None
    max_ratio: float | None = None
    severity: Severity = Severity.FAIL


@dataclass(frozen=True, kw_only=True, slots=True)
class Budgets:
    """All that is limited; empty: nothing is measured but the size."""

    budgets: tuple[Budget, ...] = ()
