"""The settings page has every key of the schema, and its example is a valid file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlci_action.checks import CHECKS, REFERENCE, SCHEMA, TABLE
from mlci_action.domain.metrics import FAIRNESS_METRICS, METRICS, SHORT_FORMS
from mlci_action.settings.parse import parse_settings
from mlci_action.settings.schema import json_schema

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def keys(schema: object) -> Iterator[str]:
    """All property names, at every depth."""
    if isinstance(schema, Mapping):
        properties: Mapping[str, Any] = schema.get("properties", {})
        yield from properties
        for part in schema.values():
            yield from keys(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys(part)


def test_every_key_stands_on_the_page() -> None:
    words = set(re.findall(r"\w+", PAGE))
    named = {key for key in keys(json_schema()) if not key.startswith("neg_")}
    # An average is written once, as `_macro`, for all metrics that have it.
    families = {
        name
        for name in METRICS
        if {name.rpartition("_")[0], f"_{name.rpartition('_')[2]}"} <= words
    }
    assert named - families - words == set()
    assert {*METRICS, *FAIRNESS_METRICS, *SHORT_FORMS} <= words | families


def test_every_metric_on_the_page_is_one() -> None:
    table, short = PAGE.split("| target |")[1].split("\n\n")[:2]
    names = {
        name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[3])
    }
    assert names - set(METRICS) == {"_macro", "_micro", "_weighted"}
    assert set(re.findall(r"`(\w+)`", short)) == set(SHORT_FORMS)


def test_the_example_of_the_page_is_a_valid_file() -> None:
    example = PAGE.split("```yaml\n")[1].split("```")[0]
    settings = parse_settings(example, path="mlci.yml")
    assert settings.slices is not None
    assert settings.fairness is not None
    assert settings.flips is not None
    assert len(settings.metrics) == 9


def test_the_readmes_settings_are_a_valid_file() -> None:
    example = README.split("```yaml\n")[1].split("```")[0]
    assert parse_settings(example, path="mlci.yml").metrics[0].metric.name == "roc_auc"


def test_every_data_check_has_its_row_in_the_readme() -> None:
    table = README.split("<!-- checks -->")[1].split("<!-- /checks -->")[0]
    rows = set(re.findall(r"`(data\.[a-z_]+)`", table))
    assert {f"data.{check.name}" for check in CHECKS} | {REFERENCE, TABLE, SCHEMA} <= rows


def test_every_data_check_is_told_on_its_page() -> None:
    page = (ROOT / "docs" / "data-checks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE)
    assert rows == [check.name for check in CHECKS]
