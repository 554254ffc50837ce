"""What do the user's own metrics say? The question to them, and their answers as rows.

They are asked where user code runs (`worker/metric_function.py`), so nothing here calls them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from mlci_action.domain.comparison import ComparisonRow, Interval, Standing
from mlci_action.domain.metric import Metric, Needs, Task
from mlci_action.domain.slices import Slice
from mlci_action.errors import DatasetError
from mlci_action.evaluation.intervals.methods import IDENTICAL, not_estimable
from mlci_action.evaluation.reading.labels import label_text
from mlci_action.evaluation.reading.paired import PairedRows
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.worker.resampling import FEWEST_RESAMPLES, MOST_WITHOUT_VALUE, RESAMPLES

CUSTOM = "custom"
BOOTSTRAP = "bootstrap"
_FEW_ROWS = 50
_FEW_DIFFERING = 30
_MANY_NUMBERS = 20
# A width this small beside the difference is what rounding leaves of none at all.
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CustomQuestion:
    """What the user's functions are asked: n rows, both models' predictions, and slices.

    classes: the label of each class code as the data has it, None for numbers. frame: the n rows
    with all columns. slices: the row numbers of each. levels: the quantiles of the difference that
    are asked for, None when no interval is (no baseline, or nothing that could differ).
    """

    metrics: tuple[Metric, ...]
    rows: PairedRows
    classes: NDArray[Any] | None
    frame: pd.DataFrame
    slices: tuple[NDArray[np.int64], ...] = ()
    levels: tuple[float, float] | None = None
    seed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomValues:
    """Both models' values on some rows, None where there is none, and `note` says why."""

    candidate: float | None = None
    baseline: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomAnswer:
    """What one function said. `error` tells why it could not be asked at all.

    low, high: the quantiles of the difference over `resamples`, of which `without` had no value.
    ignores: keywords that would have been passed, had its signature named them.
    """

    overall: CustomValues = CustomValues()
    slices: tuple[CustomValues, ...] = ()
    low: float | None = None
    high: float | None = None
    resamples: int = 0
    without: int = 0
    ignores: tuple[str, ...] = ()
    error: str = ""


CustomAnswers = Mapping[str, CustomAnswer]


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomRows:
    """The rows of the comparison by metric name and slice, and why which metric does not work."""

    rows: Mapping[tuple[str, Slice | None], ComparisonRow] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)


def fitted_to(
    metrics: Sequence[Metric], column: pd.Series[Any], *, task: Task | None = None
) -> tuple[Metric, ...]:
    """The metrics, custom ones reading what this target's predictions are: labels or numbers.

    Built-in metrics tell which of them the target holds; where there are none, `task` does, or more
    than 20 different numbers are numbers. DatasetError when probabilities are asked for of numbers.
    """
    built_in = [metric for metric in metrics if metric.function != CUSTOM]
    numbers = (
        all(metric.tasks == {Task.REGRESSION} for metric in built_in)
        if built_in
        else _many_numbers(column)
        if task is None
        else task is Task.REGRESSION
    )
    return tuple(_fitted(metric, numbers=numbers) for metric in metrics)


def class_values(column: pd.Series[Any], codes: NDArray[np.int64]) -> NDArray[Any]:
    """(k,) the label of each of the k codes as the scored rows have it: numbers or text.

    codes: (n,) those of the rows of the column; every code has a row.
    """
    _, first = np.unique(codes, return_index=True)
    plain = column.astype(object) if isinstance(column.dtype, pd.CategoricalDtype) else column
    labels = plain.iloc[first].tolist()
    array = np.array(labels)
    if array.dtype.kind in "biuf" and len({type(label) for label in labels}) == 1:
        return array
    return np.array([label_text(label) for label in labels], dtype=str)


def bootstrap_levels(rows: PairedRows, confidence: float) -> tuple[float, float]:
    """The shares of the resamples that lie below the two ends of the interval.

    Further out than half of what `confidence` leaves, because resamples of few units spread too
    little: as far as t is wider than the normal, times the root of G / (G - 1) (the expanded
    percentile interval of Hesterberg 2015). For a thousand rows that is nothing; in 20 blocks of
    time it covers 95 % where bare percentiles cover 92 %, with 10 units 94 % for 90 %.
    """
    units = max(rows.n if rows.dependence is None else rows.dependence.count, 2)
    reach = float(stdtrit(units - 1, 0.5 + confidence / 2)) * (units / (units - 1)) ** 0.5
    below = float(ndtr(-reach))
    return below, 1 - below


def custom_rows(
    question: CustomQuestion,
    answers: CustomAnswers,
    slices: Sequence[Slice],
    same: Mapping[Needs, str],
) -> CustomRows:
    """One row a metric over all rows and for each of `slices`, which are those of the question.

    `same` tells by what a metric reads why the two models are one, an empty text where they differ.
    """
    table: dict[tuple[str, Slice | None], ComparisonRow] = {}
    broken: dict[str, str] = {}
    for metric in question.metrics:
        answer = answers.get(metric.name, CustomAnswer(error="it was not answered"))
        if answer.error:
            broken[metric.name] = f"{_named(metric)} does not work: {answer.error}"
        interval = _interval(metric, question.rows, answer, same[metric.reads])
        table[metric.name, None] = _row(
            metric, None, question.rows.n, answer.overall, interval, answer.error
        )
        for number, (part, rows) in enumerate(zip(slices, question.slices, strict=True)):
            said = answer.slices[number] if number < len(answer.slices) else CustomValues()
            only_overall = not_estimable(
                BOOTSTRAP, "a custom metric has an interval over all rows alone"
            )
            table[metric.name, part] = _row(
                metric, part, len(rows), said, only_overall, answer.error
            )
    return CustomRows(rows=table, broken=broken)


