"""Can what the file says of the data be meant? Rules between the keys under `data`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError

from mlci_action.domain.integrity import IntegrityRule
from mlci_action.domain.names import nearest
from mlci_action.settings.document import Document
from mlci_action.settings.integrity_sections import IntegritySection
from mlci_action.settings.problems import KeyPath, Problem, quoted

# Each is a table of its own: what is in both is no answer to anything.
_TABLES = ("evaluation", "labels", "train", "reference")
_CHECKS = ("data", "checks")
_NEVER_ABOVE = "always holds: a share is never above 1"
_NEVER_RISES = "always holds: a share never rises by more than 1"
_FULL: tuple[tuple[str, str, str], ...] = (
    ("missing", "max_share", _NEVER_ABOVE),
    ("missing", "max_rise", _NEVER_RISES),
    ("duplicates", "max_share", _NEVER_ABOVE),
    ("duplicates", "max_rise", _NEVER_RISES),
    ("labels", "max_conflicts", _NEVER_ABOVE),
)
# What a check holds against earlier data, and against nothing else.
_COMPARING = (
    ("missing", "max_rise"),
    ("duplicates", "max_rise"),
    ("drift", "max"),
    ("drift", "columns"),
    ("categories", "closed"),
    ("range", "closed"),
    ("range", "max_z"),
)


def data_contradictions(document: Document, *, has_baseline: bool) -> Iterator[Problem]:
    """What cannot be meant. Parts that lack the right shape are skipped: that is said elsewhere."""
    yield from _same_table(document)
    yield from _excel_as_text(document)
    yield from _unnamed_columns(document)
    yield from _idle_shares(document)
    yield from _idle_rises(document)
    yield from _idle_rules(document)
    if not has_baseline:
        yield from _without_reference(document)


def is_number(written: object, number: int) -> bool:
    """Whether the file has this number there."""
    return not isinstance(written, bool) and isinstance(written, int | float) and written == number


def _same_table(document: Document) -> Iterator[Problem]:
    data = document.section("data")
    tables = [(key, data[key]) for key in _TABLES if isinstance(data.get(key), str) and data[key]]
    for place, (key, path) in enumerate(tables):
        for other, earlier in tables[:place]:
            both = {other, key}
            # The training data may be the reference: that is what stands in when there is none.
            if both != {"train", "reference"} and PurePosixPath(path) == PurePosixPath(earlier):
                yield document.problem(("data", key), f"is the same file as data.{other}")
                break


def _excel_as_text(document: Document) -> Iterator[Problem]:
    data = document.section("data")
    # Beside the evaluation rows, another table may be text.
    if "sheet" in data and not data.keys() & set(_TABLES[1:]):
        for key in ("separator", "encoding"):
            if key in data:
                text = "is for text files, and data.sheet for Excel; keep one"
                yield document.problem(("data", key), text)


def _unnamed_columns(document: Document) -> Iterator[Problem]:
    written = document.section("data").get("columns")
    columns = [str(column) for column in written] if isinstance(written, list) else []
    for place, column in enumerate(columns):
        if column in columns[:place]:
            text = f"{quoted(column)} is named twice"
            yield document.problem(("data", "columns", place), text)
    for where, column in _named(document):
        if columns and column not in columns:
            near = nearest(column, columns)
            hint = f"; did you mean {quoted(near)}?" if near else ""
            text = f"{quoted(column)} is not among data.columns{hint}"
            yield document.problem(where, text)


def _named(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """The columns that the file asks for by name, where one name stands alone."""
    data = document.section("data")
    keys = ("id", "time", "sample_weight")
    for key in keys if "labels" in data else ("target", *keys):
        yield from _scalar(("data", key), data.get(key))
    for key in ("unit", "time"):
        yield from _scalar(("evidence", key), document.section("evidence").get(key))
    for check in ("missing", "drift"):
        for column in document.section(*_CHECKS, check, "columns"):
            yield (*_CHECKS, check, "columns", column), column
    for place, rule in _rules(document):
        for column in rule.asks.columns:
            yield ("data", "integrity", place), column
    closed = document.section(*_CHECKS, "categories").get("closed")
    for place, column in enumerate(closed if isinstance(closed, list) else ()):
        yield from _scalar((*_CHECKS, "categories", "closed", place), column)


def _scalar(where: KeyPath, value: object) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str | float) and str(value).strip():
        yield where, str(value)


def _idle_shares(document: Document) -> Iterator[Problem]:
    for check, key, text in _FULL:
        if is_number(document.section(*_CHECKS, check).get(key), 1):
            yield document.problem((*_CHECKS, check, key), text)
    missing = document.section(*_CHECKS, "missing")
    # 1 exempts a column from the limit of all, or from what chance explains; no rise needs it.
    if "max_share" not in missing and "max_rise" in missing:
        yield from _all_full(document, document.section(*_CHECKS, "missing", "columns"))
    drift = document.section(*_CHECKS, "drift")
    moved = document.section(*_CHECKS, "drift", "columns").values()
    if is_number(drift.get("max"), 1) and all(is_number(share, 1) for share in moved):
        yield document.problem((*_CHECKS, "drift", "max"), _NEVER_ABOVE)


def _all_full(document: Document, columns: dict[str, Any]) -> Iterator[Problem]:
    if all(is_number(share, 1) for share in columns.values()):
        for column in columns:
            where: KeyPath = (*_CHECKS, "missing", "columns", column)
            yield document.problem(where, _NEVER_ABOVE)


def _idle_rises(document: Document) -> Iterator[Problem]:
    for check in ("missing", "duplicates"):
        limits = document.section(*_CHECKS, check)
        columns = document.section(*_CHECKS, check, "columns")
        rise, shares = limits.get("max_rise"), [limits.get("max_share"), *columns.values()]
        numbers = [share for share in shares if isinstance(share, float)]
        if isinstance(rise, float) and len(numbers) == len(shares) and max(numbers) <= rise < 1:
            text = "can never decide: a share that rises by more than that is above max_share"
            yield document.problem((*_CHECKS, check, "max_rise"), text)


def _idle_rules(document: Document) -> Iterator[Problem]:
    names: dict[str, int] = {}
    for place, rule in _rules(document):
        where: KeyPath = ("data", "integrity", place)
        if is_number(rule.max_share, 1):
            yield document.problem((*where, "max_share"), _NEVER_ABOVE)
        first = names.setdefault(rule.name, place)
        if first != place:
            line = document.lines[("data", "integrity", first)]
            text = f"results would call it {quoted(rule.name)}, as the rule in line {line}"
            yield document.problem(where, f"{text}; give one another name")


def _rules(document: Document) -> Iterator[tuple[int, IntegrityRule]]:
    """The rules that can be understood, by their place."""
    written = document.section("data").get("integrity")
    for place, entry in enumerate(written if isinstance(written, list) else ()):
        try:
            yield place, IntegritySection.model_validate(entry).parsed
        except ValidationError:
            continue


def _without_reference(document: Document) -> Iterator[Problem]:
    if document.section("data").keys() & {"reference", "train"}:
        return
    for check, key in _COMPARING:
        if key in document.section(*_CHECKS, check):
            text = "compares with earlier data; give data.reference, data.train or baseline.from"
            yield document.problem((*_CHECKS, check, key), text)
            return
