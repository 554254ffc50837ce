"""What is the truth? A task, and codes or values for the rows that have a label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.domain.metric import Metric, Task
from mlci_action.domain.metrics import METRICS
from mlci_action.domain.names import did_you_mean
from mlci_action.errors import DatasetError
from mlci_action.evaluation.reading.labels import find_class, label_text, quoted
from mlci_action.evaluation.reading.predictions import Target

_MAX_SHOWN = 10
# More labels than this, with decimals or on less than two rows each, are values or ids.
_MANY_LABELS = 20
_USUAL_K = 2
_DECIMAL_COMMA = r"^\s*-?\d+(?:\.\d{3})*,\d+\s*$"
# However they are spelled; what names the better or the usual of two is no such pair.
_BINARY_PAIRS = (("0", "1"), ("-1", "1"), ("false", "true"), ("no", "yes"), ("n", "y"))


def read_target(
    column: pd.Series[Any], *, positive: str | None, metrics: Sequence[Metric]
) -> Target:
    """The target of the rows that have a label; the others are left out of `Target.rows`.

    The metrics decide between numbers and classes, the number of labels between two classes and
    more. `positive` (`data.positive`) is the label that counts as 1; two labels that do not say
    which of them does (0/1, -1/1, false/true and no/yes do) need it. More classes are coded as
    sorted.
    DatasetError when the column holds nothing that could be judged, does not fit the metrics, or
    `data.positive` is missing or wrong.
    """
    if not metrics:
        raise ValueError("a target is read for at least one metric")
    present = _has_label(column)
    if not present.any():
        raise DatasetError(
            f"the target {_name(column)} is empty in all {len(column)} rows",
            hint="models can only be compared on rows with a label",
        )
    scored = column[present]
    if _are_for_numbers(metrics, scored):
        return Target(task=Task.REGRESSION, rows=present, values=_read_numbers(scored))
    return _read_classes(scored, present, positive, metrics)


def _are_for_numbers(metrics: Sequence[Metric], scored: pd.Series[Any]) -> bool:
    """Whether the metrics judge numbers; those that judge anything leave it to the target."""
    of_numbers = [metric for metric in metrics if metric.tasks == {Task.REGRESSION}]
    of_classes = [metric for metric in metrics if Task.REGRESSION not in metric.tasks]
    if of_numbers and of_classes:
        raise DatasetError(
            f"{of_numbers[0].name} is for numbers and {of_classes[0].name} for classes",
            hint="one gate judges one target: keep the metrics of one kind",
        )
    if of_numbers or of_classes:
        return bool(of_numbers)
    numeric = pd.api.types.is_numeric_dtype(scored.dtype)
    if not numeric or pd.api.types.is_bool_dtype(scored.dtype):
        return False
    return _has_decimals(scored) or scored.nunique() > _MANY_LABELS


def _has_label(column: pd.Series[Any]) -> NDArray[np.bool_]:
    present = column.notna().to_numpy(dtype=bool)
    if not pd.api.types.is_numeric_dtype(column.dtype):
        # Blanks in a file are text to its reader, but no label to anybody.
        return present & (column.astype(str).str.strip() != "").to_numpy(dtype=bool)
    return present


def _name(column: pd.Series[Any]) -> str:
    return repr(str(column.name))


def _read_numbers(scored: pd.Series[Any]) -> NDArray[np.float64]:
    if pd.api.types.is_bool_dtype(scored.dtype) or pd.api.types.is_datetime64_any_dtype(scored):
        raise DatasetError(
            f"the target {_name(scored)} holds {scored.dtype}, not numbers",
            hint="use metrics for classes, or another target",
        )
    numbers = pd.to_numeric(scored, errors="coerce").to_numpy(dtype=np.float64)
    if np.isnan(numbers).any():
        _raise_not_numbers(scored[np.isnan(numbers)])
    infinite = int((~np.isfinite(numbers)).sum())
    if infinite:
        raise DatasetError(
            f"the target {_name(scored)} is infinite in {infinite} of {len(scored)} rows",
            hint="remove or correct these rows",
        )
    return numbers


def _raise_not_numbers(text: pd.Series[Any]) -> None:
    with_comma = int(text.astype(str).str.match(_DECIMAL_COMMA).sum())
    if with_comma:
        raise DatasetError(
            f"the target {_name(text)} is written with a decimal comma in {with_comma} rows",
            hint="write numbers with a point (pandas.read_csv reads the others with decimal=',')",
        )
    raise DatasetError(
        f"the target {_name(text)} is text, not a number, in {len(text)} rows",
        hint="correct these rows, or use metrics for classes (accuracy, f1, ...)",
    )


def _read_classes(
    scored: pd.Series[Any],
    present: NDArray[np.bool_],
    positive: str | None,
    metrics: Sequence[Metric],
) -> Target:
    labels, codes = _labels(scored)
    task = Task.BINARY if len(labels) == 2 else Task.MULTICLASS  # noqa: PLR2004  what binary means
    if len(labels) == 1:
        raise DatasetError(
            f"the target {_name(scored)} has one label only, {quoted(labels[0])}, "
            f"in all {len(scored)} rows",
            hint="evaluate on rows of at least two classes",
        )
    most = _MANY_LABELS if _has_decimals(scored) else max(_MANY_LABELS, len(scored) // 2)
    if len(labels) > most:
        raise DatasetError(
            f"the target {_name(scored)} has {len(labels)} different labels on {len(scored)} rows",
            hint="for a number, use metrics such as root_mean_squared_error; check data.target",
        )
    for metric in metrics:
        _must_fit(metric, task, _name(scored), labels)
    if task is Task.BINARY:
        order = _negative_then_positive(labels, positive, _name(scored))
    elif positive is None:
        order = _sorted(labels)
    else:
        raise DatasetError(
            f"data.positive names one of two labels, and {_name(scored)} has {len(labels)}",
            hint="remove data.positive",
        )
    place = {label: code for code, label in enumerate(order)}
    new_code = np.array([place[label] for label in labels], dtype=np.int64)
    return Target(task=task, rows=present, values=new_code[codes], classes=tuple(order))


def _has_decimals(scored: pd.Series[Any]) -> bool:
    return pd.api.types.is_float_dtype(scored.dtype) and bool((scored % 1 != 0).any())


def _labels(scored: pd.Series[Any]) -> tuple[list[str], NDArray[np.int64]]:
    """The different labels as text, and for each row which one it has."""
    plain = scored.astype(object) if isinstance(scored.dtype, pd.CategoricalDtype) else scored
    try:
        found, values = pd.factorize(plain)
    except TypeError as error:
        raise DatasetError(
            f"the target {_name(scored)} holds lists or other objects, not labels",
            hint="one label a row: a number or a text",
        ) from error
    labels: dict[str, int] = {}
    merged = [labels.setdefault(label_text(value), len(labels)) for value in values.tolist()]
    return list(labels), np.array(merged, dtype=np.int64)[found]


def _must_fit(metric: Metric, task: Task, name: str, labels: list[str]) -> None:
    asked = metric.parameters
    if task not in metric.tasks:
        fitting = [other.name for other in METRICS.values() if task in other.tasks]
        raise DatasetError(
            f"metrics.{metric.name} is not for {len(labels)} classes, which {name} has",
            hint=_instead_of(metric, fitting),
        )
    if asked.class_label is not None and find_class(labels, asked.class_label) is None:
        raise DatasetError(
            f"metrics.{metric.name}.class {quoted(asked.class_label)} is no label of {name}: "
            f"it has {_shown(labels)}",
            hint=did_you_mean(asked.class_label, labels),
        )
    if asked.threshold is not None and asked.class_label is None and task is Task.MULTICLASS:
        raise DatasetError(
            f"metrics.{metric.name}.threshold tells two classes apart, and {name} has "
            f"{len(labels)}",
            hint=_without_threshold(metric),
        )
    if metric.function == "top_k_accuracy" and not (asked.k or _USUAL_K) < len(labels):
        raise DatasetError(
            f"metrics.{metric.name} is always 1: each of the {len(labels)} classes of {name} is "
            f"among the first {asked.k or _USUAL_K:g}",
            hint=f"set k below {len(labels)}",
        )


def _instead_of(metric: Metric, fitting: list[str]) -> str:
    nearest = did_you_mean(metric.function, fitting)
    if "class_label" not in metric.takes:
        return nearest
    return f"{nearest} (`class` sets one class against the others)"


def _without_threshold(metric: Metric) -> str:
    if "class_label" in metric.takes:
        return "name the class that is set against the others with `class`"
    return "remove the threshold, or use a metric of one class (f1, precision, ...) with `class`"


def _negative_then_positive(labels: list[str], positive: str | None, name: str) -> list[str]:
    if positive is not None:
        code = find_class(labels, positive)
        if code is None:
            raise DatasetError(
                f"data.positive {positive!r} is no label of {name}: it has {_shown(labels)}",
                hint=did_you_mean(positive, labels),
            )
        return [labels[1 - code], labels[code]]
    spelled = {label.casefold(): label for label in labels}
    known = next((pair for pair in _BINARY_PAIRS if set(pair) == set(spelled)), None)
    if known is None:
        raise DatasetError(
            f"{name} has the labels {_shown(labels)}, and nothing says which of them counts as 1",
            hint=f"set data.positive, for example `positive: {quoted(_sorted(labels)[-1])}`",
        )
    return [spelled[word] for word in known]


def _sorted(labels: list[str]) -> list[str]:
    """By number where all are numbers, else by text."""
    try:
        return sorted(labels, key=float)
    except ValueError:
        return sorted(labels)


def _shown(labels: list[str]) -> str:
    return ", ".join(quoted(label) for label in _sorted(labels)[:_MAX_SHOWN])
