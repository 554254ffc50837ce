"""Can what the file says of changed rows be meant? Rules between its keys and the others."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from mlci_action.domain.limits import MetricLimits
from mlci_action.domain.metric import Task
from mlci_action.domain.metrics import has_interval
from mlci_action.domain.robustness import INVARIANT, MONOTONIC, Perturbation
from mlci_action.settings.data_contradictions import is_number
from mlci_action.settings.document import Document
from mlci_action.settings.idle_limits import largest_loss, out_of_reach
from mlci_action.settings.metric_contradictions import decides_by_point, readable_limits
from mlci_action.settings.metric_sections import MarginSection
from mlci_action.settings.problems import KeyPath, Problem
from mlci_action.settings.resolve import margin

_HERE = "robustness"
_DROPS = ("max_drop", "max_drop_regression")
_FLIPS = ("max_flips", "max_flips_regression")
_NEVER_ABOVE = "always holds: a share is never above 1"


def robustness_contradictions(document: Document) -> Iterator[Problem]:
    """What cannot be meant. Parts that lack the right shape are skipped: that is said elsewhere."""
    if _HERE not in document.values:
        return
    if "predictions" in document.section("candidate"):
        text = "candidate.predictions cannot be asked again, with rows that are changed"
        yield document.problem((_HERE,), text)
    if not document.section("metrics") and not document.values.keys() & {"fairness", "flips"}:
        text = "nothing says whether the target holds classes or numbers: give a metric"
        yield document.problem((_HERE,), text)
    yield from _never_changed(document)
    yield from _idle_drops(document)
    yield from _idle_shares(document)
    yield from _for_other_targets(document)


def comparing_rows(document: Document) -> Iterator[KeyPath]:
    """The limits on changed rows that need a baseline."""
    for kind in Perturbation:
        for key in ("max_drop_regression", "max_flips_regression"):
            if key in document.section(_HERE, kind):
                yield (_HERE, kind.value, key)


def _never_changed(document: Document) -> Iterator[Problem]:
    data, evidence = document.section("data"), document.section("evidence")
    others = {
        str(section[key]): f"{name}.{key}"
        for name, section, keys in (
            ("evidence", evidence, ("unit", "time")),
            ("data", data, ("sample_weight", "time", "id", "target")),
        )
        for key in keys
        if isinstance(section.get(key), str | float)
    }
    for where, column in _named(document):
        if column in others:
            yield document.problem(where, f"{column!r} is {others[column]}, and is never changed")


def _named(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """The columns that are asked for by name."""
    lists: list[KeyPath] = [(_HERE, kind.value, "columns") for kind in Perturbation]
    for where in (*lists, (_HERE, INVARIANT)):
        written = document.section(*map(str, where[:-1])).get(str(where[-1]))
        for place, name in enumerate(written if isinstance(written, list) else ()):
            yield (*where, place), str(name)
        if isinstance(written, str | float):
            yield where, str(written)
    for key in (INVARIANT, MONOTONIC):
        for name in document.section(_HERE, key):
            yield (_HERE, key, name), name


def _idle_drops(document: Document) -> Iterator[Problem]:
    limits = [of_metric for _, of_metric in readable_limits(document)]
    judged = [limit for limit in limits if _is_judged(limit, document)]
    for kind in Perturbation:
        written = document.section(_HERE, kind)
        for key in _DROPS:
            if key in written and not document.section("metrics"):
                yield document.problem((_HERE, kind.value, key), "no metric is given")
            elif key in written and limits and not judged:
                text = "can never be judged: none of the metrics has an interval of its own"
                yield document.problem((_HERE, kind.value, key), text)
        if judged and _out_of_reach(judged, written.get("max_drop"), times=1):
            text = "can never be violated: no metric can lose that much"
            yield document.problem((_HERE, kind.value, "max_drop"), text)
        # One model may lose all of a metric's range while the other one wins it.
        if judged and _out_of_reach(judged, written.get("max_drop_regression"), times=2):
            text = "can never be violated: no two metrics can lie that far apart"
            yield document.problem((_HERE, kind.value, "max_drop_regression"), text)


def _is_judged(limits: MetricLimits, document: Document) -> bool:
    if limits.metric.custom is not None:
        return False
    return has_interval(limits.metric) or decides_by_point(document)


def _out_of_reach(limits: list[MetricLimits], written: object, *, times: int) -> bool:
    try:
        given = margin(MarginSection.model_validate(written))
    except ValidationError:
        return False
    reaches = [largest_loss(limit.metric) for limit in limits]
    most = [{kind: times * end for kind, end in reach.items()} for reach in reaches]
    return all(out_of_reach(given, one) for one in most)


def _idle_shares(document: Document) -> Iterator[Problem]:
    for kind in Perturbation:
        for key in _FLIPS:
            share = document.section(_HERE, kind).get(key)
            if is_number(share, 1):
                yield document.problem((_HERE, kind.value, key), _NEVER_ABOVE)
            if key == "max_flips" and is_number(share, 0) and not decides_by_point(document):
                text = "can never pass: no number of rows shows a share of 0; allow some"
                yield document.problem((_HERE, kind.value, key), text)
    for key in (INVARIANT, MONOTONIC):
        for name in document.section(_HERE, key):
            if is_number(document.section(_HERE, key, name).get("max_share"), 1):
                yield document.problem((_HERE, key, name, "max_share"), _NEVER_ABOVE)


def _for_other_targets(document: Document) -> Iterator[Problem]:
    tasks = frozenset(Task)
    for _, limits in readable_limits(document):
        tasks &= limits.metric.tasks
    if tasks == {Task.REGRESSION}:
        for kind in Perturbation:
            for key in _FLIPS:
                if key in document.section(_HERE, kind):
                    text = "is for a target of classes: a number has no label that could flip"
                    yield document.problem((_HERE, kind.value, key), text)
    if tasks == {Task.MULTICLASS} and document.section(_HERE, MONOTONIC):
        text = "is for two classes or a number: of more classes no one score goes one way"
        yield document.problem((_HERE, MONOTONIC), text)
