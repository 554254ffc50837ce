"""Nearest names, and names as parts of ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.names import did_you_mean, id_part, nearest


def test_the_nearest_name_is_found() -> None:
    assert nearest("Max_Regresion", ["min", "max", "max_regression"]) == "max_regression"


def test_what_comes_near_to_nothing_has_no_nearest() -> None:
    assert nearest("zzz", ["min", "max"]) is None


def test_a_hint_names_one_or_all() -> None:
    assert did_you_mean("mxa", ["min", "max"]) == "did you mean 'max'?"
    assert did_you_mean("zzz", ["min", "max"]) == "valid are: max, min"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Female", "female"),
        ("age >= 60", "age_>=_60"),
        ("a, b", "a_b"),
        ("x\n::error::y", "x_error_y"),
        ("", "_"),
        ("€", "_"),
        ("  ", "_"),
    ],
)
def test_an_id_part_is_lower_case_and_plain(text: str, part: str) -> None:
    assert id_part(text) == part


@given(st.text())
def test_any_text_makes_a_part_without_spaces_commas_and_commands(text: str) -> None:
    part = id_part(text)
    assert 1 <= len(part) <= 120
    assert part == part.lower()
    assert not set(part) & set(" ,\t\r\n:`@#%\"'\\")
    assert part.isprintable()
