"""What is asked, about which rows? All that is known before a model speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.limits import Evidence, FairnessLimits, SliceLimits
from mlci_action.domain.metric import Metric, Needs, Task
from mlci_action.errors import ModelError
from mlci_action.evaluation.metrics.custom_metrics import fitted_to
from mlci_action.evaluation.reading.columns import find_column
from mlci_action.evaluation.reading.dependence import Dependence, blocks_in_time, units_of
from mlci_action.evaluation.reading.outputs import read_predictions
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import ModelOutput, Predictions, SliceRows, Target
from mlci_action.evaluation.reading.row_keys import row_weights, time_order, unit_codes
from mlci_action.evaluation.reading.slices import sensitive_groups, slice_rows
from mlci_action.evaluation.reading.targets import read_target


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked of two models on the same rows; the texts are names of columns.

    id: names every row. set_aside: columns that describe no region, because they are no features.
    thresholds: the scores from which on the candidate's and the baseline's rows are positive, None
    where the models' own labels count.
    """

    metrics: tuple[Metric, ...]
    evidence: Evidence = field(default_factory=Evidence)
    slices: SliceLimits | None = None
    fairness: FairnessLimits | None = None
    sample_weight: str | None = None
    id: str | None = None
    set_aside: tuple[str, ...] = ()
    thresholds: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Truth:
    """The target, its column of the N rows, and the metrics as they are asked of it."""

    target: Target
    column: pd.Series[Any]
    metrics: tuple[Metric, ...]

    def read(self, output: ModelOutput, *, threshold: float | None, who: str) -> Predictions:
        """A model's checked predictions; ModelError says why they are none.

        Scores that no metric reads are taken along where the model gives some that can be used.
        """
        asked = frozenset(metric.reads for metric in self.metrics)
        try:
            return self._read(output, asked | {Needs.SCORES}, threshold, who)
        except ModelError:
            if Needs.SCORES in asked or threshold is not None:
                raise
            return self._read(output, asked, threshold, who)

    def _read(
        self, output: ModelOutput, needs: frozenset[Needs], threshold: float | None, who: str
    ) -> Predictions:
        return read_predictions(
            output,
            self.target,
            needs=needs,
            needs_probabilities=any(metric.needs_probabilities for metric in self.metrics),
            threshold=threshold,
            who=who,
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScoredRows:
    """The n rows that have a label, beside what the models say of them.

    frame: all their columns. labels: (n,) the target's column. ids: (N,) of the whole data. groups:
    the parts that each sensitive entry makes. weight, units, time_order: (n,) as
    `compare_models` takes them.
    """

    target: Target
    frame: pd.DataFrame
    labels: pd.Series[Any]
    ids: pd.Series[Any] | None = None
    slices: tuple[SliceRows, ...] = ()
    groups: tuple[tuple[SliceRows, ...], ...] = ()
    weight: NDArray[np.float64] | None = None
    units: NDArray[np.int64] | None = None
    time_order: NDArray[np.int64] | None = None


def read_truth(
    column: pd.Series[Any],
    *,
    positive: str | None,
    metrics: Sequence[Metric],
    task: Task | None = None,
) -> Truth:
    """The truth in one column; DatasetError when nothing can be judged by it.

    `task` settles what the metrics leave open, when all of them are the user's own.
    """
    fitted = fitted_to(metrics, column, task=task)
    target = read_target(column, positive=positive, metrics=fitted)
    return Truth(target=target, column=column, metrics=fitted)


def scored_rows(question: Question, truth: Truth, frame: pd.DataFrame) -> ScoredRows:
    """What the question says about the rows, read from their columns; DatasetError says why not.

    frame: the N rows of the evaluation data.
    """
    scored, evidence = frame[truth.target.rows], question.evidence
    weight, fairness = question.sample_weight, question.fairness
    return ScoredRows(
        target=truth.target,
        frame=scored,
        labels=truth.column[truth.target.rows],
        ids=_ids(frame, question.id),
        slices=() if question.slices is None else slice_rows(scored, question.slices),
        groups=() if fairness is None else sensitive_groups(scored, fairness),
        weight=None if weight is None else row_weights(scored, weight),
        units=None if evidence.unit is None else unit_codes(scored, evidence.unit),
        time_order=None if evidence.time is None else time_order(scored, evidence.time),
    )


def paired_rows(
    scored: ScoredRows,
    candidate: Predictions,
    baseline: Predictions | None,
    evidence: Evidence,
) -> PairedRows:
    """The n scored rows as metrics see them."""
    return PairedRows(
        task=scored.target.task,
        classes=scored.target.classes,
        truth=scored.target.values,
        candidate=candidate,
        baseline=baseline,
        weight=scored.weight,
        dependence=_dependence(scored),
        confidence=evidence.confidence,
    )


def _ids(frame: pd.DataFrame, column: str | None) -> pd.Series[Any] | None:
    """The ids of all rows; that a column is missing is said by the check of the ids."""
    if column is None or [str(name) for name in frame.columns].count(column) != 1:
        return None
    return find_column(frame, column, asked_by="data.id")


def _dependence(scored: ScoredRows) -> Dependence | None:
    if scored.units is not None:
        return units_of(scored.units)
    return None if scored.time_order is None else blocks_in_time(scored.time_order)
