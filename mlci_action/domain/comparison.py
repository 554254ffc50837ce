"""How do the two models compare? One row per metric and slice, numbers with their n."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from mlci_action.domain.behaviour import Behaviour
from mlci_action.domain.metric import Metric, Task
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.slices import Slice


class Standing(StrEnum):
    """What an interval may be used for."""

    SETTLES = "settles"
    MAY_FAIL = "may_fail"
    NOT_ESTIMABLE = "not_estimable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A two-sided interval for `candidate - baseline`, in the metric's own unit and sign.

    `method` names how it was made. `se` is the standard error of the difference, `df` its degrees
    of freedom, both None where the method has none. `counts` are the discordant counts (only
    candidate right, only baseline right, rows that count) of a score interval. `centre` is the
    middle of a t interval before it was cut to the metric's range. `baseline_variance` is how
    uncertain the baseline's own value is, `covariance` how that goes with the difference.
    `standing` says whether it may settle a check; `note` says why not, or what it rests on.
    """

    method: str
    standing: Standing
    low: float | None = None
    high: float | None = None
    se: float | None = None
    df: float | None = None
    counts: tuple[float, float, float] | None = None
    centre: float | None = None
    baseline_variance: float | None = None
    covariance: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparisonRow:
    """One metric on one set of rows: both models' values and their paired difference.

    `n` is the number of rows scored. Values that do not exist are None, never NaN; `note` says why.
    `outcome` is filled by judging; it is None for a row that no limit asks about. `sensitive` names
    the columns whose groups a fairness value compares; `candidate_interval` and `baseline_interval`
    are those of the two values by themselves, where there are some.
    """

    metric: Metric
    slice: Slice | None
    n: int
    candidate: float | None
    baseline: float | None = None
    diff: float | None = None
    interval: Interval | None = None
    outcome: Outcome | None = None
    note: str = ""
    sensitive: str | None = None
    candidate_interval: tuple[float, float] | None = None
    baseline_interval: tuple[float, float] | None = None

    def judged(self, outcome: Outcome) -> ComparisonRow:
        """The same row with its outcome."""
        return replace(self, outcome=outcome)


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """All scores of both models on the same rows.

    `rows` come overall first, then slice by slice, in the order that the settings list them.
    `disagreement` is the share of rows on which the two models' labels differ, None without labels.
    `notes` say what the numbers rest on, `warnings` why they may say less than they seem to.
    `behaviour` is what is shown beside the metrics.
    """

    task: Task
    n_rows: int
    confidence: float
    rows: tuple[ComparisonRow, ...] = ()
    disagreement: float | None = None
    notes: tuple[str, ...] = field(default=())
    warnings: tuple[str, ...] = field(default=())
    behaviour: Behaviour = field(default_factory=Behaviour)

    def row(
        self, metric: str, slice_: Slice | None = None, *, sensitive: str | None = None
    ) -> ComparisonRow | None:
        """The row of one metric on one slice, or between the groups of one column; or None."""
        for row in self.rows:
            if (row.metric.name, row.slice, row.sensitive) == (metric, slice_, sensitive):
                return row
        return None
