"""The library's public face: the three questions of the gate, for notebooks and other programs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mlci_action.adapters.datasets import load_dataset
from mlci_action.adapters.schemas import check_yaml_schema
from mlci_action.adapters.world import Speaker
from mlci_action.checks import run_checks
from mlci_action.checks.context import DataToCheck
from mlci_action.domain import comparison as domain
from mlci_action.domain.data_limits import DataChecks, DuplicateLimits, MissingLimits
from mlci_action.domain.limits import Evidence, SliceLimits
from mlci_action.domain.metric import Metric, Task
from mlci_action.domain.metrics import find_metric
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.domain.slices import Slice
from mlci_action.errors import SettingsError
from mlci_action.evaluation.compare import compare_models
from mlci_action.evaluation.outputs import read_predictions
from mlci_action.evaluation.predictions import ModelOutput, SliceRows, Target
from mlci_action.evaluation.predictions import Predictions as CheckedPredictions
from mlci_action.evaluation.row_keys import unit_codes
from mlci_action.evaluation.slices import slice_rows
from mlci_action.evaluation.targets import read_target
from mlci_action.runs import RunOptions, run

__all__ = [
    "Comparison",
    "DataChecks",
    "DataReport",
    "DuplicateLimits",
    "MissingLimits",
    "Predictions",
    "check_data",
    "compare",
    "run_gate",
]
_TWO_DIMENSIONS = 2


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Predictions:
    """What one model says of n rows, when one array is not enough.

    labels: (n,) predicted labels; without them the most probable class. scores: (n,) probabilities
    of the positive class, or (n, k) in the order of `classes`, the sorted labels unless given.
    """

    labels: ArrayLike | None = None
    scores: ArrayLike | None = None
    classes: Sequence[Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two models on the same rows: `rows` holds one value per metric and slice."""

    rows: tuple[domain.ComparisonRow, ...]
    task: Task
    n_rows: int
    disagreement: float | None

    def to_frame(self) -> pd.DataFrame:
        """One row per metric and slice, in the columns of report.json's `comparison`.

        `standing` says whether an interval may settle anything: on few rows it may fail, not pass.
        """
        return pd.DataFrame([_as_record(row) for row in self.rows])


