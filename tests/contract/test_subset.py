"""The committed part of GitHub's description is whole, and small enough to read."""

from __future__ import annotations

import json

from tests.contract.make_subset import OPERATIONS, SUBSET, as_text, subset


def test_the_subset_of_the_subset_is_the_subset() -> None:
    """It holds all that it refers to, nothing else, and is written the same way every time."""
    text = SUBSET.read_text(encoding="utf-8")

    assert as_text(subset(json.loads(text))) == text
    assert len(text) < 400_000


def test_every_operation_has_its_answers() -> None:
    paths = json.loads(SUBSET.read_text(encoding="utf-8"))["paths"]

    assert {path: tuple(methods) for path, methods in paths.items()} == {
        path: tuple(sorted(methods)) for path, methods in OPERATIONS.items()
    }
    assert all(
        operation["responses"] for methods in paths.values() for operation in methods.values()
    )


def test_what_nothing_refers_to_is_left_out() -> None:
    document = json.loads(SUBSET.read_text(encoding="utf-8"))
    document["components"]["schemas"]["unused"] = {"type": "object"}
    document["paths"]["/zen"] = {"get": {}}

    assert as_text(subset(document)) == SUBSET.read_text(encoding="utf-8")
