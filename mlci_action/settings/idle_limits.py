"""Can this limit decide anything? One that always holds, or never can, is a mistake in the file."""

from __future__ import annotations

from collections.abc import Iterator

from mlci_action.domain.limits import Margin, MetricLimits
from mlci_action.domain.metric import Direction, Metric


def idle_limits(limits: MetricLimits) -> Iterator[tuple[tuple[str, ...], str]]:
    """The keys of one metric that cannot decide anything, each with the reason."""
    metric = limits.metric
    yield from _beyond_range(limits)
    for key, given, most, verdict in (
        ("max_regression", limits.max_regression, largest_loss(metric), "can never be violated"),
        ("min_improvement", limits.min_improvement, _largest_gain(metric), "can never be met"),
        ("max_improvement", limits.max_improvement, _largest_gain(metric), "can never be violated"),
    ):
        for kind in out_of_reach(given, most):
            unit = "" if kind == "absolute" else " of the baseline"
            reason = f"{metric.name} cannot move by more than {most[kind]:g}{unit}"
            yield (key, kind), f"{verdict}: {reason}"
    yield from _crossed(limits)


def largest_loss(metric: Metric) -> dict[str, float]:
    """How much worse than its baseline a model can be, `absolute` and `relative`, where bounded."""
    return _reach(metric, towards_zero=metric.direction is Direction.HIGHER_IS_BETTER)


def out_of_reach(given: Margin | None, most: dict[str, float]) -> tuple[str, ...]:
    """Which of the margin's two limits no model can go beyond."""
    if given is None:
        return ()
    limits = {"absolute": given.absolute, "relative": given.relative}
    return tuple(
        kind for kind, end in most.items() if (limit := limits[kind]) is not None and limit >= end
    )


def _largest_gain(metric: Metric) -> dict[str, float]:
    return _reach(metric, towards_zero=metric.direction is Direction.LOWER_IS_BETTER)


def _reach(metric: Metric, *, towards_zero: bool) -> dict[str, float]:
    reach: dict[str, float] = {}
    highest = _highest(metric)
    if metric.lowest is not None and highest is not None:
        reach["absolute"] = highest - metric.lowest
    if towards_zero and metric.lowest == 0:
        # What cannot fall below zero falls by all of the baseline at most.
        reach["relative"] = 1.0
    return reach


def _highest(metric: Metric) -> float | None:
    """The upper end of its range at its parameters."""
    share = metric.parameters.k
    if metric.function == "lift_at_k" and share is not None and share < 1:
        # All positives among the share k at the top are 1/k of what chance puts there.
        return 1 / share
    return metric.highest


def _beyond_range(limits: MetricLimits) -> Iterator[tuple[tuple[str, ...], str]]:
    name, low, high = limits.metric.name, limits.metric.lowest, _highest(limits.metric)
    if limits.min is not None:
        if low is not None and limits.min <= low:
            yield ("min",), f"always holds: {name} is never below {low:g}"
        if high is not None and limits.min > high:
            yield ("min",), f"impossible limit: {name} is never above {high:g}"
    if limits.max is not None:
        if high is not None and limits.max >= high:
            yield ("max",), f"always holds: {name} is never above {high:g}"
        if low is not None and limits.max < low:
            yield ("max",), f"impossible limit: {name} is never below {low:g}"


def _crossed(limits: MetricLimits) -> Iterator[tuple[tuple[str, ...], str]]:
    if limits.min is not None and limits.max is not None and limits.min > limits.max:
        yield ("min",), f"{limits.min:g} is above max, {limits.max:g}: nothing can hold both"
    least, most = limits.min_improvement, limits.max_improvement
    if least is None or most is None:
        return
    for kind, low, high in (
        ("absolute", least.absolute, most.absolute),
        ("relative", least.relative, most.relative),
    ):
        if low is not None and high is not None and low >= high:
            text = f"{low:g} is not below max_improvement, {high:g}: nothing can hold both"
            yield ("min_improvement", kind), text
