"""In which order do the parts of a report stand, and how much of each finds room?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mlci_action.domain.report import Report
from mlci_action.rendering import sections
from mlci_action.rendering.facts import told
from mlci_action.rendering.markdown import code_span, escape_cell, link
from mlci_action.rendering.origins import commit, origins

Section = Callable[[str, str], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """How many items each part may show. Without `checks` there are no details at all."""

    rows: int
    reasons: int
    checks: int
    slices: int


def arrange(
    report: Report, room: Room, *, title: str, section: Section, run_url: str | None = None
) -> str:
    """The Markdown of `report`: what decides first, everything else in sections below."""
    head = [
        sections.heading(report, title),
        sections.reasons(report, room.reasons),
        sections.overall_table(report, room.rows),
        sections.context(report),
        sections.remedies(report),
    ]
    details = _details(report, room) if room.checks else []
    parts = [*head, *(section(name, body) for name, body in details if body)]
    return "\n\n".join(part for part in [*parts, _footer(report, run_url)] if part) + "\n"


def first_that_fits(texts: Iterable[str], *, fits: Callable[[str], bool]) -> str:
    """The first text that fits; the last when none does."""
    text = ""
    for text in texts:
        if fits(text):
            break
    return text


def _details(report: Report, room: Room) -> list[tuple[str, str]]:
    return [
        (sections.slices_title(report), sections.slices_table(report, room.slices)),
        (sections.checks_title(report), sections.checks_list(report, room.checks)),
        ("How the intervals were made", sections.methods(report)),
        ("What was judged, by what", origins(report)),
    ]


def _footer(report: Report, run_url: str | None) -> str:
    sha = commit(report)
    version = told(report.provenance, "tool", "version")
    said = [
        f"commit {code_span(sha[:12])}" if sha else "",
        link("the run, with summary and report", run_url) if run_url else "",
        f"mlci {escape_cell(version, 40)}" if version else "",
    ]
    line = ", ".join(part for part in said if part)
    return f"<sub>{line}</sub>" if line else ""
