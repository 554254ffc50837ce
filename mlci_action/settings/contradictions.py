"""Can these settings mean what they say? Rules between the keys of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from mlci_action.domain.limits import MetricLimits
from mlci_action.domain.metric import Metric, Task
from mlci_action.domain.metrics import find_metric
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.document import Document
from mlci_action.settings.idle_limits import idle_limits, largest_loss, out_of_reach
from mlci_action.settings.problems import KeyPath, Problem
from mlci_action.settings.resolve import margin, metric_limits
from mlci_action.settings.rule_sections import MarginSection, MetricSection
from mlci_action.settings.values import Settings

_CHANGES = ("max_regression", "min_improvement", "max_improvement")


def contradictions(document: Document, *, has_baseline: bool) -> Iterator[Problem]:
    """What cannot be meant. Parts that lack the right shape are skipped: that is said elsewhere.

    `has_baseline` tells of one that is given outside the file.
    """
    for name, limits in _readable_limits(document):
        for below, text in idle_limits(limits):
            yield document.problem(document.known(("metrics", name, *below)), text)
    yield from _same_metric_twice(document)
    yield from _no_common_task(document)
    yield from _idle_slices(document)
    yield from _idle_shares(document)
    if not has_baseline and "baseline" not in document.values:
        yield from _without_baseline(document)


def nothing_required(settings: Settings) -> bool:
    """Whether no check could ever keep the gate closed: every limit is absent or only warns."""
    rules: list[tuple[Severity, bool]] = [
        (m.severity, m.min is not None or m.max is not None or m.compares) for m in settings.metrics
    ]
    checks, slices = settings.data.checks, settings.slices
    rules += [(check.severity, True) for check in (checks.missing, checks.duplicates) if check]
    if slices:
        rules.append((slices.severity, slices.max_regression is not None))
    if settings.data.schema is not None:
        rules.append((Severity.FAIL, True))
    return not any(limited and severity is Severity.FAIL for severity, limited in rules)


def _readable_limits(document: Document) -> Iterator[tuple[str, MetricLimits]]:
    for name, section in _mapping(document.values.get("metrics")).items():
        try:
            yield name, metric_limits(name, MetricSection.model_validate(section))
        except (ValidationError, ValueError):
            continue


def _named_metrics(document: Document) -> Iterator[tuple[str, Metric]]:
    for name in _mapping(document.values.get("metrics")):
        try:
            yield name, find_metric(name)
        except ValueError:
            continue


def _same_metric_twice(document: Document) -> Iterator[Problem]:
    spellings: dict[str, str] = {}
    for name, metric in _named_metrics(document):
        first = spellings.setdefault(metric.name, name)
        if first != name:
            line = document.lines[("metrics", first)]
            text = f"the same metric as {first!r} in line {line}; keep one"
            yield document.problem(("metrics", name), text)


def _no_common_task(document: Document) -> Iterator[Problem]:
    common = frozenset(Task)
    for name, metric in _named_metrics(document):
        if not common & metric.tasks:
            text = f"is for a {_tasks(metric.tasks)} target, the metrics above for {_tasks(common)}"
            yield document.problem(("metrics", name), text)
            return
        common &= metric.tasks


def _tasks(tasks: frozenset[Task]) -> str:
    return " or ".join(sorted(tasks))


def _idle_slices(document: Document) -> Iterator[Problem]:
    if "slices" not in document.values:
        return
    if not _mapping(document.values.get("metrics")):
        yield document.problem(("slices",), "nothing to look at in a slice: no metric is given")
    given = _mapping(document.values["slices"]).get("max_regression")
    try:
        section = MarginSection.model_validate(given)
    except ValidationError:
        return
    metrics = [metric for _, metric in _named_metrics(document)]
    if metrics and all(out_of_reach(margin(section), largest_loss(m)) for m in metrics):
        text = "can never be violated: no metric can lose that much"
        yield document.problem(("slices", "max_regression"), text)


def _idle_shares(document: Document) -> Iterator[Problem]:
    checks = _mapping(_mapping(document.values.get("data")).get("checks"))
    missing = _mapping(checks.get("missing"))
    shares: list[tuple[KeyPath, object]] = [
        (("data", "checks", name, "max_share"), _mapping(checks.get(name)).get("max_share"))
        for name in ("missing", "duplicates")
    ]
    columns = _mapping(missing.get("columns"))
    # Beside other limits, 1 exempts a column; alone it limits nothing.
    if "max_share" not in missing and all(map(_is_all, columns.values())):
        shares += [(("data", "checks", "missing", "columns", c), s) for c, s in columns.items()]
    for path, share in shares:
        if _is_all(share):
            yield document.problem(path, "always holds: a share is never above 1")


def _is_all(share: object) -> bool:
    return not isinstance(share, bool) and isinstance(share, int | float) and share == 1


def _without_baseline(document: Document) -> Iterator[Problem]:
    comparing: list[KeyPath] = [
        ("metrics", name, rule)
        for name, section in _mapping(document.values.get("metrics")).items()
        for rule in _CHANGES
        if rule in _mapping(section)
    ]
    if "max_regression" in _mapping(document.values.get("slices")):
        comparing.append(("slices", "max_regression"))
    if comparing:
        text = "compares with a baseline, but baseline.from is missing"
        yield document.problem(comparing[0], text)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
