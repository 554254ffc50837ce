from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mlci_action.rendering.facts import digest, listed, rows_scored, texts, told, versions
from tests.sample_reports import passing

FACTS: dict[str, object] = {
    "name": "mlci",
    "size": 12_204,
    "same": True,
    "other": False,
    "nan": math.nan,
    "list": ["a", 1, {"b": 2}],
    "inner": {"digest": "sha256:" + "5e" * 32, "numpy": "2.4.6", "attrs": "26.1"},
}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("name",), "mlci"),
        (("size",), "12,204"),
        (("same",), "yes"),
        (("other",), "no"),
        (("nan",), ""),
        (("list",), ""),
        (("missing",), ""),
        (("name", "deeper"), ""),
        (("inner", "numpy"), "2.4.6"),
    ],
)
def test_a_fact_is_text_whatever_its_shape(path: tuple[str, ...], text: str) -> None:
    assert told(FACTS, *path) == text


def test_lists_hold_what_is_asked_for_and_nothing_else() -> None:
    assert texts(FACTS, "list") == ["a"]
    assert listed(FACTS, "list") == [{"b": 2}]
    assert texts(FACTS, "name") == []
    assert listed(FACTS, "missing") == []


def test_versions_are_sorted_and_digests_shortened() -> None:
    assert versions(FACTS, "inner")[:1] == ["attrs 26.1"]
    assert versions(FACTS, "name") == []
    assert digest(FACTS, "inner", "digest") == "sha256:5e5e5e5e5e5e"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "755 rows scored"),
        ({"unlabelled": 0}, "755 rows scored"),
        ({"unlabelled": "@all"}, "755 rows scored"),
        ({"unlabelled": 145}, "755 rows scored (145 more have no label)"),
    ],
)
def test_rows_without_a_label_are_told_beside_those_with_one(
    data: dict[str, object], said: str
) -> None:
    assert rows_scored(replace(passing(), data=data), 755) == said
