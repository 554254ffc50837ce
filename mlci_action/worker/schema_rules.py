"""Which rules of a pandera schema does a table break? Counted by rule and column, without values.

Used in both interpreters: here for a schema that is a Python object, in ours for one in YAML.
"""

from __future__ import annotations

import warnings
from typing import Any, Dict, List, Optional, Set, Tuple

from mlci_action.worker.foreign import Schema, Table

_MAX_RULE = 200
_ABOUT_A_COLUMN = ("column_in_dataframe", "column_in_schema")
_IN_WORDS = {
    "column_in_dataframe": "the column is missing",
    "column_in_schema": "the column is not in the schema",
    "not_nullable": "no value may be missing",
    "field_uniqueness": "values must be unique",
}


def broken_rules(schema: Schema, table: Table) -> List[Dict[str, Any]]:
    """One entry a rule that does not hold, most rows first: `column`, `rule`, `rows`, `warns`.

    `column` is None for a rule about the table, `rows` where a rule is not about rows; `warns`
    marks a rule that the schema declares as a warning.
    """
    from pandera.errors import SchemaErrors, SchemaWarning

    broken: List[Dict[str, Any]] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            schema.validate(table, lazy=True)
        except SchemaErrors as error:
            broken = _counted(error.failure_cases)
    for warning in caught:
        if issubclass(warning.category, SchemaWarning):
            # Its text goes on with the values that broke the rule.
            rule = str(warning.message).partition(" failure cases:")[0]
            broken.append(_entry(None, rule, None, warns=True))
    return broken


def drops_rows(schema: Schema) -> bool:
    """Whether the schema drops what breaks a rule: such a schema always holds."""
    table = schema.to_schema() if hasattr(schema, "to_schema") else schema
    parts = [table, *getattr(table, "columns", {}).values()]
    return any(getattr(part, "drop_invalid_rows", False) for part in parts)


def _counted(cases: Table) -> List[Dict[str, Any]]:
    rows_of: Dict[Tuple[Optional[str], str], Set[Any]] = {}
    keys = ["schema_context", "column", "check"]
    for key, group in cases.groupby(keys, dropna=False, sort=False):
        context, column, rule = (_text(part) for part in key)
        columns = [column]
        if context == "DataFrameSchema":
            # The name of a missing or unexpected column is the case itself; a rule over the whole
            # table has a case for every column of a row.
            about_one = rule in _ABOUT_A_COLUMN
            columns = [_text(name) for name in group["failure_case"]] if about_one else [None]
        for name in columns:
            rows_of.setdefault((name, str(rule)), set()).update(group["index"].dropna())
    broken = [
        _entry(column, rule, len(rows) or None, warns=False)
        for (column, rule), rows in rows_of.items()
    ]
    return sorted(broken, key=lambda entry: -(entry["rows"] or 0))


def _entry(column: Optional[str], rule: str, rows: Optional[int], *, warns: bool) -> Dict[str, Any]:
    return {
        "column": column,
        "rule": _IN_WORDS.get(rule, rule)[:_MAX_RULE],
        "rows": rows,
        "warns": warns,
    }


def _text(part: object) -> Optional[str]:
    # A missing value is the only one that is not equal to itself.
    return None if part is None or part != part else str(part)  # noqa: PLR0124
