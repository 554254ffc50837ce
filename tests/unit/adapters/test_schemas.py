"""What rules does the schema file hold? One that could not say no is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlci_action.adapters.schemas import is_python_object, load_yaml_schema
from mlci_action.errors import DatasetError

COLUMN = "columns:\n  age: {dtype: int64, checks: {in_range: {min_value: 0, max_value: 120}}}\n"


def refusal(tmp_path: Path, text: str) -> str:
    (tmp_path / "schema.yml").write_text(text)
    with pytest.raises(DatasetError) as caught:
        load_yaml_schema("schema.yml", tmp_path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_panderas_own_yaml_is_a_schema(tmp_path: Path) -> None:
    (tmp_path / "schema.yml").write_text(COLUMN)
    assert list(load_yaml_schema("schema.yml", tmp_path).columns) == ["age"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a mapping"),
        ("[1, 2]", "not a mapping"),
        (": x:", "not YAML"),
        ("schema_type: dataframe\n", "it has no rule, so it would always hold"),
        ("columns: {}\n", "it has no rule, so it would always hold"),
        ("columns:\n  age: {required: false, nullable: true}\n", "it has no rule"),
        (COLUMN + "drop_invalid_rows: true\n", "it would always hold"),
        ("columns:\n  age: {drop_invalid_rows: true}\n", "it would always hold"),
        ("colums:\n  age: {dtype: int64}\n", "did you mean 'columns'?"),
        ("columns:\n  age: {dtpe: int64}\n", "did you mean 'dtype'?"),
        ("columns: [age]\n", "`columns` is not a mapping"),
        ("columns:\n  age: {dtype: wholenumber}\n", "wholenumber"),
        ("columns:\n  age: {checks: {no_such_check: 1}}\n", "no_such_check"),
    ],
)
def test_a_schema_that_could_not_say_no_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """Pandera reads over words it does not know, and an empty schema holds for every table."""
    assert reason in refusal(tmp_path, text)


def test_a_missing_file_names_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text(COLUMN)
    with pytest.raises(DatasetError, match=r"did you mean 'schema.yaml'\?"):
        load_yaml_schema("schema.yml", tmp_path)


@pytest.mark.parametrize(
    ("schema", "is_object"),
    [
        ("schemas:Loans", True),
        ("pkg/schemas.py:Loans", True),
        ("schema.yml", False),
        ("C:\\s.yml", False),
    ],
)
def test_an_object_is_written_with_a_colon(schema: str, *, is_object: bool) -> None:
    assert is_python_object(schema) is is_object
