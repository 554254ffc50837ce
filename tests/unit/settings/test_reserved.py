"""Words that are known but not acted on are refused."""

from __future__ import annotations

import pytest

from mlci_action.settings.document import read_document
from mlci_action.settings.reserved import RESERVED, take_out_reserved
from tests.unit.settings.documents import document, problems

_NOT_USED = (
    "is not used by this version; remove it: a key without effect must not look as if it had one"
)


def test_a_key_without_effect_is_a_problem() -> None:
    assert problems(document("train: {command: make}")) == (f"5: train: {_NOT_USED}",)


@pytest.mark.parametrize("where", RESERVED, ids=".".join)
@pytest.mark.parametrize("value", ["1", "{a: b}", ""])
def test_every_reserved_word_is_taken_out_and_said(where: tuple[str, ...], value: str) -> None:
    opening = "".join("  " * depth + f"{key}:\n" for depth, key in enumerate(where[:-1]))
    last = "  " * (len(where) - 1) + f"{where[-1]}: {value}\n"
    found = read_document(opening + last)
    values, said = take_out_reserved(found)
    assert where[-1] not in str(values)
    assert said == (found.problem(where, RESERVED[where]),)
    assert said[0].line == len(where)


def test_the_same_word_elsewhere_is_not_reserved() -> None:
    found = read_document("data: {checks: {missing: {columns: {train: 0.5}}}}")
    assert take_out_reserved(found) == (found.values, ())
