"""Shapes, dates and damage of many words at once are those of each word by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.shapes import shape_of
from mlci_action.profiles.text_forms import FAMILIES, NO_FAMILY, damaged, dates_of, shapes_of
from tests.unit.checks.profile_dates import day_of


@given(st.lists(st.text(max_size=70), min_size=1, max_size=20))
def test_shapes_are_those_of_the_definition(words: list[str]) -> None:
    words = [word.encode("utf-8", "ignore").decode() for word in words]
    found = shapes_of(words)
    assert [found.shapes[code] for code in found.codes] == [shape_of(word) for word in words]


@pytest.mark.parametrize(
    ("word", "shape"),
    [("AB 12-c", "AA 99-a"), ("", ""), ("Zoë", "Aaa"), ("x" * 80, "a" * 60), ("日本 7", "aa 9")],
)
def test_a_shape_tells_the_form_and_not_the_value(word: str, shape: str) -> None:
    assert shape_of(word) == shape


DATES = [
    *(
        "2024-02-29",
        "2023-02-29",
        "2024-13-01",
        "2024-1-5",
        "2207-01-01 10:00",
        "2024-01-05T10:00Z",
    ),
    *("5/1/2024", "31/12/99", "12/31/68", "31/31/2024", "5.1.2024", "31.12.99"),
    *("Jan 5, 2024", "January 5 2024", "5 Jan 2024", "5-Jan-2024", "5 Foo 2024", "Room 12, 2024"),
    *("apple", "123-456-7890", "2024", "", "12.5", "1.2.3.4"),
]


def test_dates_are_those_that_a_slow_reading_finds() -> None:
    found = dates_of(DATES, shapes_of(DATES))
    assert found is not None
    for word, family, days in zip(DATES, found.family, found.days, strict=True):
        expected = day_of(word)
        if expected is None:
            assert family == NO_FAMILY, word
        else:
            assert FAMILIES[family] == expected.family, word
            assert (None if days != days else days) == expected.days, word  # noqa: PLR0124 - NaN


def test_a_day_first_with_dashes_is_a_date_too() -> None:
    words = ["05-01-2024"]
    found = dates_of(words, shapes_of(words))
    assert found is not None
    assert FAMILIES[found.family[0]] == "dash"


def test_words_without_a_dates_form_have_none() -> None:
    words = ["a", "17 oz", ""]
    assert dates_of(words, shapes_of(words)) is None


def test_damage_is_what_a_wrong_encoding_leaves() -> None:
    words = ["Zoë", "ZoÃ«", "Zo\ufffd", "cafÃ©", "itâ€™s", "naïve", "plain", "Ãngel", "日本"]
    expected = [False, True, True, True, True, False, False, False, False]
    assert damaged(words).tolist() == expected
