"""The library's public face: the three questions of the gate, for notebooks and other programs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from mlci_action.adapters.metrics_here import ask_here
from mlci_action.adapters.world import Speaker
from mlci_action.data_question import DataQuestion, DataReport
from mlci_action.data_question import check_data as _check_data
from mlci_action.domain import comparison as domain
from mlci_action.domain.behaviour import Behaviour, Calibration, Flips, FoundSlice, ScoreShift
from mlci_action.domain.data_limits import (
    CategoryLimits,
    DataChecks,
    DriftLimits,
    DuplicateLimits,
    LabelLimits,
    MissingLimits,
    RangeLimits,
)
from mlci_action.domain.limits import Evidence
from mlci_action.domain.metric import Needs, Task
from mlci_action.domain.names import did_you_mean
from mlci_action.domain.profile import TableProfile
from mlci_action.domain.report import Report
from mlci_action.errors import ModelError, SettingsError
from mlci_action.evaluation.evaluate import evaluate
from mlci_action.evaluation.reading.arrays import (
    one_a_row,
    slices_of,
    table_of,
    units_in,
    weights_in,
)
from mlci_action.evaluation.reading.given import Predictions, are_labels, output_of
from mlci_action.evaluation.reading.named_metrics import NamedMetric, named_metrics
from mlci_action.evaluation.reading.predictions import Predictions as CheckedPredictions
from mlci_action.evaluation.scored_rows import Question, ScoredRows, Truth, read_truth
from mlci_action.runs import RunOptions, run

__all__ = [
    "CategoryLimits",
    "Comparison",
    "DataChecks",
    "DataReport",
    "DriftLimits",
    "DuplicateLimits",
    "LabelLimits",
    "MissingLimits",
    "Predictions",
    "RangeLimits",
    "check_data",
    "compare",
    "run_gate",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two models on the same rows: `rows` holds one value per metric and slice.

    disagreement: share of rows on which the labels differ. behaviour: what is shown beside metrics.
    """

    rows: tuple[domain.ComparisonRow, ...]
    task: Task
    n_rows: int
    disagreement: float | None
    behaviour: Behaviour = field(default_factory=Behaviour)

    @property
    def flips(self) -> Flips | None:
        """Rows right in one model and wrong in the other; None for numbers."""
        return self.behaviour.flips

    @property
    def calibration(self) -> tuple[Calibration, ...]:
        """How far each model's probabilities can be taken at their word."""
        return self.behaviour.calibration

    @property
    def score_shift(self) -> ScoreShift | None:
        """How the candidate's scores or values are distributed beside the baseline's."""
        return self.behaviour.score_shift

    @property
    def found_slices(self) -> tuple[FoundSlice, ...]:
        """Regions where the candidate does worst beside the baseline."""
        return self.behaviour.found_slices

    def to_frame(self) -> pd.DataFrame:
        """One row per metric and slice, in the columns of report.json's `comparison`.

        `standing` says whether an interval may settle anything: on few rows it may fail, not pass.
        """
        return pd.DataFrame([_as_record(row) for row in self.rows])


