"""How does foreign text enter GitHub's Markdown without becoming anything but text?

The one place that escapes for comment and summary. Markdown's own characters become entities; what
GitHub looks for after rendering (mentions, issue numbers, addresses, emoji codes) is broken by a
zero-width space, because an entity is a plain character again by then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tabulate import tabulate

from mlci_action.rendering.plain import one_line

NBSP = "\N{NO-BREAK SPACE}"  # a number is not read across two lines
_BREAK = "&#8203;"
_SPECIAL = re.compile(
    r"[\\`*|\[\]~$&<>@#]"
    # An underscore between two ASCII letters or digits never starts emphasis: names stay readable.
    r"|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
    # Addresses, workflow commands and emoji codes, but not the line numbers of `mlci.yml:7:`.
    r"|:(?=//|:|(?!\d{1,2}:)[\w+-]+:)"
    r"|(?<![A-Za-z0-9])(?:www(?=\.)|gh-(?=\d))"
    # At the beginning of a list item these would start another list or a rule.
    r"|^[-+](?=[\s-]|$)|^\d{1,9}[.)](?=\s|$)",
    re.IGNORECASE,
)
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# None of these means anything inside a code span, nor to whoever reads the raw text line by line.
_PLAIN_CODE = re.compile(r"(?!.*::)(?:[\w .,:;=/+*()%'\"!?@#~^{}>-]|<(?=[ =\d]))+")
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~/?=&%+-]*)?")


def escape_cell(text: str, limit: int = 400) -> str:
    """`text` as text in a cell, a list item or a heading, at most `limit` characters shown."""
    return _SPECIAL.sub(_harmless, one_line(text, limit))


def code_span(text: str, limit: int = 120) -> str:
    """A name, set as code. Backticks where they will do: in a table they cannot hold every text."""
    shown = one_line(text, limit)
    if _PLAIN_CODE.fullmatch(shown):
        return f"`{shown}`"
    return f"<code>{escape_cell(text, limit) or '&nbsp;'}</code>"


def link(text: str, url: str) -> str:
    """A link that the caller vouches for; a bare text when `url` is not a plain web address."""
    return f"[{text}]({url})" if _URL.fullmatch(url) else text


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], align: Sequence[str]) -> str:
    """A table of cells that are already escaped; `align` is `left` or `right` for each column."""
    # tabulate's `github` format leaves the alignment out; `pipe` is the same with it.
    return tabulate(rows, headers=headers, tablefmt="pipe", colalign=align, disable_numparse=True)


def bullets(items: Sequence[str], most: int, what: str, *, total: int | None = None) -> str:
    """The first `most` items as a list, and how many of `what` are left out of a total."""
    left_out = (len(items) if total is None else total) - len(items[:most])
    more = [f"{left_out:,} {what} in report.json"] if left_out else []
    return "\n".join(f"- {item}" for item in [*items[:most], *more])


def folded(title: str, body: str) -> str:
    """A section behind its title; `title` and `body` are already escaped."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _harmless(match: re.Match[str]) -> str:
    found = match[0]
    if found in _NAMED:
        return _NAMED[found]
    if found[0] in "@:wWgG":
        return found + _BREAK
    entity = f"{found[:-1]}&#{ord(found[-1])};"
    return entity + _BREAK if found == "#" else entity
