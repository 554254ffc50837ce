"""Which limits on predictions count where base branch and change differ? The stricter of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlci_action.domain.costs import Budget, Budgets, Measure
from mlci_action.domain.limits import FairnessLimits, FlipLimits, MetricLimits, SliceLimits
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.policy.stricter import higher, lower, margin, severity, united
from mlci_action.settings.values import Settings


def merged_metrics(
    base: Sequence[MetricLimits], own: Sequence[MetricLimits]
) -> tuple[MetricLimits, ...]:
    """By the metric's name; what the name stands for, and at which parameters, is the base's."""
    return united(base, own, lambda limits: limits.metric.name, _metric)


def merged_slices(base: Settings, own: Settings) -> SliceLimits | None:
    """The base's slices where they are judged, with the stricter margin; else the change's own.

    All judged slices of all metrics are one family of tests, and each is judged the more leniently
    the more there are: neither slices nor metrics that a change adds may enter the base's family.
    """
    ours, theirs = own.slices, base.slices
    if theirs is None or ours is None:
        kept = theirs or ours
    elif theirs.max_regression is None:
        # Slices that are only shown loosen nothing.
        kept = ours
    else:
        given = [each.severity for each in (theirs, ours) if each.max_regression is not None]
        kept = replace(
            theirs,
            max_regression=margin(theirs.max_regression, ours.max_regression),
            severity=severity(*given),
        )
    if theirs is None or theirs.max_regression is None or kept is None:
        return kept
    known = tuple(limits.metric.name for limits in base.metrics)
    added = {limits.metric.name for limits in own.metrics} - {*known}
    return replace(kept, metrics=known) if added and kept.metrics is None else kept


def merged_fairness(
    base: FairnessLimits | None, own: FairnessLimits | None
) -> FairnessLimits | None:
    """The groups of both sides, the base's first, and of every limit the stricter."""
    if base is None or own is None:
        return base or own
    return replace(
        base,
        sensitive=united(base.sensitive, own.sensitive, frozenset, lambda theirs, _: theirs),
        limits=united(base.limits, own.limits, lambda limits: limits.metric.name, _metric),
    )


def merged_flips(base: FlipLimits | None, own: FlipLimits | None) -> FlipLimits | None:
    """The smaller rate."""
    if base is None or own is None:
        return base or own
    limited = [each for each in (base, own) if each.max_negative_rate is not None]
    return FlipLimits(
        max_negative_rate=lower(base.max_negative_rate, own.max_negative_rate),
        severity=severity(*(each.severity for each in limited or (base,))),
    )


def merged_budgets(base: Budgets, own: Budgets) -> Budgets:
    """Of every measure the smaller limits; a batch has as many rows as where it is limited."""
    limited = base.of(Measure.BATCH_LATENCY) is not None
    return Budgets(
        budgets=united(base.budgets, own.budgets, lambda budget: budget.measure, _budget),
        batch_rows=base.batch_rows if limited else own.batch_rows,
    )


def _metric(base: MetricLimits, own: MetricLimits) -> MetricLimits:
    return MetricLimits(
        metric=base.metric,
        min=higher(base.min, own.min),
        max=lower(base.max, own.max),
        max_regression=margin(base.max_regression, own.max_regression),
        min_improvement=margin(base.min_improvement, own.min_improvement, least=True),
        max_improvement=margin(base.max_improvement, own.max_improvement),
        severity=_severity(base, own),
    )


def _severity(base: MetricLimits, own: MetricLimits) -> Severity:
    """That of the sides that limit anything."""
    limited = [
        each
        for each in (base, own)
        if each.compares or each.min is not None or each.max is not None
    ]
    return severity(*(each.severity for each in limited or (base,)))


def _budget(base: Budget, own: Budget) -> Budget:
    return Budget(
        measure=base.measure,
        max=lower(base.max, own.max),
        max_ratio=lower(base.max_ratio, own.max_ratio),
        severity=severity(base.severity, own.severity),
    )
