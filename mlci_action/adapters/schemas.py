"""What rules does the schema file hold? pandera's own YAML, refused when it could not say no."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import yaml

from mlci_action.checks.context import SchemaFailure
from mlci_action.checks.schema import apply_schema
from mlci_action.domain.names import did_you_mean
from mlci_action.errors import DatasetError

_MAX_BYTES = 4 * 2**20
_IN_PYTHON = re.compile(r"^[A-Za-z_][\w./-]*:[A-Za-z_]\w*$")
_WHERE = "data.schema"
# pandera reads over words it does not know, and a schema whose rules are all misspelt holds always.
_TABLE_WORDS = frozenset(
    {
        *("schema_type", "version", "api", "dataframe_library", "name", "title", "description"),
        *("columns", "checks", "index", "multiindex", "dtype", "coerce", "strict", "ordered"),
        *("unique", "report_duplicates", "unique_column_names", "add_missing_columns"),
        *("drop_invalid_rows", "metadata"),
    }
)
_COLUMN_WORDS = frozenset(
    {
        *("name", "title", "description", "dtype", "nullable", "checks", "unique", "coerce"),
        *("required", "regex", "default", "report_duplicates", "drop_invalid_rows", "metadata"),
    }
)


def is_python_object(schema: str) -> bool:
    """Whether `schema` is written as `module:Object` (or `file.py:Object`), not as a path."""
    return _IN_PYTHON.match(schema) is not None


def load_yaml_schema(schema: str, folder: Path) -> pa.DataFrameSchema:
    """The schema in the file `schema`, relative to `folder`.

    DatasetError when there is no such file, when it is no pandera schema, has a word that pandera
    does not know, has no rule at all, or drops the rows that break one.
    """
    text = _text(schema, folder)
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _unusable(schema, "it is not YAML", error) from error
    _must_say_something(schema, content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pa.DataFrameSchema.from_yaml(text)
    except Exception as error:  # pandera raises whatever its parsing stumbles over
        raise _unusable(schema, f"{type(error).__name__}: {error}", error) from error


def check_yaml_schema(schema: str, folder: Path, frame: pd.DataFrame) -> tuple[SchemaFailure, ...]:
    """What of the schema in the file `schema` does not hold for `frame`; DatasetError as above."""
    loaded = load_yaml_schema(schema, folder)
    try:
        return apply_schema(loaded, frame)
    except Exception as error:  # pandera raises whatever a rule that does not fit stumbles over
        raise _unusable(schema, f"{type(error).__name__}: {error}", error) from error


def _text(schema: str, folder: Path) -> str:
    path = folder / schema
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        names = [near.name for near in folder.glob("*.y*ml")]
        hint = did_you_mean(schema, names) if names else "write one, or remove data.schema"
        raise DatasetError(f"{_WHERE}: cannot read {schema!r}", hint=hint) from error
    if len(text) > _MAX_BYTES:
        raise DatasetError(f"{_WHERE}: {schema!r} is larger than {_MAX_BYTES:,} bytes")
    return text


def _must_say_something(schema: str, content: object) -> None:
    if not isinstance(content, Mapping):
        raise _unusable(schema, "it is not a mapping")
    columns = content.get("columns") or {}
    if not isinstance(columns, Mapping) or not all(
        isinstance(c, Mapping) for c in columns.values()
    ):
        raise _unusable(schema, "`columns` is not a mapping of column names to their rules")
    _must_be_known(schema, content, _TABLE_WORDS)
    for rules in columns.values():
        _must_be_known(schema, rules, _COLUMN_WORDS)
    # An optional column of any content asks for nothing.
    asking = any(_asks(rules) for rules in columns.values()) or (columns and content.get("strict"))
    if not (asking or any(content.get(word) for word in ("checks", "index", "dtype", "unique"))):
        raise _unusable(schema, "it has no rule, so it would always hold")
    if any(part.get("drop_invalid_rows") for part in (content, *columns.values())):
        raise _unusable(
            schema, "`drop_invalid_rows` drops what breaks a rule, so it would always hold"
        )


def _asks(rules: Mapping[str, Any]) -> bool:
    optional = rules.get("required") is False and rules.get("nullable") is True
    return not optional or any(rules.get(word) for word in ("checks", "dtype", "unique"))


def _must_be_known(schema: str, rules: Mapping[str, Any], words: frozenset[str]) -> None:
    for word in rules:
        if word not in words:
            raise _unusable(schema, f"unknown word {word!r}; {did_you_mean(str(word), words)}")


def _unusable(schema: str, reason: str, error: Exception | None = None) -> DatasetError:
    one_line = " ".join(reason.split())[:300]
    return DatasetError(
        f"{_WHERE}: {schema!r} is not a usable pandera schema: {one_line}",
        hint="it is the YAML that pandera's `schema.to_yaml()` writes" if error else "",
    )
