"""What does a reviewer with one minute see? The pull request's comment."""

from __future__ import annotations

from mlci_action.domain.report import Report
from mlci_action.rendering.arrange import Room, arrange, first_that_fits
from mlci_action.rendering.markdown import folded

MAX_CHARACTERS = 60_000  # GitHub refuses 65,536; the marker and a later notice need room too

_ROOMS = (
    Room(rows=50, reasons=10, findings=8, checks=300, drift=20, slices=150, behaviour=50),
    Room(rows=50, reasons=10, findings=8, checks=60, drift=20, slices=30, behaviour=10),
    Room(rows=50, reasons=10, findings=8, checks=60, drift=10, slices=30, behaviour=3),
    Room(rows=50, reasons=10, findings=8, checks=10, drift=0, slices=5, behaviour=0),
    Room(rows=10, reasons=5, findings=4, checks=0, drift=0, slices=0, behaviour=0),
    Room(rows=0, reasons=0, findings=0, checks=0, drift=0, slices=0, behaviour=0),
)


def render_comment(report: Report, *, run_url: str | None = None, title: str = "mlci") -> str:
    """Markdown of at most 60,000 characters: the verdict in the first line, the details folded.

    `run_url` is linked, so the caller vouches for it. A long report loses items and then whole
    sections, so that nothing is left open at a cut.
    """
    return first_that_fits(
        (arrange(report, room, title=title, run_url=run_url, section=folded) for room in _ROOMS),
        fits=lambda text: len(text) <= MAX_CHARACTERS,
    )
