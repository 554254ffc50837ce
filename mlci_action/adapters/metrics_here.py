"""What do metric functions say that are in this very process? Asked as the worker asks others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlci_action.adapters.worker_answer import metric_answer
from mlci_action.domain.metric import Metric, Needs
from mlci_action.evaluation.metrics.custom_metrics import CustomAnswers, CustomQuestion, read_by
from mlci_action.evaluation.reading.predictions import Predictions
from mlci_action.worker.metric_function import Plan, Sample, ask_functions


def ask_here(
    question: CustomQuestion, functions: Mapping[str, Callable[..., Any]]
) -> CustomAnswers:
    """Their answers by metric name, without a limit on the time they take."""
    plan = Plan(slices=question.slices, levels=question.levels, seed=question.seed)
    asked = [(functions[metric.name], _sample(question, metric)) for metric in question.metrics]
    n_slices = len(question.slices)
    return {
        metric.name: metric_answer(said, n_slices=n_slices, who=metric.name)
        for metric, said in zip(question.metrics, ask_functions(asked, plan), strict=True)
    }


def _sample(question: CustomQuestion, metric: Metric) -> Sample:
    rows, classes = question.rows, question.classes

    def said(model: Predictions) -> Any:  # noqa: ANN401 - an array of the function's own kind
        given = read_by(metric, model)
        if metric.needs is not Needs.LABELS or classes is None or given is None:
            return given
        return classes[given]

    return Sample(
        truth=rows.truth if classes is None else classes[rows.truth],
        candidate=said(rows.candidate),
        baseline=None if rows.baseline is None else said(rows.baseline),
        weight=rows.weight,
        table=lambda: question.frame.reset_index(drop=True),
        units=None if rows.dependence is None else rows.dependence.codes,
        columns=[str(name) for name in question.frame.columns],
    )
