"""Which metrics does a call ask for? Names, or names with options in the words of mlci.yml."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlci_action.domain.metric import TUNED, Direction, Metric, Needs, Parameters
from mlci_action.domain.metrics import custom_metric, find_metric
from mlci_action.domain.names import did_you_mean
from mlci_action.errors import SettingsError

Asked = str | Sequence[str] | Mapping[str, Mapping[str, Any]]
_PARAMETERS = {
    "class": "class_label",
    **{name: name for name in ("threshold", "k", "alpha", "beta", "precision")},
}
_OF_FUNCTIONS = {"direction", "response_method"}
_NEEDS = {"predict": Needs.LABELS, "predict_proba": Needs.SCORES}


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedMetric:
    """A metric, and the function that computes it when that is the user's own."""

    metric: Metric
    function: Callable[..., Any] | None = None


def named_metrics(asked: Asked) -> tuple[NamedMetric, ...]:
    """The metrics in their order; SettingsError says which name or option is wrong."""
    named = {asked: {}} if isinstance(asked, str) else asked
    if any(map(callable, named)):
        hint = "give it a name: {'cost': {'metric': cost, 'direction': 'lower_is_better'}}"
        raise SettingsError("metrics holds a function where a name stands", hint=hint)
    options = named if isinstance(named, Mapping) else {name: {} for name in named}
    if not options:
        raise SettingsError("no metric is named", hint="for example metrics=['roc_auc']")
    return tuple(_named(str(name), said) for name, said in options.items())


def _named(name: str, options: Mapping[str, Any]) -> NamedMetric:
    if not isinstance(options, Mapping):
        hint = 'a mapping, for example {"metric": "precision_at_k", "k": 100}'
        raise SettingsError(f"metrics[{name!r}] is a {type(options).__name__}", hint=hint)
    function = options.get("metric", name)
    own = callable(function)
    if not own and ":" in str(function):
        raise SettingsError(
            f"metrics[{name!r}]: {str(function)!r} names a function of a module",
            hint="pass the function itself: {'cost': {'metric': cost, 'direction': ...}}",
        )
    for option in options:
        valid = {"metric", *(_OF_FUNCTIONS if own else _PARAMETERS)}
        if option not in valid:
            what = "a function" if own else repr(function)
            hint = did_you_mean(str(option), valid)
            raise SettingsError(f"metrics[{name!r}]: {what} takes no {option!r}", hint=hint)
    if own:
        return NamedMetric(metric=_of_function(name, options), function=function)
    try:
        found = find_metric(str(function))
        # A short form is written out, a name of the caller's own is kept.
        kept = name if "metric" in options else found.name
        return NamedMetric(metric=found.asked_at(_parameters(options), name=kept))
    except ValueError as error:
        raise SettingsError(
            str(error) if "metric" not in options else f"metrics[{name!r}]: {error}"
        ) from error


def _of_function(name: str, options: Mapping[str, Any]) -> Metric:
    direction = options.get("direction")
    if direction not in set(Direction):
        raise SettingsError(
            f"metrics[{name!r}] does not say which way is better",
            hint=f"add direction: {' or '.join(Direction)}",
        )
    method = options.get("response_method", "predict")
    if method not in _NEEDS:
        raise SettingsError(
            f"metrics[{name!r}]: response_method is {method!r}",
            hint=f"valid are: {', '.join(_NEEDS)}",
        )
    function = options["metric"]
    place = ":".join(getattr(function, part, "?") for part in ("__module__", "__qualname__"))
    return custom_metric(place, direction=Direction(direction), needs=_NEEDS[method], name=name)


def _parameters(options: Mapping[str, Any]) -> Parameters:
    given: dict[str, Any] = {}
    for option, name in _PARAMETERS.items():
        value = options.get(option)
        if value is None:
            continue
        if name == "class_label":
            given[name] = str(value)
        elif name == "threshold" and value == "tuned":
            given[name] = TUNED
        elif isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise ValueError(f"{option} is {value!r}, not a number")
        else:
            given[name] = float(value)
    return Parameters(**given)
