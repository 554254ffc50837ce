"""Which form does a text have?"""

from __future__ import annotations

import pytest

from mlci_action.checks.text_forms import (
    is_longer_number,
    is_unwritten,
    one_skeleton,
    readings,
    skeleton,
    traits_in,
)
from mlci_action.domain.shapes import shape_of


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("10:05 a.m.", "9:9 a.a."),
        ("2020-01-05", "9-9-9"),
        (" AB-12  cd ", "A-9 a"),
        ("1,234,567", "9,9"),
        ("a|b|c|d", "a|a"),
        ("Bern, Basel, Zug", "Aa, Aa"),
        ("", ""),
    ],
)
def test_a_skeleton_has_no_lengths(text: str, form: str) -> None:
    assert skeleton(shape_of(text)) == form


def test_one_skeleton_is_what_all_shapes_have_in_common() -> None:
    assert one_skeleton(["9:99", "99:99"]) == "9:9"
    assert one_skeleton(["9:99", "9.99"]) is None
    assert one_skeleton([]) is None


def test_a_longer_number_has_more_digits_and_all_else_the_same() -> None:
    assert is_longer_number("AA-9999", "AA-999")
    assert not is_longer_number("AA-99", "AA-999")
    assert not is_longer_number("AB-9999", "AA-999")
    assert not is_longer_number("9-999", "999")


def test_control_and_invisible_characters_are_not_written() -> None:
    assert all(map(is_unwritten, "\x00\x1f\u200b\ufeff\u00ad"))
    assert not any(map(is_unwritten, "\t\n a9é日\u2013"))


@pytest.mark.parametrize(
    ("text", "trait"),
    [
        ("a_b", "the character '_'"),
        ("Xyz", "the character 'x'"),
        ("R2D2", "digits inside a word"),
        ("a 1", "digits"),
        ("bern ", "spaces around it"),
        ("a  b", "two spaces in a row"),
        ("12-3", "no letters"),
        ("BERN", "capitals only"),
        ("bern", "no capitals"),
        ("Zürich", "letters beyond ASCII"),
        ("20 °", "unusual characters"),
        ("a\tb", "tabs, line ends or unbreakable spaces"),
        ("a\u00a0b", "tabs, line ends or unbreakable spaces"),
        ("a\x00b", "invisible characters"),
        ("abcd", "at most 4 characters"),
        ("abcde", "more than 4 characters"),
        ("a\nbcde", "more than 4 characters"),
    ],
)
def test_traits_are_found_and_not_where_they_are_not(text: str, trait: str) -> None:
    texts = readings([text, "Hi Jo, me go" if "character" not in trait else "Q" * len(text)])
    having = {one.name: one.of(texts) for one in traits_in(texts)}

    assert text in having[trait]
    assert "Hi Jo, me go" not in having[trait] or "than 4" in trait


def test_the_digest_at_the_end_of_a_long_text_is_not_read() -> None:
    [text] = readings(["ab " * 61 + "0123456789abcdef"])

    assert not text.plain.count("0")
    assert text.text.endswith("abcdef")
