"""What does GitHub's Markdown make of a text? Its visible text, links and tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

ZERO_WIDTH = "\N{ZERO WIDTH SPACE}"
_LINKED = re.compile(r"://|^www\.|@", re.IGNORECASE)
_PARSER = MarkdownIt("gfm-like", {"html": True})


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """The inline contents in order, and every token's type."""

    inlines: tuple[str, ...]
    kinds: frozenset[str]
    links: tuple[str, ...]
    html: tuple[str, ...]
    marks: int


def rendered(markdown: str) -> Rendered:
    """`markdown` as a reader sees it; `marks` counts the zero-width spaces that break links."""
    tokens = list(_walk(_PARSER.parse(markdown)))
    inlines = tuple(_text(token) for token in tokens if token.type == "inline")
    return Rendered(
        inlines=tuple(text.replace(ZERO_WIDTH, "") for text in inlines),
        kinds=frozenset(token.type for token in tokens),
        links=tuple(_links(tokens)),
        html=tuple(t.content for t in tokens if t.type in {"html_inline", "html_block"}),
        marks=sum(text.count(ZERO_WIDTH) for text in inlines),
    )


def _links(tokens: list[Token]) -> Iterator[str]:
    """Where links lead. This parser also links bare names of hosts, which GitHub does not."""
    for token, following in pairwise(tokens):
        if token.type != "link_open":
            continue
        if token.markup == "linkify" and not _LINKED.search(following.content):
            continue
        yield str(token.attrs["href"])


def _walk(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _walk(token.children or [])


def _text(inline: Token) -> str:
    return "".join(
        child.content
        for child in inline.children or []
        if child.type in {"text", "text_special", "code_inline"}
    )
