"""What is the user's code asked? Predictions, a schema's opinion, their own metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.adapters.worker_answer import (
    WorkerAnswer,
    read_answer,
    read_metric_answers,
    read_schema_answer,
)
from mlci_action.adapters.worker_isolation import read_facts
from mlci_action.adapters.worker_process import ISOLATION_FILE, WorkerSetup, asked
from mlci_action.checks.context import SchemaFailure
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswers, CustomQuestion
from mlci_action.evaluation.reading.variants import Variant
from mlci_action.settings.values import HowAsked


def predict(
    model: Path,
    frame: pd.DataFrame,
    *,
    target: str,
    setup: WorkerSetup,
    who: str,
    show_log: Callable[[str], None],
    format: ModelFormat | None = None,  # noqa: A002  the word of the request
    how: HowAsked = HowAsked(),  # noqa: B008  a frozen value
    trusted_types: Sequence[str] = (),
    code_allowed: bool = True,
    set_aside: Sequence[str] = (),
    variants: Sequence[Variant] = (),
) -> WorkerAnswer:
    """Ask the model in a process of its own; whatever that process started is dead afterwards.

    The target column never reaches the worker. Columns in `set_aside` (row ids, times) reach only a
    model that names them, and `how.features`. `format`: what the file was found to be, None: the
    worker looks. `trusted_types` are skops'. Without `code_allowed` neither the working directory
    nor what `how` names is imported. `show_log` gets what the model printed (its last 64 KiB,
    untrusted text), before any error is raised. `who` is "the candidate" or "the baseline".
    ModelError when it does not load, does not predict, dies, takes too long or answers nonsense; of
    a variant that is a sentence in the answer.
    """
    content: dict[str, Any] = {
        "task": "predict",
        "model": str(model.absolute()),
        "format": None if format is None else format.value,
        "load": how.load,
        "features": how.features,
        "columns": None if how.columns is None else list(how.columns),
        "trusted_types": list(trusted_types),
        "code_allowed": code_allowed,
        "withheld": [target],
        "set_aside": list(set_aside),
    }
    names = [f"variant-{number}" for number in range(len(variants))]
    content["variants"] = [{"rows": f"{name}.npy", "data": name} for name in names]
    positions = {name: each.rows for name, each in zip(names, variants, strict=True)}
    changed = [_without(target, variant.changed) for variant in variants]
    tables = dict(zip(names, changed, strict=True))
    rows = _without(target, frame)
    with asked(content, rows, positions, tables=tables, setup=setup, show_log=show_log) as said:
        lengths = [len(variant.rows) for variant in variants]
        answer = read_answer(
            *said, n_rows=len(frame), who=who, variant_rows=lengths, classes=how.classes
        )
        apart = dict(read_facts(said[0] / ISOLATION_FILE))
        return replace(answer, facts={**answer.facts, "isolation": apart})


def _without(target: str, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=target, errors="ignore")


def apply_python_schema(
    schema: str, frame: pd.DataFrame, *, setup: WorkerSetup, show_log: Callable[[str], None]
) -> tuple[SchemaFailure, ...]:
    """What of the schema `module:Object` does not hold, asked where the model is asked.

    ModelError when it cannot be imported, is no schema, or does not answer.
    """
    content = {"task": "schema", "schema": schema}
    with asked(content, frame, setup=setup, show_log=show_log) as (output, end):
        return read_schema_answer(output, end, who=f"data.schema: {schema!r}")


def ask_metrics(
    question: CustomQuestion, *, setup: WorkerSetup, show_log: Callable[[str], None]
) -> CustomAnswers:
    """What the user's functions say of both models' predictions, by metric name.

    They get the truth, the predictions and the rows, in one process of their own that knows no
    model. ModelError when that process does not answer; a function that does not work says so in
    its own answer.
    """
    content = {
        "task": "metrics",
        "metrics": [
            {"place": metric.custom, "reads": metric.needs.value} for metric in question.metrics
        ],
        "levels": question.levels,
        "seed": question.seed,
        "seconds": setup.timeout_seconds,
    }
    arrays = _arrays_of(question)
    with asked(content, question.frame, arrays, setup=setup, show_log=show_log) as (output, end):
        answers = read_metric_answers(
            output,
            end,
            n_metrics=len(question.metrics),
            n_slices=len(question.slices),
            who=", ".join(repr(metric.custom) for metric in question.metrics),
        )
    names = [metric.name for metric in question.metrics]
    return dict(zip(names, answers, strict=True))


def _arrays_of(question: CustomQuestion) -> dict[str, NDArray[Any]]:
    """What `worker/metric_job.py` reads, by file name; what is not there is None there."""
    rows = question.rows
    models = {"candidate": rows.candidate, "baseline": rows.baseline}
    arrays = {
        "truth": rows.truth,
        "classes": question.classes,
        "weight": rows.weight,
        "units": None if rows.dependence is None else rows.dependence.codes,
        "slice_rows": np.concatenate([np.empty(0, np.int64), *question.slices]),
        "slice_ends": np.cumsum([len(part) for part in question.slices], dtype=np.int64),
    }
    for who, said in models.items():
        for reads in ("labels", "scores", "values"):
            arrays[f"{who}_{reads}"] = None if said is None else getattr(said, reads)
    return {name: array for name, array in arrays.items() if array is not None}
