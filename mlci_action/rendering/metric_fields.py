"""Which metric does a row of report.json mean? Its name, and what that alone does not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci_action.domain.metric import TUNED, Direction, Metric, Needs, Parameters, Task
from mlci_action.domain.metrics import FAIRNESS_METRICS, METRICS, custom_metric

TUNED_WORD = "tuned"
_SPELLED = {"class_label": "class"}
_READ = {spelled: name for name, spelled in _SPELLED.items()}


def metric_fields(metric: Metric) -> dict[str, Any]:
    """`function` where the name is the user's own, `parameters` where the metric has some."""
    fields: dict[str, Any] = {}
    if (function := computed_by(metric)) != metric.name:
        fields["function"] = function
    if parameters := parameter_fields(metric):
        fields["parameters"] = parameters
    return fields


def metric_of(fields: Mapping[str, Any], task: Task) -> Metric:
    """The metric that a row names; ValueError where it does not take the parameters it has."""
    name, direction = fields["metric"], Direction(fields["direction"])
    function = fields.get("function", name)
    if ":" in function:
        return custom_metric(function, direction=direction, needs=Needs.LABELS, name=name)
    parameters = _parameters(fields.get("parameters", {}))
    known = METRICS.get(function) or FAIRNESS_METRICS.get(function)
    if known is not None and known.direction is direction:
        return known.asked_at(parameters, name=name)
    return Metric(
        name=name,
        function=function,
        direction=direction,
        tasks=frozenset({task}),
        needs=Needs.LABELS,
        parameters=parameters,
    )


def computed_by(metric: Metric) -> str:
    """The built-in function, or the user's `module:function`, which alone holds a colon."""
    return metric.custom or metric.function


def parameter_fields(metric: Metric) -> dict[str, str | float]:
    """What the metric is asked at, spelt as in mlci.yml."""
    given = {name: getattr(metric.parameters, name) for name in metric.parameters.given}
    return {_SPELLED.get(name, name): _written(value) for name, value in given.items()}


def _written(value: str | float) -> str | float:
    if isinstance(value, str):
        return value
    if value == TUNED:
        return TUNED_WORD
    return int(value) if value.is_integer() else value


def _parameters(fields: Mapping[str, Any]) -> Parameters:
    given: dict[str, Any] = {
        _READ.get(name, name): value if isinstance(value, str) else float(value)
        for name, value in fields.items()
    }
    if given.get("threshold") == TUNED_WORD:
        given["threshold"] = TUNED
    return Parameters(**given)
