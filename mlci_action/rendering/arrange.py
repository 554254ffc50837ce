"""In which order do the parts of a report stand, and how much of each finds room?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mlci_action.domain.report import Report
from mlci_action.rendering import sections
from mlci_action.rendering.behaviour_sections import behaviour_details, flips_line
from mlci_action.rendering.cost_sections import costs_table, costs_title
from mlci_action.rendering.data_sections import drift_table, drift_title, findings_table
from mlci_action.rendering.facts import told
from mlci_action.rendering.markdown import code_span, escape_cell, link
from mlci_action.rendering.methods import methods
from mlci_action.rendering.moves_sections import moves_table, moves_title
from mlci_action.rendering.origins import commit, origins
from mlci_action.rendering.policy_sections import policy_note, policy_table, policy_title
from mlci_action.rendering.reasons import heading, reasons
from mlci_action.rendering.robustness_sections import robustness_table, robustness_title
from mlci_action.rendering.self_test_sections import self_test_line, self_test_warning
from mlci_action.rendering.waiver_sections import waivers_line, waivers_table, waivers_title

Section = Callable[[str, str], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """How many items each part may show. Without `checks` there are no details at all.

    `findings` counts what is wrong with the data, `drift` columns, `behaviour` regions, groups,
    ranges of scores, rows on changed data, and costs.
    """

    rows: int
    reasons: int
    findings: int
    checks: int
    drift: int
    slices: int
    behaviour: int


def arrange(
    report: Report,
    room: Room,
    *,
    title: str,
    section: Section,
    run_url: str | None = None,
    flips_file: str = "",
) -> str:
    """The Markdown of `report`: what decides first, everything else in sections below.

    `flips_file` says where the rows are that changed sides, where a reader can get at them.
    """
    head = [
        heading(report, title),
        self_test_warning(report),
        policy_note(report),
        reasons(report, room.reasons),
        findings_table(report, room.findings),
        sections.overall_table(report, room.rows),
        sections.context(report),
        sections.warnings(report),
        waivers_line(report),
        self_test_line(report),
        " ".join(part for part in (flips_line(report), flips_file) if part),
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
    behaviour = behaviour_details(report, room.behaviour)
    found = [
        (sections.slices_title(report), sections.slices_table(report, room.slices)),
        behaviour.get("regions"),
        behaviour.get("groups"),
        (robustness_title(report), robustness_table(report, room.behaviour)),
        (costs_title(report), costs_table(report, room.behaviour)),
        (moves_title(report), moves_table(report, room.behaviour)),
        (waivers_title(report), waivers_table(report, room.checks)),
        (policy_title(report), policy_table(report, room.checks)),
        (sections.checks_title(report), sections.checks_list(report, room.checks)),
        (drift_title(report), drift_table(report, room.drift)),
        behaviour.get("calibration"),
        behaviour.get("shift"),
        ("How the intervals were made", methods(report)),
        ("What was judged, by what", origins(report)),
    ]
    return [part for part in found if part]


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
