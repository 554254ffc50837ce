from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.behaviour import FoundSlice, Value
from mlci_action.domain.costs import CostRow
from mlci_action.domain.robustness import RobustnessRow
from mlci_action.rendering.figures import (
    NONE,
    RowFigures,
    cost_figures,
    found_figures,
    number,
    percents,
    robustness_figures,
    row_figures,
    side_by_side,
    with_interval,
)
from tests.builders import row


def figures(
    baseline: float | None, candidate: float | None, low: float, high: float
) -> tuple[str, ...]:
    found = row_figures(row("log_loss", baseline, candidate, (low, high)))
    return found.baseline, found.candidate, found.diff, found.interval


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (
            (0.8712, 0.8501, -0.0301, -0.0121),
            ("0.8712", "0.8501", "-0.0211", "-0.0301 to -0.0121"),
        ),
        ((1.0, 0.9, -0.2, -0.01), ("1.0000", "0.9000", "-0.1000", "-0.2000 to -0.0100")),
        ((5.2, 5.1, -0.2, 0.002), ("5.200", "5.100", "-0.100", "-0.200 to 0.002")),
        ((41_234.56, 41_200.1, -123.4, 60.2), ("41,235", "41,200", "-34", "-123 to 60")),
        (
            (0.99991, 0.99995, -0.00001, 0.00009),
            ("0.9999", "1.0000", "+0.000040", "-0.000010 to 0.000090"),
        ),
        ((0.5, 0.5, 0.0, 0.0), ("0.5000", "0.5000", "0.0000", "0.0000 to 0.0000")),
        ((3e12, 3.1e12, 1e10, 2e11), ("3e+12", "3.1e+12", "+1e+11", "1e+10 to 2e+11")),
        ((1e-7, 2e-7, 0.0, 3e-7), ("1e-07", "2e-07", "+1e-07", "0.0000000 to 3e-07")),
    ],
)
def test_scores_share_decimals_and_differences_keep_digits_that_count(
    scores: tuple[float, float, float, float], expected: tuple[str, ...]
) -> None:
    assert figures(*scores) == expected


def test_numbers_that_do_not_exist_are_a_dash() -> None:
    """Half an interval is none."""
    assert row_figures(row(baseline=None, interval=None)) == RowFigures(
        baseline="-", candidate="0.8801", diff="-", interval="-", n="6,512"
    )
    assert figures(math.nan, math.inf, 0.1, math.nan) == ("-", "-", "-", "-")


@given(st.floats(), st.floats(), st.floats(), st.floats())
def test_any_number_can_be_shown_with_an_ascii_sign_and_no_nan(
    baseline: float, candidate: float, low: float, high: float
) -> None:
    shown = figures(baseline, candidate, low, high)
    for text in shown:
        assert text.isascii()
        assert "nan" not in text
        assert "inf" not in text
    assert shown[2] == "-" or not (shown[2][0] in "+-" and not shown[2].strip("+-0.,"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (math.nan, "-"),
        (-math.inf, "-"),
        (0, "0"),
        (-0.0, "0"),
        (50.0, "50"),
        (1_234_567, "1,234,567"),
        (0.01, "0.01"),
        (0.0123456, "0.01235"),
        (12.34567, "12.35"),
        (1e-8, "1e-08"),
        (2e9, "2e+09"),
    ],
)
def test_a_number_on_its_own_has_the_digits_it_needs(value: float | None, text: str) -> None:
    assert number(value) == text


def test_a_region_that_was_found_is_shown_as_a_row_is() -> None:
    change = Value(value=0.0809, low=0.0312, high=0.1306)
    found = FoundSlice(
        where="a > 1", n=1212, loss="log_loss", baseline=0.3312, candidate=0.4121, diff=change
    )
    assert found_figures(found) == row_figures(
        row("log_loss", 0.3312, 0.4121, (0.0312, 0.1306), n=1212)
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Value(value=0.97, low=0.9, high=1.05), "0.97 (0.90 to 1.05)"),
        (Value(value=0.0121, low=0.004, high=0.02), "0.012 (0.004 to 0.020)"),
        (Value(value=-0.0021, low=-0.005, high=0.001), "-0.00210 (-0.00500 to 0.00100)"),
        (Value(value=41_234.6, low=40_000.0, high=42_000.0), "41,235 (40,000 to 42,000)"),
        (Value(value=0.5, low=None, high=0.6), "0.500"),
        (Value(value=0.5, low=0.4, high=math.nan), "0.500"),
        (Value(value=None, low=0.4, high=0.6), "-"),
    ],
)
def test_a_number_shares_its_decimals_with_its_interval(value: Value, text: str) -> None:
    assert with_interval(value) == text


def test_numbers_side_by_side_share_their_decimals() -> None:
    assert side_by_side(0.005, 0.0123) == ("0.005", "0.012")
    assert side_by_side(None, 41_234.6) == ("-", "41,235")
    assert percents(0.00184, None, 0.0032) == ("0.18", "-", "0.32")
    assert percents(1.0, 0.0) == ("100", "0")


def test_what_is_lost_on_changed_rows_stands_at_one_number_of_decimals() -> None:
    row = RobustnessRow(
        what="noise",
        detail="",
        measure="root_mean_squared_error",
        n=2000,
        baseline=Value(value=3.12),
        candidate=Value(value=41.56, low=30.2, high=52.9),
        rise=Value(value=38.44, low=27.0, high=49.9),
    )
    shown = robustness_figures(row)
    assert (shown.baseline, shown.candidate, shown.diff) == ("3", "42", "+38")
    assert (shown.interval, shown.n) == ("27 to 50", "2,000")
    alone = robustness_figures(replace(row, baseline=None, rise=None))
    assert (alone.baseline, alone.diff, alone.interval) == (NONE, NONE, "30 to 53")


def test_costs_stand_at_one_number_of_decimals_and_their_ratio_at_its_own() -> None:
    row = CostRow(
        measure="latency",
        unit="ms",
        n=50,
        baseline=0.512,
        candidate=12.34,
        candidate_p95=112.5,
        ratio=Value(value=24.1, low=math.nan, high=25.0),
    )
    shown = cost_figures(row)
    assert (shown.baseline, shown.candidate, shown.baseline_p95, shown.candidate_p95) == (
        "1", "12", NONE, "112",
    )  # fmt: skip
    assert (shown.ratio, shown.interval, shown.n) == ("24.1", NONE, "50")
