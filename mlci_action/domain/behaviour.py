"""How do the two models behave, beside what their metrics are worth? Shown, mostly not judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A number with its two-sided interval; None where there is none, and `note` says why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Flips:
    """Rows that changed sides, as shares of the `n` rows scored (of their weight).

    negative: right in the baseline, wrong in the candidate. positive: the reverse. The counts are
    of rows.
    """

    n: int
    negative_rows: int
    positive_rows: int
    negative: Value
    positive: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class FlippedRow:
    """One row on which exactly one of the models is right, for the files of a report.

    row: its place in the evaluation data, from 1. id: its value of `data.id`. The rest are labels.
    """

    row: int
    id: str | None
    truth: str
    baseline: str
    candidate: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrationBin:
    """Rows of one range of scores: their mean score, and how often they were positive."""

    n: int
    mean_score: float
    observed: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """How far one model's probabilities can be taken at their word.

    `who` is "candidate" or "baseline". error: expected calibration error. slope, intercept: of the
    truth regressed on the logit of the score (1 and 0 when calibrated). bins from low to high.
    """

    who: str
    error: Value
    slope: Value
    intercept: Value
    bins: tuple[CalibrationBin, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreShift:
    """How the distribution of what the candidate says differs from the baseline's.

    mean_change: candidate less baseline. mean_absolute_change: row by row. distances: by name
    (Kolmogorov-Smirnov, Wasserstein, Jensen-Shannon, population stability index). quantiles: share
    -> (baseline, candidate).
    """

    mean_change: Value
    mean_absolute_change: float
    distances: Mapping[str, float] = field(default_factory=dict)
    quantiles: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupRates:
    """One group of a sensitive column, and each model's rates in it by fairlearn's names.

    rates: name (`selection_rate`, `true_positive_rate`, `false_positive_rate`) -> (baseline,
    candidate), None where there is none. `judged` tells whether it drives the fairness values;
    `note` why not, or what it lacks.
    """

    sensitive: str
    group: str
    n: int
    positives: int
    judged: bool
    rates: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundSlice:
    """A region where the candidate does worst beside the baseline, found on half of the rows.

    where: a condition in the words of `slices.where`. The numbers are of the other half: n rows of
    it, and the candidate's loss less the baseline's by `loss` (the name of the loss per row).
    """

    where: str
    n: int
    loss: str
    baseline: float
    candidate: float
    diff: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """All of it; what does not apply to the task, or to a run without a baseline, is empty."""

    flips: Flips | None = None
    calibration: tuple[Calibration, ...] = ()
    score_shift: ScoreShift | None = None
    groups: tuple[GroupRates, ...] = ()
    found_slices: tuple[FoundSlice, ...] = ()
