"""Does the table follow its pandera schema?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pandera.pandas as pa

from mlci_action.checks.context import DataToCheck, SchemaFailure
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult
from mlci_action.worker.schema_rules import broken_rules

ID = "data.schema"
_SHOWN = 5


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
    return tuple(SchemaFailure(**entry) for entry in broken_rules(schema, frame))


def _listing(failures: Sequence[SchemaFailure]) -> str:
    shown = [
        f"{'the table' if f.column is None else repr(f.column)}: {f.rule}"
        + ("" if f.rows is None else f" ({f.rows:,} rows)")
        for f in failures[:_SHOWN]
    ]
    more = f"; and {len(failures) - _SHOWN} more" if len(failures) > _SHOWN else ""
    return "; ".join(shown) + more
