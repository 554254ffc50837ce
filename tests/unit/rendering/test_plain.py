from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.rendering.plain import REPLACEMENT, display_width, one_line, wrapped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\n\tb\u2028c", "a b c"),
        ("\x1b[31mred", f"{REPLACEMENT}[31mred"),
        ("a\u202eb\u200bc", f"a{REPLACEMENT}b{REPLACEMENT}c"),
        ("\ud800", REPLACEMENT),
        ("größe 日本", "größe 日本"),
        (" ", ""),
    ],
)
def test_only_what_can_be_seen_is_left(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(st.text(), st.integers(1, 20))
def test_the_limit_holds_and_a_cut_is_visible(text: str, limit: int) -> None:
    shown = one_line(text, limit)
    assert len(shown) <= limit
    assert shown == one_line(text, 10_000) or shown.endswith("…")


def test_a_hostile_megabyte_is_cut() -> None:
    assert one_line("\n" * 10**6, 5) == "…"
    assert one_line("x" * 10**6, 5) == "xxxx…"


def test_wide_and_combining_characters_are_measured_as_terminals_do() -> None:
    assert [display_width(text) for text in ("ab", "日本", "e\u0301", "")] == [2, 4, 1, 0]


@given(st.text(st.sampled_from("ab_日\u0301 "), max_size=60), st.integers(2, 20))
def test_wrapped_lines_fit_and_nothing_but_space_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(display_width(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_lines_break_at_words_and_names_at_underscores() -> None:
    assert wrapped("the quick brown fox", 10) == ["the quick", "brown fox"]
    assert wrapped("mean_absolute_percentage_error", 15, after="_") == [
        "mean_absolute_",
        "percentage_",
        "error",
    ]
