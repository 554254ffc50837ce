"""Which rules do some settings make? All of them by their keys, as mlci.yml spells the paths."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields

from mlci_action.domain.costs import Budgets, Measure
from mlci_action.domain.decision import DeployPolicy, Policy
from mlci_action.domain.limits import (
    Evidence,
    FairnessLimits,
    FlipLimits,
    MetricLimits,
    SliceLimits,
)
from mlci_action.domain.metric import TUNED, Metric, Parameters
from mlci_action.domain.model_formats import ModelFormat
from mlci_action.domain.policy import Move
from mlci_action.domain.robustness import Perturbation, PerturbationLimits, RobustnessLimits
from mlci_action.domain.trust import PickleTrust, Trust
from mlci_action.domain.waivers import Waiver, tolerates_down_to
from mlci_action.settings.metric_names import key_of
from mlci_action.settings.policy.data_rules import data_rules
from mlci_action.settings.policy.rule import (
    Found,
    Key,
    Rule,
    Rules,
    allowed,
    at_least,
    at_most,
    entry,
    margin,
    member,
    note,
    severity,
    word,
)
from mlci_action.settings.values import Settings

_DEPLOY = (Policy.DEPLOY.value, Policy.HOLD.value)
_PICKLE = (
    PickleTrust.ALWAYS.value,
    PickleTrust.SAME_REPOSITORY.value,
    PickleTrust.NEVER.value,
)
_AMOUNTS = {Perturbation.NOISE: "scale", Perturbation.UNITS: "factor"}


def rules_of(settings: Settings) -> Rules:
    """Every rule by its key, in the order of the sections."""
    found: list[Iterable[tuple[Key, Rule]]] = [
        data_rules(settings.data),
        _baseline(settings),
        *(_metric(limits) for limits in settings.metrics),
        _slices(settings.slices),
        _fairness(settings.fairness),
        _flips(settings.flips),
        _robustness(settings.robustness),
        _budgets(settings.budgets),
        _evidence(settings.evidence),
        _deploy(settings.deploy),
        _trust(settings.trust),
        _waivers(settings.waivers),
    ]
    return {key: rule for part in found for key, rule in part}


def canonical(settings: Settings) -> str:
    """The rules as JSON, the same for the same rules in whatever order they were written."""
    said = ([list(key), rule.text] for key, rule in rules_of(settings).items() if rule.text)
    return json.dumps(sorted(said), ensure_ascii=True, separators=(",", ":"))


def _baseline(settings: Settings) -> Found:
    how, environment = settings.baseline_how, settings.baseline_environment
    yield ("baseline", "from"), note(_listed(settings.baseline))
    if settings.baseline_max_age_days is not None:
        yield ("baseline", "max_age_days"), at_most(settings.baseline_max_age_days)
    yield ("baseline", "threshold"), note(settings.baseline_threshold)
    for key in ("load", "features", "predict"):
        yield ("baseline", key), note(getattr(how, key))
    yield ("baseline", "columns"), note(_listed(how.columns))
    yield ("baseline", "classes"), note(_listed(how.classes))
    yield ("baseline", "requirements"), note(environment.requirements)
    yield ("baseline", "python"), note(environment.python)


def _metric(limits: MetricLimits) -> Found:
    where = ("metrics", limits.metric.name)
    yield from _limits(where, limits)
    yield from _asked(where, limits.metric)


def _limits(where: Key, limits: MetricLimits) -> Found:
    yield where, entry("measured")
    if limits.min is not None:
        yield (*where, "min"), at_least(limits.min)
    if limits.max is not None:
        yield (*where, "max"), at_most(limits.max)
    yield from margin((*where, "max_regression"), limits.max_regression)
    yield from margin((*where, "min_improvement"), limits.min_improvement, least=True)
    yield from margin((*where, "max_improvement"), limits.max_improvement)
    if limits.min is not None or limits.max is not None or limits.compares:
        yield (*where, "severity"), severity(limits.severity)


def _asked(where: Key, metric: Metric) -> Found:
    """What the name stands for, and at which parameters it is asked."""
    yield (*where, "metric"), note(metric.custom or metric.function)
    if metric.custom is not None:
        yield (*where, "direction"), note(metric.direction.value)
        yield (*where, "response_method"), note(metric.needs.value)
    for parameter in fields(Parameters):
        value = getattr(metric.parameters, parameter.name)
        yield (*where, key_of(parameter.name)), note("tuned" if value == TUNED else value)


def _slices(limits: SliceLimits | None) -> Found:
    if limits is None:
        return
    where = ("slices",)
    yield where, entry("looked at")
    yield (*where, "by"), note(_listed(" & ".join(columns) for columns in limits.by))
    yield (*where, "where"), note(_listed(limits.where))
    yield (*where, "min_rows"), note(limits.min_rows)
    yield from margin((*where, "max_regression"), limits.max_regression)
    if limits.max_regression is not None:
        yield (*where, "severity"), severity(limits.severity)


def _fairness(limits: FairnessLimits | None) -> Found:
    if limits is None:
        return
    where = ("fairness",)
    for columns in limits.sensitive:
        yield (*where, "sensitive", " & ".join(sorted(columns))), member()
    yield (*where, "min_rows"), note(limits.min_rows)
    for each in limits.limits:
        yield from _limits((*where, each.metric.name), each)


def _flips(limits: FlipLimits | None) -> Found:
    if limits is not None and limits.max_negative_rate is not None:
        yield ("flips", "max_negative_rate"), at_most(limits.max_negative_rate)
        yield ("flips", "severity"), severity(limits.severity)


def _robustness(limits: RobustnessLimits | None) -> Found:
    if limits is None:
        return
    for change in limits.perturbations:
        yield from _perturbation(("robustness", change.what), change)
    for held in limits.properties:
        where = ("robustness", held.what, held.column)
        yield (*where, "max_share"), at_most(held.max_share)
        yield (*where, "severity"), severity(held.severity)
        yield (*where, "direction"), note(held.direction)
    yield ("robustness", "rows"), note(limits.rows)


def _perturbation(where: Key, change: PerturbationLimits) -> Found:
    yield where, entry("tried")
    yield from margin((*where, "max_drop"), change.max_drop)
    for key in ("max_drop_regression", "max_flips", "max_flips_regression"):
        limit: float | None = getattr(change, key)
        if limit is not None:
            yield (*where, key), at_most(limit)
    if change.limited:
        yield (*where, "severity"), severity(change.severity)
    if change.kind in _AMOUNTS:
        yield (*where, _AMOUNTS[change.kind]), note(change.amount)
    yield (*where, "share"), note(change.share)
    yield (*where, "columns"), note(_listed(change.columns))


def _budgets(budgets: Budgets) -> Found:
    for budget in budgets.budgets:
        where = ("budgets", budget.measure.value)
        if budget.max is not None:
            yield (*where, budget.measure.max_rule), at_most(budget.max)
        if budget.max_ratio is not None:
            yield (*where, "max_ratio"), at_most(budget.max_ratio)
        yield (*where, "severity"), severity(budget.severity)
        if budget.measure is Measure.BATCH_LATENCY:
            yield (*where, "rows"), note(budgets.batch_rows)


def _evidence(evidence: Evidence) -> Found:
    for key in ("confidence", "seed", "unit", "time", "decide_by"):
        yield ("evidence", key), note(getattr(evidence, key))


def _deploy(deploy: DeployPolicy) -> Found:
    for key in ("first_model", "when_unchanged", "when_inconclusive"):
        yield ("deploy", key), word(getattr(deploy, key), _DEPLOY)


def _trust(trust: Trust) -> Found:
    for model_format in ModelFormat if trust.formats is None else trust.formats:
        yield ("trust", "formats", model_format.value), allowed()
    for name in trust.skops_types:
        yield ("trust", "skops_types", name), allowed()
    yield ("trust", "pickle"), word(trust.pickle, _PICKLE)


def _waivers(waivers: Sequence[Waiver]) -> Found:
    times: Counter[str] = Counter()
    for waiver in waivers:
        name = _named(waiver)
        times[name] += 1
        where = ("waivers", name if times[name] == 1 else f"{name} ({times[name]})")
        sign = 1 if tolerates_down_to(waiver.check) else -1
        yield (
            (*where, "ceiling"),
            Rule(
                text=at_most(waiver.ceiling).text,
                strictness=sign * waiver.ceiling,
                added=Move.LOOSER,
                removed=Move.TIGHTER,
            ),
        )
        yield (
            (*where, "expires"),
            Rule(text=waiver.expires.isoformat(), strictness=-float(waiver.expires.toordinal())),
        )


def _named(waiver: Waiver) -> str:
    of_column = "" if waiver.column is None else f" of column {waiver.column}"
    in_slice = "" if waiver.slice is None else f" in {waiver.slice}"
    return f"{waiver.check}{of_column}{in_slice}"


def _listed(values: Iterable[object] | None) -> str | None:
    """Quoted, so that two lists never look alike; None for no list or an empty one."""
    return ", ".join(map(repr, map(str, values or ()))) or None
