"""Which metric does one section of mlci.yml ask for, and at which parameters?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlci_action.domain.metric import Metric, Needs, Parameters, Task
from mlci_action.domain.metrics import custom_metric, find_metric
from mlci_action.settings.metric_names import is_place, key_of
from mlci_action.settings.metric_sections import MetricSection, ResponseMethod

_CLASSES = frozenset({Task.BINARY, Task.MULTICLASS})


def asked_metric(name: str, section: MetricSection) -> Metric:
    """The metric at its parameters, under its name in reports; ValueError when there is none."""
    function = section.metric or name
    if is_place(function):
        return _custom(name, function, section)
    own_name = name if section.metric else None
    return find_metric(function).asked_at(_parameters(section), name=own_name)


def misasked(name: str, section: MetricSection) -> Iterator[tuple[tuple[str, ...], str]]:
    """The options that do not go with a metric that exists, each with the reason."""
    function = section.metric or name
    if is_place(function):
        yield from _misasked_custom(section)
        return
    if section.direction is not None:
        yield ("direction",), f"is known of {function}; only a custom metric says it"
    if section.response_method is not None:
        yield ("response_method",), f"is known of {function}; only a custom metric says it"
    metric, parameters = find_metric(function), _parameters(section)
    alone = replace(metric, requires=frozenset())
    fits = True
    for given in parameters.given:
        try:
            alone.asked_at(Parameters(**{given: getattr(parameters, given)}))
        except ValueError as error:
            fits = False
            yield (key_of(given),), str(error)
    if fits:
        try:
            metric.asked_at(parameters)
        except ValueError as error:
            yield (), str(error)


def _custom(name: str, place: str, section: MetricSection) -> Metric:
    if section.direction is None:
        raise ValueError("a custom metric has no direction of its own")
    scores = section.response_method is ResponseMethod.PREDICT_PROBA
    return custom_metric(
        place,
        name=name,
        direction=section.direction,
        needs=Needs.SCORES if scores else Needs.LABELS,
        tasks=_CLASSES if scores else frozenset(Task),
    )


def _misasked_custom(section: MetricSection) -> Iterator[tuple[tuple[str, ...], str]]:
    if section.direction is None:
        yield (), "a custom metric needs direction: higher_is_better or lower_is_better"
    for given in _parameters(section).given:
        key = key_of(given)
        yield (key,), f"a custom metric takes no {key}; write it into the function"


def _parameters(section: MetricSection) -> Parameters:
    return Parameters(
        class_label=section.class_,
        threshold=section.threshold,
        k=section.k,
        alpha=section.alpha,
        beta=section.beta,
        precision=section.precision,
    )
