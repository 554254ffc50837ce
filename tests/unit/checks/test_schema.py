"""Does the table follow its pandera schema?"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from mlci_action.checks.context import SchemaFailure
from mlci_action.checks.schema import apply_schema, check_schema
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult
from tests.unit.checks.asked import asked

SCHEMA = pa.DataFrameSchema(
    {
        "age": pa.Column(int, pa.Check.in_range(18, 99)),
        "sex": pa.Column(str, pa.Check.isin(["f", "m"]), nullable=False),
        "id": pa.Column(int, unique=True, required=False),
    },
    strict=True,
)


def test_a_table_that_follows_its_schema_has_no_failures() -> None:
    assert apply_schema(SCHEMA, pd.DataFrame({"age": [20], "sex": ["f"]})) == ()


def test_every_broken_rule_is_told_with_its_rows_and_without_values() -> None:
    """All at once, and no cell of the data gets into the report."""
    frame = pd.DataFrame({"age": [20, 7, 8], "sex": ["f", "secret", None], "more": [1, 2, 3]})
    failures = set(apply_schema(SCHEMA, frame))
    assert failures == {
        SchemaFailure(column="age", rule="in_range(18, 99)", rows=2),
        SchemaFailure(column="sex", rule="isin(['f', 'm'])", rows=1),
        SchemaFailure(column="sex", rule="no value may be missing", rows=1),
        SchemaFailure(column="more", rule="the column is not in the schema", rows=None),
    }


def test_a_missing_column_and_a_wrong_type_are_told_by_name() -> None:
    failures = apply_schema(SCHEMA, pd.DataFrame({"age": ["x"], "new": [1], "newer": [1]}))
    assert (
        SchemaFailure(column="new", rule="the column is not in the schema", rows=None) in failures
    )
    assert (
        SchemaFailure(column="newer", rule="the column is not in the schema", rows=None) in failures
    )
    assert SchemaFailure(column="sex", rule="the column is missing", rows=None) in failures
    assert any(f.column == "age" and f.rule.startswith("dtype('int64')") for f in failures)


def test_repeated_values_in_a_unique_column_are_counted() -> None:
    frame = pd.DataFrame({"age": [20, 20], "sex": ["f", "m"], "id": [1, 1]})
    assert apply_schema(SCHEMA, frame) == (
        SchemaFailure(column="id", rule="values must be unique", rows=2),
    )


def test_broken_rules_fail_in_one_result_with_the_largest_first() -> None:
    failures = (
        SchemaFailure(column="age", rule="in_range(18, 99)", rows=1_200),
        SchemaFailure(column=None, rule="no two rows may be equal", rows=None),
    )
    assert check_schema(asked(schema_failures=failures)) == CheckResult(
        id="data.schema",
        area=Area.DATA,
        outcome=Outcome.FAILED,
        column="age",
        rows=1_200,
        message="the data breaks its schema: 'age': in_range(18, 99) (1,200 rows); "
        "the table: no two rows may be equal",
        evidence={
            "failures": [
                {"column": "age", "rule": "in_range(18, 99)", "rows": 1_200},
                {"column": None, "rule": "no two rows may be equal", "rows": None},
            ]
        },
    )


def test_a_schema_that_could_not_be_applied_is_errored() -> None:
    result = check_schema(asked(schema_problem="no file 'schema.yml'"))
    assert result is not None
    assert (result.outcome, result.message) == (Outcome.ERRORED, "no file 'schema.yml'")


def test_without_a_schema_nothing_is_asked() -> None:
    assert check_schema(asked()) is None


def test_a_table_that_follows_its_schema_passes() -> None:
    result = check_schema(asked(schema_failures=()))
    assert result is not None
    assert result.outcome is Outcome.PASSED


def test_a_rule_that_the_schema_declares_as_a_warning_warns_and_keeps_no_value() -> None:
    """A warning of pandera is not a pass."""
    schema = pa.DataFrameSchema({"age": pa.Column(int, pa.Check.ge(0, raise_warning=True))})
    failures = apply_schema(schema, pd.DataFrame({"age": [-77, 3]}))
    result = check_schema(asked(schema_failures=failures))
    assert result is not None
    assert result.outcome is Outcome.WARNED
    assert "greater_than_or_equal_to(0)" in result.message
    assert "-77" not in result.message
