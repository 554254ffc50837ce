"""Can the metrics of this file be meant, each one and beside the others?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from pydantic import ValidationError

from mlci_action.domain.limits import DecideBy, MetricLimits
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import find_metric, has_interval
from mlci_action.domain.names import id_part
from mlci_action.settings.asked_metrics import misasked
from mlci_action.settings.document import Document
from mlci_action.settings.idle_limits import idle_limits
from mlci_action.settings.metric_names import misnamed
from mlci_action.settings.metric_sections import MetricSection
from mlci_action.settings.problems import KeyPath, Problem
from mlci_action.settings.resolve import metric_limits

_BINARY = frozenset({Task.BINARY})
_CLASSES = _BINARY | {Task.MULTICLASS}
# A section that has not the right shape stays as it is written.
_Section: TypeAlias = MetricSection | dict[str, Any]
# What else of the file is for some targets only.
_FOR_TARGETS: tuple[tuple[KeyPath, frozenset[Task]], ...] = (
    (("fairness",), _BINARY),
    (("flips",), _CLASSES),
    (("data", "checks", "labels", "min_rows"), _CLASSES),
    (("candidate", "threshold"), _BINARY),
    (("baseline", "threshold"), _BINARY),
)


def metric_contradictions(document: Document) -> Iterator[Problem]:
    """What cannot be meant under `metrics`, and by what depends on them."""
    for name, section in _sections(document):
        for below, text in _misread(name, section):
            yield document.problem(("metrics", name, *below), text)
    for name, limits in readable_limits(document):
        for below, text in (*idle_limits(limits), *_never_settled(limits, document)):
            yield document.problem(document.known(("metrics", name, *below)), text)
    yield from _same_metric_twice(document)
    yield from _no_common_task(document)


def readable_limits(document: Document) -> Iterator[tuple[str, MetricLimits]]:
    """The limits of every metric that can be understood, by its key."""
    for name, section in _sections(document):
        if isinstance(section, MetricSection):
            try:
                yield name, metric_limits(name, section)
            except ValueError:
                continue


def decides_by_point(document: Document) -> bool:
    """Whether the bare difference settles a comparison."""
    return document.section("evidence").get("decide_by") == DecideBy.POINT


def _sections(document: Document) -> Iterator[tuple[str, _Section]]:
    """What stands under `metrics`, by its key."""
    for name, written in document.section("metrics").items():
        try:
            yield name, MetricSection.model_validate(written)
        except ValidationError:
            yield name, written if isinstance(written, dict) else {}


def _misread(name: str, section: _Section) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(section, MetricSection):
        function = section.metric
    elif isinstance(section.get("metric", name), str):
        function = section.get("metric")
    else:
        return
    wrong = misnamed(name, function)
    if wrong:
        yield wrong
    elif isinstance(section, MetricSection):
        yield from misasked(name, section)


def _never_settled(
    limits: MetricLimits, document: Document
) -> Iterator[tuple[tuple[str, ...], str]]:
    if has_interval(limits.metric) or decides_by_point(document):
        return
    for rule in ("max_regression", "min_improvement", "max_improvement"):
        if getattr(limits, rule) is not None:
            yield (rule,), f"{limits.metric.name} has no interval, so this can never pass: use max"


def _same_metric_twice(document: Document) -> Iterator[Problem]:
    seen: dict[object, str] = {}
    names: dict[str, str] = {}
    for name, limits in readable_limits(document):
        metric = limits.metric
        same = (metric.function, metric.custom, metric.needs, metric.parameters)
        first = seen.setdefault(same, name)
        alike = names.setdefault(id_part(metric.name), name)
        if first != name:
            line = document.lines[("metrics", first)]
            text = f"the same metric as {first!r} in line {line}; keep one"
            yield document.problem(("metrics", name), text)
        elif alike != name:
            line = document.lines[("metrics", alike)]
            text = f"the checks of {alike!r} in line {line} have the same ids; choose another name"
            yield document.problem(("metrics", name), text)


def _no_common_task(document: Document) -> Iterator[Problem]:
    common = frozenset(Task)
    for name, tasks in _tasks_by_metric(document):
        if not common & tasks:
            text = f"is for a {_listed(tasks)} target, the metrics above for {_listed(common)}"
            yield document.problem(("metrics", name), text)
            return
        common &= tasks
    for where, tasks in _FOR_TARGETS:
        if document.known(where) == where and not common & tasks:
            text = f"is for a {_listed(tasks)} target, the metrics are for {_listed(common)}"
            yield document.problem(where, text)


def _tasks_by_metric(document: Document) -> Iterator[tuple[str, frozenset[Task]]]:
    limits = dict(readable_limits(document))
    for name, section in _sections(document):
        if name in limits:
            yield name, limits[name].metric.tasks
        elif not isinstance(section, MetricSection) and "class" not in section:
            try:
                yield name, find_metric(str(section.get("metric", name))).tasks
            except ValueError:
                continue


def _listed(tasks: frozenset[Task]) -> str:
    return " or ".join(sorted(tasks))