@dataclass(frozen=True, kw_only=True, slots=True)
class DataReport:
    """What the data checks answered, one result per check."""

    results: tuple[CheckResult, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row per check, in the columns of report.json's `checks`."""
        names = [field.name for field in fields(CheckResult)]
        return pd.DataFrame(
            [{name: getattr(result, name) for name in names} for result in self.results]
        )


def compare(
    y_true: ArrayLike,
    baseline: ArrayLike | Predictions,
    candidate: ArrayLike | Predictions,
    *,
    metrics: Sequence[str],
    task: str | None = None,
    positive: str | int | None = None,
    slices: pd.DataFrame | None = None,
    sample_weight: ArrayLike | None = None,
    unit: ArrayLike | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Candidate minus baseline for each metric, with a paired two-sided interval.

    y_true: (n,) labels or numbers. baseline, candidate: (n,) values, labels or positive-class
    probabilities, (n, k) probabilities in the order of the sorted labels, or `Predictions`.
    metrics: scikit-learn's names. task: `binary`, `multiclass` or `regression`, else found out.
    positive: the label that counts as 1, where 0/1 or False/True do not say it.
    slices: (n, columns) a table; each value of each column becomes a slice. sample_weight: (n,).
    unit: (n,) rows with the same value depend on each other.

    No resampling takes place, so `seed` changes nothing for the built-in metrics. MlciError when
    the arrays do not fit each other or the metrics. Methods and sources: docs/statistics.md.
    """
    if not 0.5 < confidence < 1:  # noqa: PLR2004 - half is no confidence at all
        raise SettingsError(f"confidence is {confidence:g}", hint="a share below 1, such as 0.95")
    if not metrics:
        raise SettingsError("no metric is named", hint="for example metrics=['roc_auc']")
    asked = [_metric(name) for name in ([metrics] if isinstance(metrics, str) else metrics)]
    truth = pd.Series(_one_a_row(y_true), name="y_true")
    target = read_target(truth, positive=None if positive is None else str(positive), metrics=asked)
    if task is not None and target.task != task:
        raise SettingsError(f"the target is {target.task}, not {task}", hint="leave `task` out")
    compared = compare_models(
        target,
        _checked(candidate, target, asked, "the candidate"),
        _checked(baseline, target, asked, "the baseline"),
        metrics=asked,
        slices=() if slices is None else _slices(slices, target),
        evidence=Evidence(confidence=confidence, seed=seed),
        units=None if unit is None else _units(unit, target),
        sample_weight=None if sample_weight is None else _weights(sample_weight, target),
    )
    return Comparison(
        rows=compared.rows,
        task=compared.task,
        n_rows=compared.n_rows,
        disagreement=compared.disagreement,
    )


def check_data(
    data: pd.DataFrame | str | Path,
    *,
    schema: str | Path | None = None,
    checks: DataChecks | None = None,
    id: str | None = None,  # noqa: A002 - the word of mlci.yml
) -> DataReport:
    """The data checks on a table, a path or a glob.

    schema: a pandera YAML file. checks: limits for missing values and duplicates; what has no limit
    is counted and shown. id: the column that names every row once. DatasetError when the data or
    the schema cannot be read.
    """
    here = Path.cwd()
    frame = data if isinstance(data, pd.DataFrame) else load_dataset(str(data), here).frame
    failures = None if schema is None else check_yaml_schema(str(schema), here, frame)
    asked = DataToCheck(frame=frame, limits=checks or DataChecks(), id=id, schema_failures=failures)
    return DataReport(results=run_checks(asked))


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


def _metric(name: str) -> Metric:
    try:
        return find_metric(name)
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _checked(
    said: ArrayLike | Predictions, target: Target, metrics: Sequence[Metric], who: str
) -> CheckedPredictions:
    return read_predictions(
        _output(said, target),
        target,
        needs=frozenset(metric.reads for metric in metrics),
        needs_probabilities=any(metric.needs_probabilities for metric in metrics),
        who=who,
    )


def _output(said: ArrayLike | Predictions, target: Target) -> ModelOutput:
    """The arrays as a worker would have handed them back."""
    if not isinstance(said, Predictions):
        array = np.asarray(said)
        is_table = array.ndim == _TWO_DIMENSIONS and array.shape[1] > 1
        said = Predictions(scores=array) if is_table else Predictions(labels=array)
    if said.scores is None:
        if said.labels is None:
            raise SettingsError("predictions hold neither labels nor scores", hint="give one")
        return ModelOutput(predictions=np.asarray(said.labels))
    classes = target.classes if said.classes is None else tuple(said.classes)
    scores = np.asarray(said.scores, dtype=np.float64)
    if scores.ndim == 1:
        scores = np.column_stack([1 - scores, scores])
    labels: NDArray[Any] = np.asarray(classes)[scores.argmax(axis=1)]
    if said.labels is not None:
        labels = np.asarray(said.labels)
    return ModelOutput(predictions=labels, probabilities=scores, classes=classes)


def _slices(table: pd.DataFrame, target: Target) -> tuple[SliceRows, ...]:
    _must_match(table, target, "slices")
    names = tuple((str(column),) for column in table.columns)
    return slice_rows(table[target.rows], SliceLimits(by=names, min_rows=1))


def _units(unit: ArrayLike, target: Target) -> NDArray[np.int64]:
    units = np.asarray(unit)
    _must_match(units, target, "unit")
    return unit_codes(pd.DataFrame({"unit": units[target.rows]}), "unit")


def _weights(weights: ArrayLike, target: Target) -> NDArray[np.float64]:
    checked = np.asarray(weights, dtype=np.float64)
    _must_match(checked, target, "sample_weight")
    if not (np.isfinite(checked).all() and (checked >= 0).all() and checked.sum() > 0):
        raise SettingsError(
            "sample_weight holds a negative, missing or infinite value, or only zeros",
            hint="a weight says how many rows a row stands for",
        )
    return checked[target.rows]


def _one_a_row(y_true: ArrayLike) -> NDArray[Any]:
    """(n,); a single column is one as well."""
    array = np.asarray(y_true)
    if array.ndim == _TWO_DIMENSIONS and array.shape[1] == 1:
        return array.reshape(-1)
    if array.ndim != 1:
        raise SettingsError(f"y_true has the shape {array.shape}", hint="one target: (n,) values")
    return array


def _must_match(values: pd.DataFrame | NDArray[Any], target: Target, name: str) -> None:
    if len(values) != len(target.rows):
        raise SettingsError(
            f"{name} has {len(values)} rows, y_true has {len(target.rows)}",
            hint="give one value for each row",
        )


def _as_record(row: domain.ComparisonRow) -> Mapping[str, Any]:
    interval = row.interval
    return {
        "metric": row.metric.name,
        "slice": None if row.slice is None else _label(row.slice),
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


def _label(part: Slice) -> str:
    return part.label
