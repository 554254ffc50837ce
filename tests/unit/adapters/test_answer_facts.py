"""What the user's environment tells of itself is bounded, and only what is plain is kept."""

from __future__ import annotations

import pytest

from mlci_action.adapters.answer_facts import parameters_told, versions_told


@pytest.mark.parametrize("told", [None, [], "x", 3, [{"a": "b"}]])
def test_what_is_no_mapping_tells_nothing(told: object) -> None:
    assert versions_told(told) == {}
    assert parameters_told(told) == {}


def test_versions_are_texts_of_one_line() -> None:
    told = {"numpy": "1.26\n::error::x", "bad": 1, "worse": None, "a\nb": "x" * 10_000}
    found = versions_told(told)
    assert found["numpy"] == "1.26 ::error::x"
    assert set(found) == {"numpy", "a b"}
    assert len(found["a b"]) < 2_000
    assert len(versions_told({str(n): "1" for n in range(9_000)})) == 5_000


def test_parameters_are_plain_values_and_short_lists() -> None:
    told = {
        "a": 1,
        "b": None,
        "c": True,
        "d": "x\ny",
        "e": [1, "z"],
        "f": {"deep": 1},
        "g": [{"deep": 1}],
        "h": 10**400,
        "i": [1.5] * 100,
        "j": [[1]],
    }
    assert parameters_told(told) == {
        "a": 1,
        "b": None,
        "c": True,
        "d": "x y",
        "e": [1, "z"],
        "i": [1.5] * 20,
    }
    assert len(parameters_told({str(n): n for n in range(9_000)})) == 500
