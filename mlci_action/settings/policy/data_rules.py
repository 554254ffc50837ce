"""Which rules does the section `data` make?"""

from __future__ import annotations

from mlci_action.domain.data_limits import DEFAULT_CHECKS, MAX_DRIFT, DataChecks
from mlci_action.domain.outcomes import Severity
from mlci_action.domain.policy import Move
from mlci_action.settings.policy.rule import (
    Found,
    Key,
    Rule,
    at_least,
    at_most,
    in_place_of_chance,
    member,
    note,
    severity,
    word,
)
from mlci_action.settings.values import DataSettings

OFF, WARN, DEFAULT, FAIL = "off", "warn", "by default", "fail"
# A check that nobody names fails, but not where rows are missing to ask or batches differ in time.
LEVELS = (OFF, WARN, DEFAULT, FAIL)
CHECKS: Key = ("data", "checks")

_PLACES = ("evaluation", "labels", "train", "reference")
_COLUMNS = ("target", "positive", "id", "time", "sample_weight")


def level(checks: DataChecks, name: str) -> str:
    """How a check is taken: one of `LEVELS`."""
    if not checks.runs(name):
        return OFF
    if checks.severity(name) is Severity.WARN:
        return WARN
    return FAIL if checks.declared(name) else DEFAULT


def data_rules(data: DataSettings) -> Found:
    """All rules of the section."""
    for key in (*_PLACES, *_COLUMNS):
        yield ("data", key), note(getattr(data, key))
    options = data.options
    columns = None if options.columns is None else ", ".join(map(repr, options.columns))
    yield ("data", "columns"), note(columns)
    for key in ("separator", "encoding", "sheet"):
        yield ("data", key), note(getattr(options, key))
    if data.schema is not None:
        yield ("data", "schema"), Rule(text=data.schema, added=Move.TIGHTER, removed=Move.LOOSER)
    yield ("data", "show_values"), word(str(data.show_values).lower(), ("true", "false"))
    for rule in data.integrity:
        where = ("data", "integrity", rule.name)
        yield (*where, "max_share"), at_most(rule.max_share)
        yield (*where, "severity"), severity(rule.severity)
        yield (*where, "rule"), note(rule.text)
    yield from _checks(data.checks)


def _checks(checks: DataChecks) -> Found:
    for name in DEFAULT_CHECKS:
        yield (*CHECKS, name), word(level(checks, name), LEVELS)
        if checks.runs(name) and name in _LIMITS:
            yield from _LIMITS[name](checks, (*CHECKS, name))


def _missing(checks: DataChecks, where: Key) -> Found:
    limits = checks.missing
    if limits is None:
        return
    if limits.max_share is not None:
        yield (*where, "max_share"), at_most(limits.max_share)
    if limits.max_rise is not None:
        yield (*where, "max_rise"), in_place_of_chance(limits.max_rise)
    for column, share in limits.columns:
        rule = in_place_of_chance(share, instead=(*where, "max_share"))
        yield (*where, "columns", column), rule


def _duplicates(checks: DataChecks, where: Key) -> Found:
    limits = checks.duplicates
    for key in ("max_share", "max_rise"):
        limit: float | None = getattr(limits, key, None)
        if limit is not None:
            yield (*where, key), in_place_of_chance(limit)


def _drift(checks: DataChecks, where: Key) -> Found:
    limits = checks.drift
    yield (*where, "max"), at_most(MAX_DRIFT if limits is None else limits.max)
    for column, share in () if limits is None else limits.columns:
        yield (*where, "columns", column), at_most(share, instead=(*where, "max"))


def _categories(checks: DataChecks, where: Key) -> Found:
    limits = checks.categories
    if limits is None:
        return
    if limits.closed:
        yield (*where, "closed"), member()
    for column in limits.columns:
        yield (*where, "closed", column), member()


def _range(checks: DataChecks, where: Key) -> Found:
    limits = checks.range
    if limits is None:
        return
    if limits.closed:
        yield (*where, "closed"), member()
    if limits.max_z is not None:
        yield (*where, "max_z"), at_most(limits.max_z)


def _labels(checks: DataChecks, where: Key) -> Found:
    limits = checks.labels
    if limits is None:
        return
    if limits.min_rows is not None:
        yield (*where, "min_rows"), at_least(limits.min_rows)
    if limits.max_conflicts is not None:
        yield (*where, "max_conflicts"), in_place_of_chance(limits.max_conflicts)


_LIMITS = {
    "missing": _missing,
    "duplicates": _duplicates,
    "drift": _drift,
    "categories": _categories,
    "range": _range,
    "labels": _labels,
}
