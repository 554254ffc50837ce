"""What may a key under `metrics` be called, and what does `metric` beside it name?"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mlci_action.domain.metric import Direction, Metric, Parameters
from mlci_action.domain.metrics import FAIRNESS_METRICS, METRICS, SHORT_FORMS, find_metric
from mlci_action.domain.names import nearest
from mlci_action.settings.problems import quoted

_OWN_NAME = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}"
_IDENTIFIER = r"[A-Za-z_]\w*"
_PLACE = rf"(?:{_IDENTIFIER}(?:\.{_IDENTIFIER})*|[^:\x00-\x1f]+\.py):{_IDENTIFIER}"

_OF_CUSTOM = ("direction", "response_method")


def key_of(parameter: str) -> str:
    """What mlci.yml calls a parameter of the domain."""
    return "class" if parameter == "class_label" else parameter


def is_place(name: str) -> bool:
    """Whether `name` is meant as a function of the user's: `module:function`."""
    return ":" in name


def is_built_in(name: str) -> bool:
    """Whether `name` is a metric, in full or short."""
    try:
        find_metric(name)
    except ValueError:
        return False
    return True


def misnamed(name: str, metric: str | None) -> tuple[tuple[str, ...], str] | None:
    """What is wrong with a key of `metrics` and what `metric` names: the key below it, and why."""
    if metric is None:
        reason = _misnamed_function(name, "under a name of your own, say by `metric` what it is")
        return None if reason is None else ((), reason)
    if is_built_in(name):
        return ("metric",), f"{name} is a metric already; give this one a name of its own"
    if not re.fullmatch(_OWN_NAME, name):
        return (), "a name of your own is up to 64 letters, digits, underscores, hyphens and dots"
    reason = _misnamed_function(metric, "say a metric, or module:function")
    return None if reason is None else (("metric",), reason)


def _misnamed_function(name: str, remedy: str) -> str | None:
    if is_place(name):
        good = name.isprintable() and re.fullmatch(_PLACE, name)
        return None if good else f"expected module:function or file.py:function, not {quoted(name)}"
    if is_built_in(name):
        return None
    if name in FAIRNESS_METRICS:
        return "compares groups, so it stands under fairness, not under metrics"
    near = nearest(name, [*METRICS, *SHORT_FORMS])
    return f"unknown metric {quoted(name)}; {f'did you mean {near!r}?' if near else remedy}"


class MetricNames:
    """Tells the JSON Schema which names there are, and which options go with each."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        section = schema["additionalProperties"]
        names = _names()
        return {
            "type": "object",
            "properties": dict.fromkeys(names, section),
            "patternProperties": {
                **_options_by_name(names),
                ":": {
                    **section,
                    **_without("metric", *_PARAMETERS),
                    "type": "object",
                    "required": ["direction"],
                },
            },
            "additionalProperties": {
                **section,
                "type": "object",
                "required": ["metric"],
                "properties": {"metric": {"anyOf": [{"enum": names}, {"pattern": f"^{_PLACE}$"}]}},
            },
            "propertyNames": {"anyOf": [{"pattern": f"^{_OWN_NAME}$"}, {"pattern": f"^{_PLACE}$"}]},
        }


def _names() -> list[str]:
    """Every spelling of every metric."""
    losses = (m.name for m in METRICS.values() if m.direction is Direction.LOWER_IS_BETTER)
    return [*METRICS, *SHORT_FORMS, *(f"neg_{name}" for name in losses)]


def _options_by_name(names: list[str]) -> dict[str, Any]:
    """For metrics that take the same parameters a pattern of their names, and what is refused."""
    alike: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
    for name in names:
        metric = find_metric(name)
        alike.setdefault((metric.takes, metric.requires), []).append(name)
    return {f"^(?:{'|'.join(group)})$": _options(find_metric(group[0])) for group in alike.values()}


def _options(metric: Metric) -> dict[str, Any]:
    takes = {key_of(name) for name in metric.takes}
    others = (name for name in _PARAMETERS if name not in takes)
    required = [key_of(name) for name in sorted(metric.requires)]
    needed = {"type": "object", "required": required} if required else {}
    return {**_without("metric", *_OF_CUSTOM, *others), **needed}


def _without(*keys: str) -> dict[str, Any]:
    return {"propertyNames": {"not": {"enum": [*keys]}}}


_PARAMETERS = tuple(key_of(parameter.name) for parameter in fields(Parameters))
