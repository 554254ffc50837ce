from __future__ import annotations

import csv
import io
from dataclasses import replace

import pandas as pd

from mlci_action.domain.behaviour import FlippedRow
from mlci_action.rendering.flips_csv import MAX_ROWS, render_flips
from tests.builders import HOSTILE
from tests.sample_reports import passing


def flipped(row: int, baseline: str, candidate: str, id_: str | None = None) -> FlippedRow:
    return FlippedRow(row=row, id=id_, truth="yes", baseline=baseline, candidate=candidate)


def test_every_flipped_row_is_a_line_that_says_which_way() -> None:
    rows = (flipped(3, "yes", "no", "L-17"), flipped(41, "no", "yes"))
    assert render_flips(replace(passing(), flipped=rows)) == (
        '"row","id","truth","baseline","candidate","change"\n'
        '3,"L-17","yes","yes","no","negative"\n'
        '41,"","yes","no","yes","positive"\n'
    )


def test_there_is_no_file_without_a_flipped_row() -> None:
    assert not render_flips(passing())


def test_foreign_text_stays_in_its_cell() -> None:
    """Quotes, line ends and what UTF-8 cannot hold; a program that joins on ids needs the rest."""
    odd = flipped(1, 'a"b,c', HOSTILE, "=1+1\r\n\ud800")
    text = render_flips(replace(passing(), flipped=(odd,)))
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == [
        "1", "=1+1\r\n\N{REPLACEMENT CHARACTER}", "yes", 'a"b,c', HOSTILE, "positive",
    ]  # fmt: skip


def test_a_carriage_return_alone_begins_no_line() -> None:
    """An id could add a row of its own making for readers that take it for a line's end."""
    text = render_flips(replace(passing(), flipped=(flipped(1, "yes", "no", "a\r7,L-1"),)))
    assert pd.read_csv(io.StringIO(text))["id"].tolist() == ["a\r7,L-1"]


def test_the_file_ends_after_a_million_rows() -> None:
    rows = (flipped(1, "yes", "no"),) * (MAX_ROWS + 5)
    assert render_flips(replace(passing(), flipped=rows)).count("\n") == MAX_ROWS + 1
