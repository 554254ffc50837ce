"""Plain names are the same on every system; others never get into a bundle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.bundle_names import RESERVED, is_plain_path, name_in_bundle


@pytest.mark.parametrize("path", ["model.joblib", "model/data/model.pkl", "a b", "...x", "ü.bin"])
def test_relative_names_are_plain(path: str) -> None:
    assert is_plain_path(path)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/passwd", "../x", "a/../b", "a/..", ".", "..", "a//b", "a/", "./a"),
        *("a\\b", "C:", "C:/x", "a\nb", "a\n", "a\0", "a\x7f", "x" * 1001, "a?", 'a"', "a|b"),
    ],
)
def test_what_could_lead_elsewhere_is_not(path: str) -> None:
    assert not is_plain_path(path)


@pytest.mark.parametrize("name", ["model.joblib", "modèle v2.pkl", "my_model"])
def test_a_model_mostly_keeps_its_name(name: str) -> None:
    assert name_in_bundle(name) == name


@given(st.text())
def test_any_name_becomes_a_plain_one_that_is_no_other_files(name: str) -> None:
    made = name_in_bundle(name)
    assert is_plain_path(made)
    assert "/" not in made
    assert made.casefold() not in RESERVED
    assert name_in_bundle(made) == made


@pytest.mark.parametrize("name", [*RESERVED, "Manifest.JSON", ".hidden", "..", "a:b"])
def test_names_that_mean_something_else_are_changed(name: str) -> None:
    assert name_in_bundle(name) != name
