from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.report import Report
from mlci_action.rendering.plain import display_width
from mlci_action.rendering.terminal import render_terminal
from tests.builders import HOSTILE, by, check, report, row
from tests.sample_other_models import COSTS, ROBUSTNESS
from tests.sample_reports import SAMPLES, failing, fragile, unfair
from tests.unit.rendering.reports import reports


@pytest.mark.parametrize("name", SAMPLES)
def test_the_console_reads_as_reviewed(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"terminal/{name}.txt", render_terminal(SAMPLES[name](), report_path="mlci-report"))


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("name", SAMPLES)
def test_no_line_is_wider_than_the_console(name: str, width: int) -> None:
    shown = render_terminal(SAMPLES[name](), width=width, report_path="mlci-report")
    assert max(map(display_width, shown.splitlines())) <= width


@settings(max_examples=60)
@given(reports(), st.integers(0, 130))
def test_whatever_a_report_holds_fits_and_moves_no_cursor(made: Report, width: int) -> None:
    shown = render_terminal(made, width=width)
    assert shown.startswith("mlci: ")
    assert max(map(display_width, shown.split("\n"))) <= max(width, 40)
    assert all(char.isprintable() for char in shown.replace("\n", ""))


def test_a_long_metric_name_is_wrapped_and_not_cut() -> None:
    made = report(
        check(),
        rows=(
            row("mean_absolute_percentage_error", 0.1, 0.2),
            row("mean_absolute_percentage_error", 0.1, 0.2, slice_=by(region="central east")),
        ),
    )
    assert render_terminal(made).splitlines()[3:9] == [
        "Metric              Baseline Candidate  Change          95 % CI     n Verdict",
        "mean_absolute_        0.1000    0.2000 +0.1000 0.0012 to 0.0166 6,512 passed",
        "percentage_error",
        "  region=central      0.1000    0.2000 +0.1000 0.0012 to 0.0166 6,512 not failed",
        "  east",
        "",
    ]


def test_numbers_that_leave_no_room_for_columns_are_stacked() -> None:
    made = report(check(), rows=(row("log_loss", 412_345.6, 412_299.1, (-1_023.4, 960.2)),))
    assert render_terminal(made, width=60).splitlines()[3:6] == [
        "log_loss:",
        "  412,346 -> 412,299, -46 (95 % CI -1,023 to 960), n 6,512",
        "  passed",
    ]


def test_colors_are_added_and_change_nothing_else() -> None:
    plain = render_terminal(failing())
    colored = render_terminal(failing(), color=True)
    assert re.sub(r"\x1b\[\d+m", "", colored) == plain
    assert "\x1b[31mfail\x1b[0m" in colored
    assert "\x1b" not in plain


def test_only_the_worst_slices_of_a_metric_are_shown_and_the_rest_counted() -> None:
    rows = tuple(
        row(slice_=by(region=f"r{place}"), candidate=0.8 + place / 100) for place in range(7)
    )
    shown = render_terminal(report(check(), rows=(row(), *rows)))
    assert [f"region=r{place}" in shown for place in range(7)] == [True] * 4 + [False] * 3
    assert "3 more slice rows in the report" in shown.replace("\n", " ")


def test_at_most_three_regions_are_shown_each_in_one_sentence() -> None:
    made = unfair()
    assert made.comparison is not None
    region = made.comparison.behaviour.found_slices[0]
    many = tuple(replace(region, where=f"age > {place}") for place in range(5))
    behaviour = replace(made.comparison.behaviour, found_slices=many)
    shown = render_terminal(
        replace(made, comparison=replace(made.comparison, behaviour=behaviour)), width=120
    )
    assert [line for line in shown.splitlines() if line.startswith("weak region")] == [
        f"weak region: age > {place}: log_loss 0.3312 -> 0.4121, n 212, not judged"
        for place in range(3)
    ]


def test_changes_that_did_not_hold_show_their_numbers_and_the_others_their_names() -> None:
    shown = render_terminal(fragile())
    assert "\nnoise: 0.1 standard deviations, 7 columns; seed 0\n  roc_auc  " in shown
    assert "\npassed on changed rows: missing, invariant_to\n" in shown
    unjudged = replace(report(check()), robustness=ROBUSTNESS[-1:])
    assert "\ninvariant_to: sex: each of 2 values\n  violations" in render_terminal(unjudged)


def test_costs_stand_in_their_unit_with_the_slowest_below() -> None:
    lines = render_terminal(fragile()).splitlines()
    first = lines.index("Costs      Baseline Candidate Ratio      95 % CI   n Verdict")
    assert lines[first + 1 : first + 6] == [
        "latency     1.23 ms   2.09 ms  1.70 1.65 to 1.75 400 failed",
        "  p95       1.81 ms   2.87 ms",
        "model_size 0.012 MB  0.182 MB  14.9            -   1 passed",
        "memory            -    212 MB     -            -   1 warned",
        "memory: the baseline was not loaded",
    ]
    unjudged = render_terminal(replace(report(check()), costs=COSTS))
    assert "Costs      Baseline Candidate Ratio      95 % CI   n\n" in unjudged


def test_a_narrow_console_has_changes_and_costs_below_their_names() -> None:
    shown = render_terminal(fragile(), width=50)
    assert (
        "\n  flips:\n    0.011 -> 0.043, +0.033 (95 % CI 0.024 to\n    0.042), n 2,000\n" in shown
    )
    assert "\nmodel_size:\n  0.012 MB -> 0.182 MB, ratio 14.9, n 1\n  passed\n" in shown


def test_many_changes_are_counted() -> None:
    rows = tuple(replace(ROBUSTNESS[0], what=f"odd{place}") for place in range(9))
    shown = render_terminal(replace(report(check()), robustness=rows))
    assert [f"odd{place}:" in shown for place in range(9)] == [True] * 6 + [False] * 3
    assert "\nand 3 more changes in the report\n" in shown


def test_long_lists_are_cut_and_counted() -> None:
    made = report(
        *(check(f"budget.bad{place}", Outcome.FAILED, f"bad {place}") for place in range(15)),
        *(check(f"budget.odd{place}", Outcome.WARNED, f"odd {place}") for place in range(25)),
    )
    shown = render_terminal(made)
    assert "  and 5 more reasons\n" in shown
    assert "  and 10 more in the report\n" in shown


def test_foreign_text_starts_no_line() -> None:
    """A workflow command is one only at the beginning of a line."""
    shown = render_terminal(
        report(
            check("data.missing", Outcome.FAILED, "\n" + HOSTILE),
            rows=(row(slice_=by(a=HOSTILE)), row(slice_=by(a="::error::x" * 9))),
        )
    )
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


def test_the_same_bytes_and_the_baseline_are_named() -> None:
    shown = render_terminal(replace(SAMPLES["unchanged"](), checks=())).replace("\n", " ")
    assert "baseline: git:base:models/model.joblib, the candidate's own bytes" in shown
    assert "not taken as baseline: models/best-*.joblib (no file matches)" in shown
