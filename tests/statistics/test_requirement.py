"""The acceptance script: what it asks, and that it can say no."""

from __future__ import annotations

import pytest

from benchmarks import coverage
from benchmarks.coverage_cells import Traits, of_two_classes
from benchmarks.requirement import Line, table
from mlci_action.domain.metrics import METRICS


def _line(measured: float, *, sets: int = 2000, low: float | None = 0.93) -> Line:
    return Line(cell="cell", what="covers", measured=measured, sets=sets, low=low, high=0.97)


def test_at_the_stated_number_of_sets_a_bound_is_a_bound() -> None:
    assert _line(0.93).holds
    assert _line(0.97).holds
    assert not _line(0.9299).holds
    assert not _line(0.9701).holds
    assert not _line(float("nan")).holds


def test_fewer_sets_are_granted_their_own_noise_and_no_more() -> None:
    """Four standard errors of 200 sets are 7.2 points at 93 %, those of 2,000 are 2.3."""
    assert _line(0.882, sets=200).holds
    assert not _line(0.879, sets=200).holds
    none = Line(cell="cell", what="no interval", measured=0.005, sets=200, high=0)
    assert not none.holds


def test_what_does_not_hold_is_marked_and_what_is_only_shown_is_not() -> None:
    lines = [_line(0.95), _line(0.5), Line(cell="cell", what="shown", measured=0.5, sets=9)]
    assert [row.split()[0] for row in table(lines, only_broken=False).splitlines()] == [
        *("ok", "FAILS", "-")
    ]
    assert table(lines, only_broken=True).startswith("FAILS")


@pytest.mark.parametrize(
    ("name", "traits", "bounds"),
    [
        ("accuracy", Traits(positives=100, discordant=25), (0.93, 0.97)),
        ("accuracy", Traits(positives=100, discordant=24), (0.93, None)),
        ("recall", Traits(positives=100, discordant=40, of_positives=20), (0.93, None)),
        ("f1", Traits(positives=49, discordant=40), (None, None)),
        ("roc_auc", Traits(positives=500, changed=100), (0.93, 0.97)),
        ("roc_auc", Traits(positives=50, changed=50), (0.93, None)),
        ("roc_auc", Traits(positives=20, changed=20), (0.92, None)),
        ("log_loss", Traits(positives=19, changed=19), (None, None)),
        ("log_loss", Traits(positives=100, changed=19), (None, None)),
    ],
)
def test_rows_that_decide_set_the_bounds(
    name: str, traits: Traits, bounds: tuple[float | None, float | None]
) -> None:
    assert of_two_classes(METRICS[name], traits) == bounds


def test_every_cell_has_a_name_of_its_own_and_the_script_runs_those_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert coverage.main(["--sets", "100", "--cell", "at the margin"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("-- at the margin and beyond, ")
    assert "at -m, n=1000, 5% disagree" in said
    assert said.endswith("every bound holds\n")


def test_the_script_says_no(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage, "cells", lambda: {"bad": lambda sets: [_line(0.5, sets=sets)]})
    assert coverage.main(["--sets", "2000"]) == 1
    assert capsys.readouterr().out.endswith("1 figures are outside their bounds\n")
