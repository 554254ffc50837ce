"""A schema that is a Python object is asked in the user's interpreter, and may not always hold."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pandas as pd
import pytest

from mlci_action.adapters.interpreters import Interpreter
from mlci_action.adapters.worker_process import WorkerSetup
from mlci_action.adapters.worker_questions import apply_python_schema
from mlci_action.checks.context import SchemaFailure
from mlci_action.errors import ModelError

HERE = Interpreter(path=Path(sys.executable), reason="", version=platform.python_version())
FRAME = pd.DataFrame({"age": [20, 7, 8], "start": [1, 5, 2], "end": [2, 4, 3]})
SCHEMAS = """
import pandera.pandas as pa

class Loans(pa.DataFrameModel):
    age: int = pa.Field(ge=18)

    @pa.dataframe_check(error="start before end")
    def in_order(cls, table):
        return table["start"] < table["end"]

OPEN = pa.DataFrameSchema({"age": pa.Column(int)})
FORGIVING = pa.DataFrameSchema({"age": pa.Column(int, pa.Check.ge(18))}, drop_invalid_rows=True)
NUMBER = 3
"""


def ask(folder: Path, schema: str, source: str = SCHEMAS) -> tuple[SchemaFailure, ...]:
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "schemas.py").write_text(source)
    setup = WorkerSetup(interpreter=HERE, working_directory=folder, environ=os.environ)
    return apply_python_schema(schema, FRAME, setup=setup, show_log=lambda _: None)


@pytest.mark.parametrize("schema", ["rules.schemas:Loans", "rules/schemas.py:Loans"])
def test_every_broken_rule_is_told_with_its_rows(tmp_path: Path, schema: str) -> None:
    """Custom checks too, which YAML cannot hold."""
    assert set(ask(tmp_path, schema)) == {
        SchemaFailure(column="age", rule="greater_than_or_equal_to(18)", rows=2),
        SchemaFailure(column=None, rule="start before end", rows=1),
    }


def test_a_schema_that_holds_has_no_failures(tmp_path: Path) -> None:
    assert ask(tmp_path, "rules.schemas:OPEN") == ()


@pytest.mark.parametrize(
    ("schema", "source", "reason"),
    [
        ("rules.schemas:Missing", SCHEMAS, "is not in 'rules.schemas'"),
        ("rules.schemas:NUMBER", SCHEMAS, "is not a pandera schema"),
        ("rules.schemas:FORGIVING", SCHEMAS, "drops the rows that break a rule"),
        ("rules.nothing:Loans", SCHEMAS, "cannot be imported from 'rules.nothing'"),
        ("rules/nothing.py:Loans", SCHEMAS, "cannot be imported from 'rules/nothing.py'"),
        ("rules.schemas:OPEN", "1 / 0", "ZeroDivisionError"),
        ("rules.schemas:OPEN", "import os; os._exit(0)", "'rules.schemas:OPEN'"),
        ("rules.schemas:OPEN", "raise SystemExit", "SystemExit"),
    ],
)
def test_what_cannot_say_no_is_an_error(
    tmp_path: Path, schema: str, source: str, reason: str
) -> None:
    with pytest.raises(ModelError) as caught:
        ask(tmp_path, schema, source)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "broken", ["3", "[3]", "[{'column': 3, 'rule': 'x', 'rows': 1, 'warns': False}]"]
)
def test_an_answer_that_is_none_is_refused(tmp_path: Path, broken: str) -> None:
    """Nothing in the worker's folder is trusted: the schema's own code may have written it."""
    source = f"""
import atexit, json, os, sys
class Schema:
    def validate(self, table, lazy):
        from pathlib import Path
        request = json.loads(Path(sys.argv[1]).read_text())
        target = Path(request["output"], "result.json")
        target.write_text(json.dumps({{"error": None, "broken": {broken}}}))
        os._exit(0)
OPEN = Schema()
"""
    with pytest.raises(ModelError, match="left an answer that cannot be read"):
        ask(tmp_path, "rules.schemas:OPEN", source)
