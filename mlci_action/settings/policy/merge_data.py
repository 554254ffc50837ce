"""What must hold for the data where base branch and change differ? The stricter of each check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mlci_action.domain.data_limits import (
    DEFAULT_CHECKS,
    CategoryLimits,
    DataChecks,
    DriftLimits,
    DuplicateLimits,
    LabelLimits,
    MissingLimits,
    RangeLimits,
)
from mlci_action.domain.integrity import IntegrityRule
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.policy.data_rules import DEFAULT, FAIL, LEVELS, OFF, WARN, level
from mlci_action.settings.policy.stricter import higher, lower, severity, united
from mlci_action.settings.values import DataSettings


def merged_data(base: DataSettings, own: DataSettings) -> DataSettings:
    """The change's own places and columns, with all that must hold on either side."""
    return replace(
        own,
        # A schema may move; one that is gone would be a check less.
        schema=own.schema or base.schema,
        integrity=united(base.integrity, own.integrity, lambda rule: rule.name, _integrity),
        show_values=base.show_values and own.show_values,
        checks=merged_checks(base.checks, own.checks),
    )


def merged_checks(base: DataChecks, own: DataChecks) -> DataChecks:
    """Every check as the side takes it that takes it more seriously, with the stricter limits."""
    limits: dict[str, Any] = {}
    severities: dict[str, Severity] = {}
    off: set[str] = set()
    for name in DEFAULT_CHECKS:
        kept = _limits(name, base, own)
        taken = max(level(base, name), _level(own, name, kept), key=LEVELS.index)
        required = Severity.WARN if taken == WARN else Severity.FAIL
        if taken == OFF:
            off.add(name)
        elif kept is not None and not (taken == DEFAULT and _is_empty(kept)):
            limits[name] = replace(kept, severity=required)
        elif taken in (WARN, FAIL):
            severities[name] = required
    return DataChecks(**limits, severities=severities, off=frozenset(off))


def _level(own: DataChecks, name: str, kept: object) -> str:
    """How the change takes the check; no answer is owed for limits that do not count yet."""
    asked = level(own, name)
    waits = kept is not None and _is_empty(kept) and not _is_empty(getattr(own, name))
    return DEFAULT if waits and asked == FAIL else asked


def _is_empty(limits: Any) -> bool:  # noqa: ANN401 - one class a check
    """Whether nothing is limited, whatever the severity; nothing at all is empty as well."""
    return limits is None or limits == type(limits)(severity=limits.severity)


def _limits(name: str, base: DataChecks, own: DataChecks) -> Any:  # noqa: ANN401 - one class a check
    """The limits of one check, None where none are said."""
    if name not in _MERGED:
        return None
    theirs, ours = getattr(base, name), getattr(own, name)
    # The limits of a check that is off hold nothing.
    if not base.runs(name):
        return ours
    if not own.runs(name):
        return theirs
    return None if theirs is None and ours is None else _MERGED[name](theirs, ours)


def _missing(base: MissingLimits | None, own: MissingLimits | None) -> MissingLimits:
    base, own = base or MissingLimits(), own or MissingLimits()
    most = lower(base.max_share, own.max_share)
    max_rise = _in_place_of_chance(base.max_rise, own.max_rise)
    # A column with a share of its own is not held against chance, unless no column is.
    names, ours = dict(base.columns), dict(own.columns)
    for name, share in ours.items():
        if name in names or share == 0 or max_rise is not None:
            names[name] = share
    shares = {name: lower(base.for_column(name), own.for_column(name)) for name in names}
    return MissingLimits(
        max_share=most,
        columns=tuple(
            (name, share)
            for name, share in shares.items()
            if share is not None and (name in ours or share < _or_all(most))
        ),
        max_rise=max_rise,
    )


def _or_all(share: float | None) -> float:
    return 1.0 if share is None else share


def _duplicates(base: DuplicateLimits | None, own: DuplicateLimits | None) -> DuplicateLimits:
    base, own = base or DuplicateLimits(), own or DuplicateLimits()
    # One limit is enough to do without chance; beside it, another one only adds.
    replaced = base.max_share is not None or base.max_rise is not None
    return DuplicateLimits(
        max_share=_in_place_of_chance(base.max_share, own.max_share, replaced=replaced),
        max_rise=_in_place_of_chance(base.max_rise, own.max_rise, replaced=replaced),
    )


def _drift(base: DriftLimits | None, own: DriftLimits | None) -> DriftLimits:
    base, own = base or DriftLimits(), own or DriftLimits()
    most = min(base.max, own.max)
    names = dict.fromkeys(name for name, _ in (*base.columns, *own.columns))
    shares = {name: min(base.for_column(name), own.for_column(name)) for name in names}
    ours = dict(own.columns)
    return DriftLimits(
        max=most,
        columns=tuple(
            (name, share) for name, share in shares.items() if name in ours or share < most
        ),
    )


def _categories(base: CategoryLimits | None, own: CategoryLimits | None) -> CategoryLimits:
    base, own = base or CategoryLimits(), own or CategoryLimits()
    return CategoryLimits(
        closed=base.closed or own.closed,
        columns=tuple(dict.fromkeys((*base.columns, *own.columns))),
    )


def _range(base: RangeLimits | None, own: RangeLimits | None) -> RangeLimits:
    base, own = base or RangeLimits(), own or RangeLimits()
    return RangeLimits(closed=base.closed or own.closed, max_z=lower(base.max_z, own.max_z))


def _labels(base: LabelLimits | None, own: LabelLimits | None) -> LabelLimits:
    base, own = base or LabelLimits(), own or LabelLimits()
    least = higher(base.min_rows, own.min_rows)
    return LabelLimits(
        min_rows=None if least is None else int(least),
        max_conflicts=_in_place_of_chance(base.max_conflicts, own.max_conflicts),
    )


def _in_place_of_chance(
    base: float | None, own: float | None, *, replaced: bool = False
) -> float | None:
    """A limit of the change's own alone would let pass what chance does not explain.

    It counts where nothing may break it, or where the base does without chance already.
    """
    if base is None and own != 0 and not replaced:
        return None
    return lower(base, own)


_MERGED: dict[str, Callable[[Any, Any], Any]] = {
    "missing": _missing,
    "duplicates": _duplicates,
    "drift": _drift,
    "categories": _categories,
    "range": _range,
    "labels": _labels,
}


def _integrity(base: IntegrityRule, own: IntegrityRule) -> IntegrityRule:
    return replace(
        base,
        max_share=min(base.max_share, own.max_share),
        severity=severity(base.severity, own.severity),
    )
