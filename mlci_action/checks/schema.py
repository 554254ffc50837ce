"""Does the table follow its pandera schema?"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors, SchemaWarning

from mlci_action.checks.context import DataToCheck, SchemaFailure
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult

ID = "data.schema"
_SHOWN = 5
_RULE_LENGTH = 200


def check_schema(data: DataToCheck) -> CheckResult | None:
    """All rules of the schema in one answer; None when no schema is configured."""
    failures, problem = data.schema_failures, data.schema_problem
    if problem is not None:
        return CheckResult(id=ID, area=Area.DATA, outcome=Outcome.ERRORED, message=problem)
    if failures is None:
        return None
    if not failures:
        return CheckResult(
            id=ID, area=Area.DATA, outcome=Outcome.PASSED, message="the data follows its schema"
        )
    return CheckResult(
        id=ID,
        area=Area.DATA,
        outcome=Outcome.WARNED if all(f.warns for f in failures) else Outcome.FAILED,
        column=failures[0].column,
        rows=failures[0].rows,
        message=f"the data breaks its schema: {_listing(failures)}",
        evidence={
            "failures": [{"column": f.column, "rule": f.rule, "rows": f.rows} for f in failures]
        },
    )


def apply_schema(
    schema: pa.DataFrameSchema | type[pa.DataFrameModel], frame: pd.DataFrame
) -> tuple[SchemaFailure, ...]:
    """Every rule of `schema` that `frame` breaks, most rows first; values are never kept."""
    failures: tuple[SchemaFailure, ...] = ()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as error:
            failures = _summarised(error.failure_cases)
    # The text of a warning holds the values that broke the rule, so only the rule is kept of it.
    warned = [
        SchemaFailure(column=None, rule=_without_values(warning.message), rows=None, warns=True)
        for warning in caught
        if issubclass(warning.category, SchemaWarning)
    ]
    return (*failures, *warned)


def _without_values(message: Warning | str) -> str:
    return _in_words(str(message).partition(" failure cases:")[0])


def _summarised(cases: pd.DataFrame) -> tuple[SchemaFailure, ...]:
    failures = []
    for key, group in cases.groupby(
        ["schema_context", "column", "check"], dropna=False, sort=False
    ):
        parts: tuple[Any, ...] = key
        context, column, rule = (None if pd.isna(part) else str(part) for part in parts)
        # A missing or unexpected column is a case about the table, and its name is the case itself.
        about_table = context == "DataFrameSchema" and rule in (
            "column_in_dataframe",
            "column_in_schema",
        )
        named = group["failure_case"].iloc[0] if about_table else column
        rows = int(group["index"].nunique()) if group["index"].notna().any() else None
        failures.append(
            SchemaFailure(
                column=None if named is None else str(named),
                rule=_in_words(str(rule)),
                rows=rows,
            )
        )
    return tuple(sorted(failures, key=lambda failure: -(failure.rows or 0)))


def _in_words(rule: str) -> str:
    words = {
        "column_in_dataframe": "the column is missing",
        "column_in_schema": "the column is not in the schema",
        "not_nullable": "no value may be missing",
        "field_uniqueness": "values must be unique",
    }
    return words.get(rule, rule)[:_RULE_LENGTH]


def _listing(failures: Sequence[SchemaFailure]) -> str:
    shown = [
        f"{'the table' if f.column is None else repr(f.column)}: {f.rule}"
        + ("" if f.rows is None else f" ({f.rows:,} rows)")
        for f in failures[:_SHOWN]
    ]
    more = f"; and {len(failures) - _SHOWN} more" if len(failures) > _SHOWN else ""
    return "; ".join(shown) + more