def read_by(metric: Metric, model: Predictions) -> NDArray[Any] | None:
    """What of a model's predictions the metric is given."""
    if metric.needs is Needs.VALUES:
        return model.values  # noqa: PD011 - not a table's
    return model.labels if metric.needs is Needs.LABELS else model.scores


def _named(metric: Metric) -> str:
    """Its name, and where it is unless that is the name."""
    known = metric.custom in (None, metric.name)
    return metric.name if known else f"{metric.name} ({metric.custom})"


def _many_numbers(column: pd.Series[Any]) -> bool:
    return (
        pd.api.types.is_numeric_dtype(column.dtype)
        and not pd.api.types.is_bool_dtype(column.dtype)
        and column.nunique() > _MANY_NUMBERS
    )


def _fitted(metric: Metric, *, numbers: bool) -> Metric:
    if metric.function != CUSTOM or not numbers:
        return metric
    if metric.needs is Needs.SCORES:
        raise DatasetError(
            f"metrics.{metric.name} asks for probabilities, and the target holds numbers",
            hint="remove response_method: a metric of numbers is given what `predict` gives",
        )
    return replace(metric, needs=Needs.VALUES, tasks=frozenset({Task.REGRESSION}))


def _row(
    metric: Metric,
    part: Slice | None,
    n: int,
    said: CustomValues,
    interval: Interval,
    error: str,
) -> ComparisonRow:
    ours, theirs = said.candidate, said.baseline
    note = said.note or error
    known = ours is not None and theirs is not None
    has_pair = known or bool(note)
    return ComparisonRow(
        metric=metric,
        slice=part,
        n=n,
        candidate=ours,
        baseline=theirs,
        diff=ours - theirs if ours is not None and theirs is not None else None,
        interval=interval if known else not_estimable(BOOTSTRAP, note) if has_pair else None,
        note=interval.note if known else note,
    )


def _interval(metric: Metric, rows: PairedRows, answer: CustomAnswer, same: str) -> Interval:
    if same:
        return Interval(method=IDENTICAL, standing=Standing.SETTLES, low=0.0, high=0.0, note=same)
    if rows.dependence is not None and rows.dependence.too_few:
        return not_estimable(BOOTSTRAP, rows.dependence.too_few)
    if answer.low is None or answer.high is None:
        return not_estimable(BOOTSTRAP, _why_none(answer))
    low, high = answer.low, answer.high
    if not high - low > _ROUNDING * max(abs(low), abs(high)):
        return not_estimable(BOOTSTRAP, "the difference does not vary between resamples")
    if not _holds(low, answer.overall, high):
        why = "the difference lies outside what it is on resamples, which repeat rows"
        return not_estimable(BOOTSTRAP, why)
    few = _too_few(metric, rows)
    notes = [few, *_notes(answer, weighted=rows.weight is not None)]
    return Interval(
        method=BOOTSTRAP,
        standing=Standing.MAY_FAIL if few else Standing.SETTLES,
        low=low,
        high=high,
        note="; ".join(note for note in notes if note),
    )


def _holds(low: float, overall: CustomValues, high: float) -> bool:
    """Whether the difference over all rows, where there is one, lies between the two ends.

    A function that counts different rows, or draws numbers, says another thing of resamples.
    """
    if overall.candidate is None or overall.baseline is None:
        return True
    return low <= overall.candidate - overall.baseline <= high


def _why_none(answer: CustomAnswer) -> str:
    if answer.without > MOST_WITHOUT_VALUE * answer.resamples:
        return f"it has no value on {answer.without:,} of {answer.resamples:,} resamples"
    return (
        f"only {answer.resamples:,} resamples were drawn in the time allowed, fewer than "
        f"{FEWEST_RESAMPLES}: raise worker.timeout_seconds"
    )


def _too_few(metric: Metric, rows: PairedRows) -> str:
    """Why an interval may fail but not pass: the resamples cannot hold what was not seen.

    Where the models differ on few rows, some of which cost much more than others, the dear ones may
    not be among them. Simulated with all rows losses, one in ten of them ten times as dear: of the
    candidates at the margin 26 % pass on 6 rows or more, 7 % on 20, 5 % on 30; 2.5 % should.
    """
    if rows.n <= _FEW_ROWS:
        return f"only {rows.n} rows"
    models = (rows.candidate, rows.baseline or rows.candidate)
    ours, theirs = (np.asarray(read_by(metric, model)) for model in models)
    differ = ours != theirs
    differ = np.asarray(differ.any(axis=1) if differ.ndim > 1 else differ)
    if rows.dependence is not None:
        # Whole units are drawn, so it is they that must hold what was not seen.
        held, most = rows.dependence.holding(differ), rows.dependence.count
        if held < min(_FEW_DIFFERING, most):
            return f"rests on {held} of {most} units, where the two models differ"
    count = int(np.count_nonzero(differ))
    if count >= _FEW_DIFFERING:
        return ""
    return f"rests on {count} row{'s' if count != 1 else ''} that the two models differ on"


def _notes(answer: CustomAnswer, *, weighted: bool) -> list[str]:
    drawn = f"{answer.resamples:,} resamples"
    if answer.resamples < RESAMPLES:
        drawn = f"{answer.resamples:,} of {RESAMPLES:,} resamples, for want of time"
    if answer.without:
        drawn += f", {answer.without:,} of them without a value"
    ignored = weighted and "sample_weight" in answer.ignores
    return [drawn, *(["it takes no sample_weight, so rows count the same"] if ignored else [])]