def compare(
    y_true: ArrayLike,
    baseline: ArrayLike | Predictions,
    candidate: ArrayLike | Predictions,
    *,
    metrics: str | Sequence[str] | Mapping[str, Mapping[str, Any]],
    task: str | None = None,
    positive: str | int | None = None,
    slices: pd.DataFrame | pd.Series[Any] | None = None,
    sample_weight: ArrayLike | None = None,
    unit: ArrayLike | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Candidate minus baseline for each metric, with a paired two-sided interval.

    y_true: (n,) labels or numbers. baseline, candidate: (n,) values, labels or positive-class
    probabilities, (n, k) probabilities in the order of the sorted labels, or `Predictions`.
    metrics: scikit-learn's names, or name -> options in the words of mlci.yml, such as
    `{"precision_at_100": {"metric": "precision_at_k", "k": 100}, "cost": {"metric": function,
    "direction": "lower_is_better"}}`; a function is called with (y_true, y_pred), and with
    `sample_weight` and `data` (the table of `slices`) when its signature names them.
    task: `binary`, `multiclass` or `regression`, else found out.
    positive: the label that counts as 1, where 0/1, false/true or no/yes do not say it.
    slices: (n, columns) a table or (n,) a named Series; each value of each column becomes a slice.
    sample_weight: (n,) how many rows each row stands for. unit: (n,) rows with the same value
    depend on each other. confidence: of the two-sided intervals.

    Values and differences are in the metric's own unit. Only functions of your own are resampled,
    2,000 times with `seed`; built-in metrics have intervals without chance. MlciError when the
    arrays do not fit each other or the metrics. Methods and sources: docs/statistics.md.
    """
    if not 0.5 < confidence < 1:  # noqa: PLR2004 - half is no confidence at all
        raise SettingsError(f"confidence is {confidence:g}", hint="a share below 1, such as 0.95")
    named = named_metrics(metrics)
    truth = _truth(y_true, named, task, positive)
    target = truth.target
    table = pd.DataFrame(index=truth.column.index) if slices is None else table_of(slices, target)
    scored = ScoredRows(
        target=target,
        frame=table[target.rows],
        labels=truth.column[target.rows],
        slices=slices_of(table, target),
        units=None if unit is None else units_in(unit, target),
        weight=None if sample_weight is None else weights_in(sample_weight, target),
    )
    functions = {one.metric.name: one.function for one in named if one.function is not None}
    compared = evaluate(
        Question(metrics=truth.metrics, evidence=Evidence(confidence=confidence, seed=seed)),
        scored,
        _read(candidate, truth, "the candidate"),
        _read(baseline, truth, "the baseline"),
        ask_custom=lambda question: ask_here(question, functions),
    ).comparison
    return Comparison(
        rows=compared.rows,
        task=compared.task,
        n_rows=compared.n_rows,
        disagreement=compared.disagreement,
        behaviour=compared.behaviour,
    )


def check_data(
    data: pd.DataFrame | str | Path,
    *,
    reference: pd.DataFrame | TableProfile | str | Path | None = None,
    schema: str | Path | None = None,
    checks: DataChecks | None = None,
    id: str | None = None,  # noqa: A002 - the word of mlci.yml
    time: str | None = None,
    target: str | None = None,
    train: pd.DataFrame | str | Path | None = None,
    integrity: Sequence[str | Mapping[str, Any]] = (),
    show_values: bool = False,
) -> DataReport:
    """The data checks on a table, a path, a glob or a URL; files are read chunk by chunk.

    reference: the data to compare with, as a table, a path, or a profile (`DataReport.profile`, or
    a stored profile.json), which give the same answers. schema: a pandera YAML file. checks: limits
    and which checks run; None: the default set. id: the column that names every row once.
    time: the column that batches follow, so that counts warn instead of failing. target: the
    column with the truth, for leakage and labels. train: the training data, for leakage.
    integrity: rules, as `data.integrity` of mlci.yml. show_values: let messages quote cells.

    MlciError when the data, the reference or the schema cannot be read, or a rule is none.
    """
    return _check_data(
        DataQuestion(
            data=data,
            reference=reference,
            schema=None if schema is None else str(schema),
            checks=checks or DataChecks(),
            id=id,
            time=time,
            target=target,
            train=train,
            integrity=tuple(integrity),
            show_values=show_values,
        )
    )


def run_gate(
    config: str | Path = "mlci.yml",
    *,
    candidate: str | None = None,
    baseline: str | None = None,
    output: str | Path | None = None,
    python: str | None = None,
) -> Report:
    """The whole gate as `mlci gate` runs it; writes a report folder only when `output` names one.

    A wrong set-up is a report with the verdict `error`; only a bug of ours is raised.
    """
    finished = run(
        RunOptions(
            config=Path(config),
            output=None if output is None else Path(output),
            candidate=candidate,
            baseline=baseline,
            python=python,
        ),
        environ=dict(os.environ),
        speaker=Speaker(say=lambda _: None, foreign=lambda _: None),
    )
    if finished.crash is not None:
        raise finished.crash
    return finished.report


def _truth(
    y_true: ArrayLike, named: Sequence[NamedMetric], task: str | None, positive: str | int | None
) -> Truth:
    if task is not None and task not in set(Task):
        raise SettingsError(f"unknown task {task!r}", hint=did_you_mean(task, Task))
    truth = read_truth(
        pd.Series(one_a_row(y_true), name="y_true"),
        positive=None if positive is None else str(positive),
        metrics=[one.metric for one in named],
        task=None if task is None else Task(task),
    )
    if task is not None and truth.target.task != task:
        found = truth.target.task
        raise SettingsError(f"the target is {found}, not {task}", hint="leave `task` out")
    return truth


def _read(said: ArrayLike | Predictions, truth: Truth, who: str) -> CheckedPredictions:
    output = output_of(said, truth.target)
    ranked = next((metric for metric in truth.metrics if metric.reads is Needs.SCORES), None)
    if ranked is not None and output.probabilities is None and are_labels(output.predictions):
        raise ModelError(
            f"{who} holds labels, and {ranked.name} is of probabilities",
            hint="pass the probabilities: (n,) of the positive class, or (n, k) of all classes",
        )
    return truth.read(output, threshold=None, who=who)


def _as_record(row: domain.ComparisonRow) -> Mapping[str, Any]:
    interval = row.interval
    return {
        "metric": row.metric.name,
        "slice": None if row.slice is None else row.slice.label,
        "direction": row.metric.direction.value,
        "baseline": row.baseline,
        "candidate": row.candidate,
        "diff": row.diff,
        "ci_low": None if interval is None else interval.low,
        "ci_high": None if interval is None else interval.high,
        "method": None if interval is None else interval.method,
        "standing": None if interval is None else interval.standing.value,
        "n": row.n,
        "outcome": None if row.outcome is None else row.outcome.value,
        "note": row.note,
    }
