from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlci_action.rendering.markdown import code_span, escape_cell, folded, link, table
from mlci_action.rendering.plain import one_line
from tests.builders import HOSTILE
from tests.unit.rendering.gfm import ZERO_WIDTH, rendered

ATTACKS = (
    HOSTILE, "|", "\\", "\\|", "a\\|b", "`", "``a`", "*a* **b** _c_ __d__ ~~e~~", "x_", "_x",
    "a__b",    "@org/team a@b.com", "#12", "# head", "acme/credit#7", "GH-12", "https://evil.example",
    "www.evil.example", "www", "ftp://a.b", "mailto:a@b.c", "<a@b.co>", "<https://a.b>",
    "[x](https://evil.example)", "![x](y)", "[x]: y", "<script>alert(1)</script>", "</details>",
    "<!-- mlci:v1 -->", "-->", "&amp; &#64; &copy;", ":tada:", ":+1:", "::error::x", "##[error]x",
    "- item", "+ item", "1. item", "2) item", "---", "> quote", "- [ ] task", "$x$", "a\r\nb",
    "| a | b |\n|---|---|", "a\u2028b", "\x1b[31mred", "a\u202eb", "\u200b", "  ", "\ud800", "日本",
)  # fmt: skip
FOREIGN = st.one_of(
    st.text(max_size=40), st.lists(st.sampled_from(ATTACKS), max_size=4).map(" ".join)
) | st.text("|\\`*_~[]()<>@#:!&$-+1. wghttps/\n", max_size=24)


def as_text(text: str) -> str:
    return one_line(text)


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize("lead", ["- ", "### ", "- passed: ", ""])
def test_foreign_text_is_shown_as_it_is_and_does_nothing(text: str, lead: str) -> None:
    """No link, no tag, no emphasis, no second block."""
    page = rendered(lead + escape_cell(text) + " end")
    assert page.inlines == ((lead.lstrip("-# ") + as_text(text) + " end").lstrip(),)
    assert not page.links
    assert not page.html
    assert not page.kinds & {"em_open", "strong_open", "s_open", "code_inline", "image", "hr"}


@given(FOREIGN)
@example("a|b\\")
def test_a_cell_stays_one_cell_with_exactly_its_text(text: str) -> None:
    """The neighbour is still the neighbour, and nothing but text is in the cell."""
    page = rendered(table(["left", "right"], [[escape_cell(text), "end"]], ["left", "left"]))
    assert page.inlines == ("left", "right", as_text(text), "end")
    assert not page.links
    assert page.kinds <= {
        "table_open", "thead_open", "tr_open", "th_open", "inline", "text", "text_special",
        "th_close", "tr_close", "thead_close", "tbody_open", "td_open", "td_close", "tbody_close",
        "table_close",
    }  # fmt: skip


@given(FOREIGN)
@example("a\\|b")
@example("::")
def test_a_name_as_code_keeps_its_cell_and_its_text(text: str) -> None:
    """Backticks or a code tag: either way the tag is ours and the text is the name."""
    page = rendered(table(["left", "right"], [[code_span(text), "end"]], ["left", "left"]))
    shown = one_line(text, 120)
    assert page.inlines[2:] == (shown or "\N{NO-BREAK SPACE}", "end")
    assert not page.links
    assert page.html in ((), ("<code>", "</code>"))


@given(FOREIGN)
def test_nothing_that_github_looks_for_afterwards_is_left(text: str) -> None:
    """GitHub searches the rendered text, where an entity is a plain character again."""
    shown = escape_cell(text).replace("&#8203;", ZERO_WIDTH)
    for char, entity in (("@", "@"), ("#", "&#35;")):
        assert shown.count(entity) == shown.count(entity + ZERO_WIDTH), char
    assert "://" not in escape_cell(text)
    for raw in ("::", "##[", "<!--"):
        assert raw not in escape_cell(text)
        assert raw not in code_span(text)


def test_a_hostile_name_is_harmless_to_the_letter() -> None:
    """The sample that every output has to stand."""
    assert escape_cell(HOSTILE) == (
        "a&#124;b :&#8203;:&#8203;error:&#8203;:@&#8203;team &lt;script&gt;"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("roc_auc", "roc_auc"),
        ("mlci.yml:7: unknown key", "mlci.yml:7: unknown key"),
        ("-0.03 to 0.01", "-0.03 to 0.01"),
        ("0.8 is the limit", "0.8 is the limit"),
    ],
)
def test_harmless_text_stays_readable_in_the_source(text: str, expected: str) -> None:
    """E-mails and diffs show the source."""
    assert escape_cell(text) == expected


def test_long_text_is_cut_and_says_so() -> None:
    assert escape_cell("x" * 500, limit=5) == "xxxx…"


def test_plain_names_are_set_in_backticks_and_others_in_a_tag() -> None:
    assert code_span("sex=female") == "`sex=female`"
    assert code_span("age >= 60") == "`age >= 60`"
    assert code_span("a|b") == "<code>a&#124;b</code>"
    assert code_span("<b>") == "<code>&lt;b&gt;</code>"
    assert code_span("::error::x") == "<code>:&#8203;:&#8203;error:&#8203;:x</code>"


def test_only_a_plain_web_address_becomes_a_link() -> None:
    """A caller's address with a bracket or a script scheme stays text."""
    address = "https://ghe.example:8443/acme/credit/actions/runs/1/attempts/2?pr=3"
    assert link("run", address) == f"[run]({address})"
    assert link("run", "javascript:alert(1)") == "run"
    assert link("run", "https://a.b/) [x](https://evil.example") == "run"
    assert link("run", "https://a.b/\n# x") == "run"


def test_a_folded_section_is_closed() -> None:
    assert folded("title", "body") == ("<details><summary>title</summary>\n\nbody\n\n</details>")
