"""Is this table fit to judge a model on? The data checks on tables and files at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from mlci_action.adapters.schemas import check_yaml_schema
from mlci_action.adapters.summaries import sum_up_chunks, sum_up_frame, table_or_profile
from mlci_action.adapters.tables.source import open_table
from mlci_action.checks import run_checks
from mlci_action.checks.context import DataToCheck, Reference
from mlci_action.checks.facts import drift_facts
from mlci_action.domain.data_limits import DataChecks
from mlci_action.domain.integrity import IntegrityRule, parse_rules
from mlci_action.domain.profile import TableProfile
from mlci_action.domain.results import CheckResult
from mlci_action.errors import SettingsError
from mlci_action.profiles.stored import to_json
from mlci_action.profiles.table import Aims, Summed

Table: TypeAlias = pd.DataFrame | str | Path


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DataReport:
    """What the data checks answered: a result per column that is wrong, one per check that held.

    `profile` is what the table is like, to compare later tables with; `drift` has one entry per
    column, moved or not.
    """

    results: tuple[CheckResult, ...]
    profile: TableProfile
    drift: tuple[Mapping[str, Any], ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row per result, in the columns of report.json's `checks`."""
        names = [field.name for field in fields(CheckResult) if field.name != "cells"]
        rows = [[getattr(result, name) for name in names] for result in self.results]
        return pd.DataFrame(rows, columns=names)

    def drift_to_frame(self) -> pd.DataFrame:
        """One row per column: D with its interval and p, and the measures that are not judged."""
        return pd.DataFrame(self.drift)

    def profile_to_json(self) -> str:
        """The text of profile.json: a file of it is a `reference` for later tables."""
        return to_json(self.profile)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DataQuestion:
    """Everything that can be asked of a table; the words are those of `check_data`."""

    data: Table
    reference: Table | TableProfile | None = None
    schema: str | None = None
    checks: DataChecks = field(default_factory=DataChecks)
    id: str | None = None
    time: str | None = None
    target: str | None = None
    train: Table | None = None
    integrity: tuple[str | Mapping[str, Any], ...] = ()
    show_values: bool = False


def check_data(asked: DataQuestion) -> DataReport:
    """All checks on the table. MlciError when something that was named cannot be read."""
    here = Path.cwd()
    aims = _aims(asked)
    reference = _reference(asked, aims, here)
    batch = _summed(asked.data, aims, here, None if reference is None else reference.profile)
    failures = None
    if asked.schema is not None:
        frame = (
            asked.data
            if isinstance(asked.data, pd.DataFrame)
            else open_table(str(asked.data), here).frame()
        )
        failures = check_yaml_schema(asked.schema, here, frame)
    to_check = DataToCheck(
        batch=batch,
        reference=reference,
        no_reference="no reference was given",
        train=None if asked.train is None else _summed(asked.train, aims, here),
        limits=asked.checks,
        target=asked.target,
        id=asked.id,
        time=asked.time,
        show_values=asked.show_values,
        schema_failures=failures,
        integrity=batch.integrity,
    )
    return DataReport(
        results=run_checks(to_check),
        profile=batch.profile,
        drift=tuple(drift_facts(to_check).get("drift", ())),
    )


def _aims(asked: DataQuestion) -> Aims:
    limits, checks = asked.checks.duplicates, asked.checks
    return Aims(
        target=asked.target,
        id=asked.id,
        set_aside=() if asked.time is None else (asked.time,),
        every_row=limits is not None and limits.max_share is not None,
        rows=any(map(checks.runs, ("duplicates", "labels", "leakage"))),
        relations=any(map(checks.runs, ("correlation", "leakage"))),
        rules=_rules(asked.integrity),
    )


def _rules(entries: tuple[str | Mapping[str, Any], ...]) -> tuple[IntegrityRule, ...]:
    try:
        return parse_rules(entries)
    except ValueError as error:
        raise SettingsError(f"integrity: {error}") from error


def _reference(asked: DataQuestion, aims: Aims, here: Path) -> Reference | None:
    given = asked.reference
    match given:
        case None:
            return None
        case TableProfile():
            return Reference(profile=given, origin=given.origin or "a profile")
        case pd.DataFrame():
            return Reference(profile=sum_up_frame(given, aims=aims).profile, origin="a table")
        case _:
            profile = table_or_profile(str(given), here, aims=aims)
            return Reference(profile=profile, origin=str(given))


def _summed(table: Table, aims: Aims, here: Path, reference: TableProfile | None = None) -> Summed:
    if isinstance(table, pd.DataFrame):
        return sum_up_frame(table, aims=aims, reference=reference)
    source = open_table(str(table), here, target=aims.target)
    return sum_up_chunks(source.chunks(), aims=aims, reference=reference, origin=str(table))
