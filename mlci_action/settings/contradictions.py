"""Can these settings mean what they say? Rules between the keys of the file."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from mlci_action.domain.costs import A_COMMAND, NO_MODEL, Measure
from mlci_action.domain.data_limits import DEFAULT_CHECKS
from mlci_action.domain.limits import MetricLimits
from mlci_action.domain.metric import Direction
from mlci_action.domain.metrics import FAIRNESS_METRICS, has_interval
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.command_contradictions import command_contradictions
from mlci_action.settings.data_contradictions import data_contradictions, is_number
from mlci_action.settings.document import Document
from mlci_action.settings.idle_limits import idle_limits, largest_loss, out_of_reach
from mlci_action.settings.metric_contradictions import (
    decides_by_point,
    metric_contradictions,
    readable_limits,
)
from mlci_action.settings.metric_sections import LimitsSection, MarginSection
from mlci_action.settings.problems import KeyPath, Problem
from mlci_action.settings.resolve import limits_of, margin
from mlci_action.settings.robustness_contradictions import (
    comparing_rows,
    robustness_contradictions,
)
from mlci_action.settings.values import Settings

_CHANGES = ("max_regression", "min_improvement", "max_improvement")


def contradictions(document: Document, *, has_baseline: bool) -> Iterator[Problem]:
    """What cannot be meant. Parts that lack the right shape are skipped: that is said elsewhere.

    `has_baseline` tells of one that is given outside the file.
    """
    yield from metric_contradictions(document)
    yield from _idle_slices(document)
    yield from _idle_fairness(document)
    yield from _idle_flips(document)
    yield from _unmeasured(document)
    yield from robustness_contradictions(document)
    has_baseline = has_baseline or "baseline" in document.values
    yield from data_contradictions(document, has_baseline=has_baseline)
    yield from command_contradictions(document, has_baseline=has_baseline)
    if not has_baseline:
        yield from _without_baseline(document)


def nothing_required(settings: Settings) -> bool:
    """Whether no check could ever keep the gate closed: every limit is absent or only warns."""
    fairness = settings.fairness.limits if settings.fairness else ()
    rules: list[tuple[Severity, bool]] = [
        (m.severity, m.min is not None or m.max is not None or m.compares)
        for m in (*settings.metrics, *fairness)
    ]
    checks, slices, flips = settings.data.checks, settings.slices, settings.flips
    # A check that nobody named is a default: it may fail, and no gate is built on it.
    rules += [(checks.severity(name), checks.declared(name)) for name in DEFAULT_CHECKS]
    rules += [(rule.severity, True) for rule in settings.data.integrity]
    if slices:
        rules.append((slices.severity, slices.max_regression is not None))
    if flips:
        rules.append((flips.severity, flips.max_negative_rate is not None))
    rules += [(budget.severity, True) for budget in settings.budgets.budgets]
    if settings.robustness:
        rules += [(asks.severity, asks.limited) for asks in settings.robustness.perturbations]
        rules += [(asks.severity, True) for asks in settings.robustness.properties]
    if settings.data.schema is not None:
        rules.append((Severity.FAIL, True))
    return not any(limited and severity is Severity.FAIL for severity, limited in rules)


def _idle_slices(document: Document) -> Iterator[Problem]:
    if "slices" not in document.values:
        return
    slices = document.section("slices")
    if not document.section("metrics"):
        # Regions are found by the models' errors: any reason to ask the models will do.
        if slices.keys() & {"by", "where"} or not document.values.keys() & {"fairness", "flips"}:
            yield document.problem(("slices",), "nothing to look at in a slice: no metric is given")
        return
    try:
        section = MarginSection.model_validate(slices.get("max_regression"))
    except ValidationError:
        return
    metrics = [limits.metric for _, limits in readable_limits(document)]
    if metrics and all(out_of_reach(margin(section), largest_loss(m)) for m in metrics):
        text = "can never be violated: no metric can lose that much"
        yield document.problem(("slices", "max_regression"), text)
    silent = all(metric.custom or not has_interval(metric) for metric in metrics)
    if metrics and silent and not decides_by_point(document):
        text = "can never be violated: none of the metrics has an interval in a slice"
        yield document.problem(("slices", "max_regression"), text)


def _idle_fairness(document: Document) -> Iterator[Problem]:
    target = document.section("data").get("target")
    if target is not None and str(target) in _sensitive_columns(document):
        text = "names the target, which tells no groups of people apart"
        yield document.problem(("fairness", "sensitive"), text)
    for name, limits in _fairness_limits(document):
        small = limits.metric.direction is Direction.LOWER_IS_BETTER
        odd, text = (
            ("min", "a difference is better when small: use max")
            if small
            else ("max", "a ratio is better when near 1: use min")
        )
        if getattr(limits, odd) is not None:
            yield document.problem(("fairness", name, odd), text)
        for below, reason in idle_limits(limits):
            if below != (odd,):
                yield document.problem(document.known(("fairness", name, *below)), reason)


def _sensitive_columns(document: Document) -> set[str]:
    entries = document.section("fairness").get("sensitive")
    columns: list[object] = []
    for entry in entries if isinstance(entries, list) else ():
        columns += entry if isinstance(entry, list) else [entry]
    return {str(column) for column in columns}


def _fairness_limits(document: Document) -> Iterator[tuple[str, MetricLimits]]:
    for name, written in document.section("fairness").items():
        if name in FAIRNESS_METRICS:
            try:
                section = LimitsSection.model_validate(written)
            except ValidationError:
                continue
            yield name, limits_of(FAIRNESS_METRICS[name], section)


def _idle_flips(document: Document) -> Iterator[Problem]:
    rate = document.section("flips").get("max_negative_rate")
    if is_number(rate, 0) and not decides_by_point(document):
        text = "can never pass: no number of rows shows a rate of 0; allow some"
        yield document.problem(("flips", "max_negative_rate"), text)
    if is_number(rate, 1):
        text = "always holds: a share is never above 1"
        yield document.problem(("flips", "max_negative_rate"), text)


def _unmeasured(document: Document) -> Iterator[Problem]:
    """Budgets of what only a model that is loaded can show."""
    for given, why in (("predictions", NO_MODEL), ("predict", A_COMMAND)):
        if given in document.section("candidate"):
            for name in document.section("budgets"):
                if name in set(Measure) - {Measure.MODEL_SIZE}:
                    yield document.problem(("budgets", name), f"candidate.{given}: {why}")


def _without_baseline(document: Document) -> Iterator[Problem]:
    comparing: list[KeyPath] = [
        (area, name, rule)
        for area in ("metrics", "fairness")
        for name in document.section(area)
        for rule in _CHANGES
        if rule in document.section(area, name)
    ]
    comparing += [
        where
        for where in (("slices", "max_regression"), ("flips", "max_negative_rate"))
        if where[1] in document.section(where[0])
    ]
    comparing += [
        ("budgets", name, "max_ratio")
        for name in document.section("budgets")
        if "max_ratio" in document.section("budgets", name)
    ]
    comparing += comparing_rows(document)
    if document.section("slices").get("find", 0) != 0:
        comparing.append(("slices", "find"))
    if comparing:
        text = "compares with a baseline, but baseline.from is missing"
        yield document.problem(comparing[0], text)
