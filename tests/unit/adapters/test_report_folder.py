from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlci_action.adapters.report_folder import (
    digest_of,
    forget_report,
    read_report_text,
    write_report,
)
from mlci_action.domain.behaviour import FlippedRow
from mlci_action.errors import MlciError
from mlci_action.rendering.sarif import render_sarif
from tests.sample_reports import bad_data, passing, unfair

FLIPPED = FlippedRow(row=3, id="L-17", truth="yes", baseline="yes", candidate="no")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_flipped_rows_have_a_file_of_their_own_which_the_summary_names(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    digest = write_report(replace(unfair(), flipped=(FLIPPED,)), folder)
    assert names(folder) == {
        ".gitignore", "report.json", "comment.md", "summary.md", "report.sarif", "flips.csv",
    }  # fmt: skip
    flips = (folder / "flips.csv").read_text().splitlines()
    assert flips[1] == '3,"L-17","yes","yes","no","negative"'
    assert "`flips.csv`" in (folder / "summary.md").read_text()
    assert digest == digest_of(read_report_text(folder))
    for name in ("report.json", "comment.md", "summary.md", "report.sarif"):
        assert "L-17" not in (folder / name).read_text()


def test_the_profile_of_the_data_is_written_as_it_is(tmp_path: Path) -> None:
    write_report(replace(passing(), profile='{"version": 1}\n'), tmp_path)
    assert (tmp_path / "profile.json").read_bytes() == b'{"version": 1}\n'


def test_what_is_wrong_has_a_file_for_code_scanning(tmp_path: Path) -> None:
    write_report(bad_data(), tmp_path)
    assert (tmp_path / "report.sarif").read_text(encoding="utf-8") == render_sarif(bad_data())


def test_an_earlier_runs_rows_and_profile_never_stay_beside_a_later_report(tmp_path: Path) -> None:
    write_report(replace(unfair(), flipped=(FLIPPED,), profile="{}\n"), tmp_path)
    write_report(passing(), tmp_path)
    assert names(tmp_path) == {"report.json", "comment.md", "summary.md", "report.sarif"}


def test_a_forgotten_report_leaves_neither_verdict_nor_rows(tmp_path: Path) -> None:
    write_report(replace(unfair(), flipped=(FLIPPED,), profile="{}\n"), tmp_path)
    forget_report(tmp_path)
    assert names(tmp_path) == {"comment.md", "summary.md"}
    forget_report(tmp_path)
    forget_report(tmp_path / "comment.md")
    forget_report(tmp_path / "nowhere")


def test_rows_that_cannot_be_taken_away_are_an_error_and_the_verdict_is_gone(
    tmp_path: Path,
) -> None:
    """Whatever fails after it, an earlier report.json is the first thing that goes."""
    write_report(passing(), tmp_path)
    (tmp_path / "flips.csv").mkdir()
    with pytest.raises(MlciError, match="cannot remove the earlier report") as caught:
        forget_report(tmp_path)
    assert caught.value.hint == "choose another folder with --output"
    assert names(tmp_path) == {"comment.md", "summary.md", "report.sarif", "flips.csv"}


def test_rows_that_cannot_be_written_leave_no_report(tmp_path: Path) -> None:
    """Whoever finds report.json finds the rows too: they are written before it."""
    (tmp_path / "flips.csv").mkdir()
    with pytest.raises(MlciError, match="cannot write the report"):
        write_report(replace(unfair(), flipped=(FLIPPED,)), tmp_path)
    assert names(tmp_path) == {"flips.csv"}
