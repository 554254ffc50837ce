"""What does the run's page show? The same as the comment, with everything unfolded."""

from __future__ import annotations

from mlci_action.domain.report import Report
from mlci_action.rendering.arrange import Room, arrange, first_that_fits
from mlci_action.rendering.behaviour_sections import flips_file

MAX_BYTES = 900 * 1024  # above one MiB the runner drops the whole summary

_ROOMS = (
    Room(
        rows=200, reasons=100, findings=200, checks=5_000, drift=20, slices=5_000, behaviour=1_000
    ),
    Room(rows=200, reasons=100, findings=100, checks=500, drift=20, slices=500, behaviour=100),
    Room(rows=50, reasons=10, findings=20, checks=50, drift=10, slices=50, behaviour=10),
)


def render_summary(report: Report, *, title: str = "mlci") -> str:
    """Markdown of at most 900 KiB for the step summary."""
    flips = flips_file(report)
    return first_that_fits(
        (
            arrange(report, room, title=title, section=_unfolded, flips_file=flips)
            for room in _ROOMS
        ),
        fits=lambda text: len(text.encode()) <= MAX_BYTES,
    )


def _unfolded(title: str, body: str) -> str:
    return f"#### {title}\n\n{body}"
