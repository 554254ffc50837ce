"""Which rows changed sides? The one file that names them; no comment and no report.json does."""

from __future__ import annotations

import csv
import io

from mlci_action.domain.behaviour import FlippedRow
from mlci_action.domain.report import Report
from mlci_action.rendering.plain import storable

FLIPS = "flips.csv"
MAX_ROWS = 1_000_000
_COLUMNS = ("row", "id", "truth", "baseline", "candidate", "change")


def render_flips(report: Report) -> str:
    """A line for each of `Report.flipped`, the first 1,000,000; empty when there is none.

    `change` is `negative` where the baseline is right and `positive` where the candidate is. The
    texts stand as they are in the data, so that the lines can be joined with it: a spreadsheet may
    take one for a formula. `row` counts the rows of the data from 1.
    """
    if not report.flipped:
        return ""
    text = io.StringIO()
    # Every text is quoted: a lone carriage return, which ends a line for most readers, is not else.
    lines = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    lines.writerow(_COLUMNS)
    lines.writerows(map(_cells, report.flipped[:MAX_ROWS]))
    return storable(text.getvalue())


def _cells(row: FlippedRow) -> tuple[int | str | None, ...]:
    change = "negative" if row.baseline == row.truth else "positive"
    return row.row, row.id, row.truth, row.baseline, row.candidate, change
